#pragma once

// The sockets a server accepts on: each bind address, and the Unix socket.

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
  using OnAccept = std::function<void(Stream)>;
  Listeners(EventLoop* loop, OnAccept on_accept) : loop_(loop), on_accept_(std::move(on_accept)) {}

  // Opens all, or none and says why.
  Status Open(const ServerOptions& options);
  // Replaces the TCP sockets by those that the options now ask for; on failure the old ones stay.
  Status ReopenTcp(const ServerOptions& options);
  void Close() {
    tcp_.clear();
    unix_.clear();
  }

 private:
  StatusOr<std::vector<Listener>> OpenTcp(const ServerOptions& options);

  EventLoop* loop_;
  OnAccept on_accept_;
  std::vector<Listener> tcp_;
  std::vector<Listener> unix_;
};

}  // namespace torc
