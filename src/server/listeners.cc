#include "server/listeners.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace torc {

StatusOr<std::vector<Listener>> Listeners::OpenTcp(const ServerOptions& options) {
  std::vector<Listener> opened;
  if (options.port == 0) return opened;
  std::vector<std::string> addresses = options.bind;
  if (addresses.empty()) addresses = {"*", "-::*"};
  for (const std::string& word : addresses) {
    const bool optional = StartsWith(word, "-");
    const std::string address = optional ? word.substr(1) : word;
    auto listener = Listener::Tcp(loop_, address, static_cast<uint16_t>(options.port),
                                  static_cast<int>(options.tcp_backlog), on_accept_);
    if (listener.ok()) {
      opened.push_back(std::move(listener).value());
      continue;
    }
    Log(LogLevel::kWarning, "Warning: Could not create server TCP listening socket %s:%d: %s",
        address.c_str(), static_cast<int>(options.port), listener.status().message().c_str());
    if (!optional) {
      return Status::IoError(
          Format("Failed listening on port %d (tcp), aborting.", static_cast<int>(options.port)));
    }
  }
  if (opened.empty()) {
    return Status::IoError(
        Format("Failed listening on port %d (tcp), aborting.", static_cast<int>(options.port)));
  }
  return opened;
}

Status Listeners::Open(const ServerOptions& options) {
  auto tcp = OpenTcp(options);
  if (!tcp.ok()) return tcp.status();
  if (!options.unix_socket.empty()) {
    std::optional<uint32_t> permissions;
    if (options.unix_socket_permissions != 0) {
      permissions = static_cast<uint32_t>(options.unix_socket_permissions);
    }
    auto listener = Listener::Unix(loop_, options.unix_socket, permissions,
                                   static_cast<int>(options.tcp_backlog), on_accept_);
    if (!listener.ok()) {
      return Status::IoError("Failed opening Unix socket: bind: " + listener.status().message());
    }
    unix_.push_back(std::move(listener).value());
  }
  tcp_ = std::move(tcp).value();
  if (tcp_.empty() && unix_.empty()) {
    return Status::InvalidArgument("Configured to not listen anywhere, exiting.");
  }
  return Status::Ok();
}

Status Listeners::ReopenTcp(const ServerOptions& options) {
  // The port may stay the same: the old sockets must be gone before the new ones can be bound.
  std::vector<Listener> old;
  old.swap(tcp_);
  old.clear();
  loop_->RunOnce(EventLoop::Wait::kDontWait);
  auto opened = OpenTcp(options);
  if (!opened.ok()) return opened.status();
  tcp_ = std::move(opened).value();
  return Status::Ok();
}

}  // namespace torc
