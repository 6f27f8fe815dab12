#pragma once

// The sockets a server accepts on: each bind address, and the Unix socket.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "net/listener.h"
#include "server/server_options.h"
#include "torc/status.h"

namespace torc {

class Listeners {
 public:
  enum class Kind : uint8_t { kPlain, kTls };
  using OnAccept = std::function<void(Stream, Kind)>;
  Listeners(EventLoop* loop, OnAccept on_accept) : loop_(loop), on_accept_(std::move(on_accept)) {}

  // Opens all, or none and says why.
  Status Open(const ServerOptions& options, int64_t tls_port);
  // Replaces the TCP sockets by those that the options now ask for; on failure the old ones stay.
  Status ReopenTcp(const ServerOptions& options, int64_t tls_port);
  void Close() {
    tcp_.clear();
    unix_.clear();
  }

 private:
  // On every address of `bind`, at this port (0: nowhere), behind what is open.
  Status OpenTcp(const ServerOptions& options, int64_t port, Kind kind,
                 std::vector<Listener>* opened);
  StatusOr<std::vector<Listener>> OpenPorts(const ServerOptions& options, int64_t tls_port);

  EventLoop* loop_;
  OnAccept on_accept_;
  std::vector<Listener> tcp_;
  std::vector<Listener> unix_;
};

}  // namespace torc
