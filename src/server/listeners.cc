#include "server/listeners.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace torc {

Status Listeners::OpenTcp(const ServerOptions& options, int64_t port, Kind kind,
                          std::vector<Listener>* opened) {
  if (port == 0) return Status::Ok();
  const size_t open_before = opened->size();
  const auto accept = [this, kind](Stream stream) { on_accept_(std::move(stream), kind); };
  std::vector<std::string> addresses = options.bind;
  if (addresses.empty()) addresses = {"*", "-::*"};
  for (const std::string& word : addresses) {
    const bool optional = StartsWith(word, "-");
    const std::string address = optional ? word.substr(1) : word;
    auto listener = Listener::Tcp(loop_, address, static_cast<uint16_t>(port),
                                  static_cast<int>(options.tcp_backlog), accept);
    if (listener.ok()) {
      opened->push_back(std::move(listener).value());
      continue;
    }
    Log(LogLevel::kWarning, "Warning: Could not create server TCP listening socket %s:%d: %s",
        address.c_str(), static_cast<int>(port), listener.status().message().c_str());
    if (!optional) {
      return Status::IoError(
          Format("Failed listening on port %d (tcp), aborting.", static_cast<int>(port)));
    }
  }
  if (opened->size() == open_before) {
    return Status::IoError(
        Format("Failed listening on port %d (tcp), aborting.", static_cast<int>(port)));
  }
  return Status::Ok();
}

StatusOr<std::vector<Listener>> Listeners::OpenPorts(const ServerOptions& options,
                                                     int64_t tls_port) {
  std::vector<Listener> opened;
  TORC_RETURN_IF_ERROR(OpenTcp(options, options.port, Kind::kPlain, &opened));
  TORC_RETURN_IF_ERROR(OpenTcp(options, tls_port, Kind::kTls, &opened));
  return opened;
}

Status Listeners::Open(const ServerOptions& options, int64_t tls_port) {
  auto tcp = OpenPorts(options, tls_port);
  if (!tcp.ok()) return tcp.status();
  if (!options.unix_socket.empty()) {
    std::optional<uint32_t> permissions;
    if (options.unix_socket_permissions != 0) {
      permissions = static_cast<uint32_t>(options.unix_socket_permissions);
    }
    auto listener = Listener::Unix(
        loop_, options.unix_socket, permissions, static_cast<int>(options.tcp_backlog),
        [this](Stream stream) { on_accept_(std::move(stream), Kind::kPlain); });
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

Status Listeners::ReopenTcp(const ServerOptions& options, int64_t tls_port) {
  // The port may stay the same: the old sockets must be gone before the new ones can be bound.
  std::vector<Listener> old;
  old.swap(tcp_);
  old.clear();
  loop_->RunOnce(EventLoop::Wait::kDontWait);
  auto opened = OpenPorts(options, tls_port);
  if (!opened.ok()) return opened.status();
  tcp_ = std::move(opened).value();
  return Status::Ok();
}

}  // namespace torc
