#pragma once

// A blocking client over plain sockets and a recording owner: what the tests of net/ talk with.
// Every wait is bounded; nothing here sleeps.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "net/event_loop.h"
#include "net/input_buffer.h"
#include "net/listener.h"
#include "net/stream.h"
#include "net/timer.h"

namespace torc {

// Runs turns until `done`, at most about ten seconds.
inline bool RunUntil(EventLoop* loop, const std::function<bool()>& done) {
  bool late = false;
  Timer guard(loop, [&late] { late = true; });
  guard.StartOnce(10'000);
  while (!done() && !late) {
    loop->RunOnce(EventLoop::Wait::kForEvent);
    loop->EndTurn();
  }
  return done();
}

class Client {
 public:
  explicit Client(uint16_t port, int family = AF_INET) : fd_(socket(family, SOCK_STREAM, 0)) {
    BoundWaits();
    sockaddr_storage address{};
    socklen_t size_bytes = sizeof(sockaddr_in);
    if (family == AF_INET) {
      auto* in = reinterpret_cast<sockaddr_in*>(&address);
      in->sin_family = AF_INET;
      in->sin_port = htons(port);
      in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      auto* in = reinterpret_cast<sockaddr_in6*>(&address);
      in->sin6_family = AF_INET6;
      in->sin6_port = htons(port);
      in->sin6_addr = in6addr_loopback;
      size_bytes = sizeof(sockaddr_in6);
    }
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), size_bytes) == 0;
  }
  explicit Client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    BoundWaits();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  bool Send(std::string_view bytes) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // Exactly n bytes, or what came before the end or ten seconds without any.
  std::string Receive(size_t n) {
    std::string out(n, '\0');
    size_t got = 0;
    while (got < n) {
      const ssize_t more = recv(fd_, out.data() + got, n - got, 0);
      if (more <= 0) break;
      got += static_cast<size_t>(more);
    }
    out.resize(got);
    return out;
  }
  bool AtEnd() {
    char byte = 0;
    return recv(fd_, &byte, 1, 0) == 0;
  }
  void ShutDownSending() { shutdown(fd_, SHUT_WR); }
  // Sends a reset instead of an orderly end.
  void Reset() {
    const linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    Close();
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  void BoundWaits() {
    const timeval limit = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }
  int fd_;
  bool connected_ = false;
};

// Keeps what a stream says.
struct Recorder : StreamHandler {
  Stream stream;
  InputBuffer input;
  size_t wanted_bytes = 0;
  int reads = 0;
  int writables = 0;
  int ends = 0;
  std::string end_error;
  std::function<void()> on_read;  // may destroy the recorder

  void Start(Stream opened) {
    stream = std::move(opened);
    stream.Attach(this);
    stream.StartReading();
  }
  std::span<char> ReadTarget() override { return input.ReadTarget(wanted_bytes); }
  void OnRead(std::string_view bytes) override {
    ++reads;
    input.Add(bytes);
    if (on_read) on_read();
  }
  void OnWritable() override { ++writables; }
  void OnEnd(StreamEnd end) override {
    ++ends;
    end_error = end.error;
  }
};

// A loop with a listener on a free port and the streams it accepted.
struct Acceptor {
  std::unique_ptr<EventLoop> loop = std::move(EventLoop::Create()).value();
  std::vector<Stream> accepted;
  Listener listener = std::move(Listener::Tcp(loop.get(), "127.0.0.1", 0, 128, [this](Stream s) {
                        accepted.push_back(std::move(s));
                      })).value();

  // Connects a client and gives its server side to `recorder`.
  void Serve(const Client& client, Recorder* recorder) {
    REQUIRE(client.connected());
    REQUIRE(RunUntil(loop.get(), [&] { return !accepted.empty(); }));
    recorder->Start(std::move(accepted.back()));
    accepted.pop_back();
  }
};

}  // namespace torc
