#pragma once

// Engine: Torc without sockets and threads, to embed. One thread uses it at a time.
//
//   auto engine = torc::Engine::Open({}, &clock, &entropy);
//   auto client = engine.value()->NewClient();
//   torc::Reply reply = client->Execute({"SET", "greeting", "hello"});
//   engine.value()->Tick();   // now and then: expiry and background work

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "torc/env.h"
#include "torc/options.h"
#include "torc/reply.h"
#include "torc/status.h"

namespace torc {

class Shard;

// A client of an embedded engine: a selected database, a name, a protocol. It must not outlive its
// engine.
class Client {
 public:
  virtual ~Client() = default;
  // Runs one command and answers its reply.
  virtual Reply Execute(std::span<const std::string_view> argv) = 0;
  Reply Execute(std::initializer_list<std::string_view> argv) {
    return Execute(std::span<const std::string_view>(argv.begin(), argv.size()));
  }
  // The same, as the bytes a connection would get.
  virtual std::string ExecuteToBytes(std::span<const std::string_view> argv) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // clock and entropy must outlive the engine.
  static StatusOr<std::unique_ptr<Engine>> Open(const Options& options, Clock* clock,
                                                Entropy* entropy);
  virtual std::unique_ptr<Client> NewClient() = 0;
  // Bounded background work: due keys leave, flushed memory is freed. Ten times a second is right.
  virtual void Tick() = 0;
  // The engine's inside, for the server and the tests.
  virtual Shard& shard() = 0;
};

}  // namespace torc
