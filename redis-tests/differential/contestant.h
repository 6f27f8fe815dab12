#pragma once

// One of the two servers: already running (a port) or ours to start, and to start again after it
// fell (a path).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis-tests/support/connection.h"
#include "support/server_process.h"
#include "torc/status.h"

namespace torc::differential {

class Contestant {
 public:
  // `where`: a port of 127.0.0.1, or the path of a server binary that is started with `args`.
  static StatusOr<Contestant> Open(std::string name, std::string_view where,
                                   std::vector<std::string> args);

  const std::string& name() const { return name_; }        // "ours", "peer"
  const std::string& version() const { return version_; }  // redis_version of INFO
  uint16_t port() const { return port_; }

  StatusOr<testing::Connection> Connect() const {
    return testing::Connection::Tcp("127.0.0.1", port_);
  }
  // Makes sure that a server of ours runs, starting it anew when it has ended.
  Status EnsureRunning();
  // If a server of ours has ended by itself: how, with the end of its log.
  std::optional<std::string> Crash();

 private:
  Contestant() = default;
  Status Start();

  std::string name_;
  std::string version_;
  uint16_t port_ = 0;
  std::string binary_;  // empty: not ours to start
  std::vector<std::string> args_;
  std::unique_ptr<testing::ServerProcess> process_;
};

}  // namespace torc::differential
