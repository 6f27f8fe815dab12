#pragma once

// A socket that accepts connections, on TCP or on a path.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/stream.h"
#include "torc/status.h"

namespace torc {

class Listener {
 public:
  // Called within RunOnce with each new connection, not attached, not reading. May destroy the
  // listener.
  using OnAccept = std::function<void(Stream)>;

  // `address` is an IPv4 or IPv6 address or a host name (its first address is taken); "*" is every
  // IPv4 and
  // "::*" every IPv6 address. IPv6 sockets do not take IPv4 clients, so both can be bound to one
  // port. Port 0 lets the system choose. `loop` must outlive the listener.
  static StatusOr<Listener> Tcp(EventLoop* loop, std::string_view address, uint16_t port,
                                int backlog, OnAccept on_accept);
  // Removes the socket that a dead server left at `path`; fails when a live one answers there, or
  // when something else than a socket is there. `permissions` as of chmod, or the umask's. The path
  // is removed at Close().
  static StatusOr<Listener> Unix(EventLoop* loop, const std::string& path,
                                 std::optional<uint32_t> permissions, int backlog,
                                 OnAccept on_accept);

  // The TCP port; 0 for a Unix socket.
  uint16_t port() const;
  bool open() const { return state_ != nullptr; }
  // Idempotent.
  void Close() { state_.reset(); }

 private:
  struct State;
  struct Closer {
    void operator()(State* state) const;
  };
  explicit Listener(State* state) : state_(state) {}

  std::unique_ptr<State, Closer> state_;  // freed by the loop once the handle is closed
};

}  // namespace torc
