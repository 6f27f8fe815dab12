#include "net/listener.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "net/stream_state.h"

namespace torc {
namespace {

// The address to bind, from a literal, a wildcard or a name.
StatusOr<sockaddr_storage> Resolve(const std::string& address, uint16_t port) {
  sockaddr_storage out{};
  const std::string host = address == "*" ? "0.0.0.0" : address == "::*" ? "::" : address;
  if (uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&out)) == 0) return out;
  if (uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&out)) == 0) return out;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (result != 0) {
    return Status::InvalidArgument("resolving " + address + ": " + gai_strerror(result));
  }
  out = {};
  std::memcpy(&out, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return out;
}

enum class SocketLife { kLive, kDead };

// Whether somebody accepts at the socket. A full backlog counts as life.
SocketLife Probe(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return SocketLife::kLive;
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  const bool refused = connect(probe, to, sizeof(address)) != 0 && errno == ECONNREFUSED;
  close(probe);
  return refused ? SocketLife::kDead : SocketLife::kLive;
}

// Makes room for a Unix socket at `path`: nothing there, or a dead server's socket, which is
// removed.
Status ClearPath(const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Status::InvalidArgument("unix socket " + path + ": the path must have 1 to " +
                                   std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return Status::Ok();
  if (!S_ISSOCK(found.st_mode)) {
    return Status::AlreadyExists("unix socket " + path + ": something else than a socket is there");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (Probe(address) == SocketLife::kLive) {
    return Status::AlreadyExists("unix socket " + path + ": another server answers there");
  }
  if (unlink(path.c_str()) != 0) {
    return UvError(StatusCode::kIoError, "removing the old unix socket " + path, -errno);
  }
  return Status::Ok();
}

}  // namespace

struct Listener::State {
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle;
  EventLoop* loop = nullptr;
  OnAccept on_accept;

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }

  static void OnConnection(uv_stream_t* listening, int result) {
    auto* const state = static_cast<State*>(listening->data);
    if (result < 0) {
      return Log(LogLevel::kWarning, "Accepting client connection: %s", uv_strerror(result));
    }
    auto accepted = std::make_unique<Stream::State>(state->loop);
    if (accepted->Init(listening->type == UV_NAMED_PIPE) != 0) return;
    Stream stream(accepted.release());
    if (uv_accept(listening, stream.state_->stream()) != 0) return;
    state->on_accept(std::move(stream));
  }
};

void Listener::Closer::operator()(State* state) const {
  CloseThenDelete(state);
}

StatusOr<Listener> Listener::Tcp(EventLoop* loop, std::string_view address, uint16_t port,
                                 int backlog, OnAccept on_accept) {
  const std::string host(address);
  const std::string what = "listening on " + host + " port " + std::to_string(port);
  const auto resolved = Resolve(host, port);
  if (!resolved.ok()) return resolved.status();
  auto state = std::make_unique<State>();
  state->loop = loop;
  state->on_accept = std::move(on_accept);
  if (const int result = uv_tcp_init(UvLoop(loop), &state->handle.tcp); result != 0) {
    return UvError(StatusCode::kResourceExhausted, what, result);
  }
  state->handle.tcp.data = state.get();
  Listener listener(state.release());
  uv_tcp_t* const tcp = &listener.state_->handle.tcp;
  const auto* const bind_to = reinterpret_cast<const sockaddr*>(&resolved.value());
  int result = uv_tcp_bind(tcp, bind_to, bind_to->sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
  if (result == 0) result = uv_listen(listener.state_->stream(), backlog, State::OnConnection);
  if (result != 0) {
    const bool taken = result == UV_EADDRINUSE;
    return UvError(taken ? StatusCode::kAlreadyExists : StatusCode::kIoError, what, result);
  }
  return listener;
}

StatusOr<Listener> Listener::Unix(EventLoop* loop, const std::string& path,
                                  std::optional<uint32_t> permissions, int backlog,
                                  OnAccept on_accept) {
  const std::string what = "listening on unix socket " + path;
  TORC_RETURN_IF_ERROR(ClearPath(path));
  auto state = std::make_unique<State>();
  state->loop = loop;
  state->on_accept = std::move(on_accept);
  if (const int result = uv_pipe_init(UvLoop(loop), &state->handle.pipe, 0); result != 0) {
    return UvError(StatusCode::kResourceExhausted, what, result);
  }
  state->handle.pipe.data = state.get();
  Listener listener(state.release());
  int result = uv_pipe_bind(&listener.state_->handle.pipe, path.c_str());
  // Before listen: nobody gets in through permissions that were never meant.
  if (result == 0 && permissions && chmod(path.c_str(), static_cast<mode_t>(*permissions)) != 0) {
    result = -errno;
  }
  if (result == 0) result = uv_listen(listener.state_->stream(), backlog, State::OnConnection);
  if (result != 0) return UvError(StatusCode::kIoError, what, result);
  return listener;
}

uint16_t Listener::port() const {
  sockaddr_storage address{};
  int size_bytes = sizeof(address);
  if (state_ == nullptr || state_->stream()->type != UV_TCP) return 0;
  uv_tcp_getsockname(&state_->handle.tcp, reinterpret_cast<sockaddr*>(&address), &size_bytes);
  // The port lies in the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace torc
