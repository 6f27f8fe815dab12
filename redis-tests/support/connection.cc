#include "redis-tests/support/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "support/server_process.h"

namespace torc::testing {
namespace {

constexpr size_t kReadBytes = 64 * 1024;

Status ErrnoStatus(const std::string& what) {
  return Status::IoError(what + ": " + std::strerror(errno));
}

// Connecting to loopback is immediate; from then on the socket never blocks.
Status ConnectFd(int fd, const sockaddr* address, socklen_t size, const std::string& where) {
  if (fd < 0) return ErrnoStatus("socket");
  if (::connect(fd, address, size) != 0) {
    Status status = ErrnoStatus("connect to " + where);
    ::close(fd);
    return status;
  }
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return Status::Ok();
}

}  // namespace

StatusOr<Connection> Connection::Tcp(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return Status::InvalidArgument("not an address: " + host);
  }
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Status status =
      ConnectFd(fd, found->ai_addr, found->ai_addrlen, host + ":" + std::to_string(port));
  ::freeaddrinfo(found);
  if (!status.ok()) return status;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return Connection(fd);
}

StatusOr<Connection> Connection::Unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Status::InvalidArgument("path too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  TORC_RETURN_IF_ERROR(
      ConnectFd(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address), path));
  return Connection(fd);
}

Connection& Connection::operator=(Connection&& other) noexcept {
  if (this == &other) return *this;
  Close();
  fd_ = std::exchange(other.fd_, -1);
  closed_ = other.closed_;
  error_ = std::move(other.error_);
  out_ = std::move(other.out_);
  out_sent_ = other.out_sent_;
  in_ = std::move(other.in_);
  scanned_ = other.scanned_;
  scanner_ = std::move(other.scanner_);
  frames_ = std::move(other.frames_);
  first_frame_ = other.first_frame_;
  return *this;
}

Connection::~Connection() {
  Close();
}

void Connection::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  closed_ = true;
}

void Connection::Pump() {
  if (!closed_) Write();
  if (!closed_) ReadAvailable();
}

void Connection::Write() {
  while (wants_write()) {
    const ssize_t sent =
        ::send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    // A peer that has closed may still have left replies for us: reading finds the end.
    if (sent < 0) break;
    out_sent_ += static_cast<size_t>(sent);
  }
  if (!wants_write()) {
    out_.clear();
    out_sent_ = 0;
  }
}

void Connection::ReadAvailable() {
  char chunk[kReadBytes];
  for (;;) {
    const ssize_t count = ::recv(fd_, chunk, sizeof(chunk), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0) {
      closed_ = true;
      if (count < 0) error_ = std::strerror(errno);
      break;
    }
    in_.append(chunk, static_cast<size_t>(count));
    if (static_cast<size_t>(count) < sizeof(chunk)) break;
  }
  ScanFrames();
}

void Connection::ScanFrames() {
  while (scanned_ < in_.size()) {
    const auto result = scanner_.Scan(std::string_view(in_).substr(scanned_));
    if (result == RespScanner::Result::kNeedMore) return;
    if (result == RespScanner::Result::kMalformed) {
      closed_ = true;
      error_ =
          "not RESP: " + scanner_.error() + " in \"" + Escaped(in_.substr(scanned_, 200)) + "\"";
      return;
    }
    frames_.emplace_back(scanned_, scanner_.size_bytes());
    scanned_ += scanner_.size_bytes();
    scanner_.Reset();
  }
}

std::string_view Connection::frame(size_t index) const {
  const auto& [offset, size] = frames_[first_frame_ + index];
  return std::string_view(in_).substr(offset, size);
}

void Connection::DropFrames(size_t count) {
  first_frame_ += count;
  if (first_frame_ < frames_.size()) return;
  in_.erase(0, scanned_);
  scanned_ = 0;
  frames_.clear();
  first_frame_ = 0;
}

bool Connection::WaitFor(short events, int64_t deadline_ms) {
  const int64_t left = deadline_ms - SteadyMs();
  if (left <= 0) return false;
  pollfd poll_fd{.fd = fd_, .events = events, .revents = 0};
  return ::poll(&poll_fd, 1, static_cast<int>(left)) > 0;
}

bool Connection::SendRaw(std::string_view bytes, int timeout_ms) {
  if (closed_) return false;
  Queue(bytes);
  const int64_t deadline = SteadyMs() + timeout_ms;
  Write();
  while (wants_write() && !closed_) {
    if (!WaitFor(POLLOUT | POLLIN, deadline)) return false;
    Pump();
  }
  return !closed_;
}

bool Connection::Send(const std::vector<std::string>& args, int timeout_ms) {
  return SendRaw(EncodeCommand(args), timeout_ms);
}

std::optional<RespValue> Connection::Read(int timeout_ms) {
  const int64_t deadline = SteadyMs() + timeout_ms;
  while (frame_count() == 0) {
    if (closed_ || !WaitFor(POLLIN, deadline)) return std::nullopt;
    ReadAvailable();
  }
  auto value = ParseResp(frame(0));
  DropFrames(1);
  return value;
}

RespValue Connection::Call(const std::vector<std::string>& args, int timeout_ms) {
  if (Send(args, timeout_ms)) {
    if (auto value = Read(timeout_ms)) return *std::move(value);
  }
  RespValue lost;
  lost.type = RespType::kError;
  lost.text = closed_ ? "(the connection closed) " + error_ : "(no reply in time)";
  return lost;
}

RespValue Connection::Do(std::string_view line, int timeout_ms) {
  std::vector<std::string> args;
  for (const std::string_view word : Split(line, ' ')) {
    if (!word.empty()) args.emplace_back(word);
  }
  return Call(args, timeout_ms);
}

bool Connection::WaitClosed(int timeout_ms) {
  const int64_t deadline = SteadyMs() + timeout_ms;
  while (!closed_) {
    if (!WaitFor(POLLIN, deadline)) return false;
    ReadAvailable();
  }
  return true;
}

}  // namespace torc::testing
