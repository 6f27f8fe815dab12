// The ceiling: what one core can answer when a command costs nothing.
//
// One thread, one epoll loop, one read and at most one write per readable socket. It finds where
// each command ends and answers +OK to every one of them: no store, no command lookup, no copy of
// an argument. A real server on the same machine is as good as its distance to this number is
// small.
//
//   bare_responder --port 7000

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "frame_counter.h"
#include "sockets.h"

namespace torc::bench {
namespace {

constexpr std::string_view kReply = "+OK\r\n";
constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kRepliesPerWrite = 8 * 1024;
constexpr int kEventsPerTurn = 1024;

volatile sig_atomic_t stop_requested = 0;

struct Peer {
  int fd = -1;
  FrameCounter commands;
  // Bytes of replies not yet taken by the socket. All replies are equal, so a count says what they
  // are: the next byte to send is at position (size - owed % size) % size of a reply.
  size_t owed_bytes = 0;
  bool waits_for_room = false;
};

class Responder {
 public:
  explicit Responder(const Address& address)
      : listener_(Listen(address)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) Die("epoll_create1");
    for (size_t i = 0; i < kRepliesPerWrite + 1; ++i) replies_ += kReply;
    WatchSocket(epoll_, listener_, EPOLLIN, static_cast<uint64_t>(listener_), Watch::kAdd);
  }

  void Run() {
    std::array<epoll_event, kEventsPerTurn> events;
    while (stop_requested == 0) {
      const int count = epoll_wait(epoll_, events.data(), kEventsPerTurn, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = static_cast<int>(events[static_cast<size_t>(i)].data.u64);
        if (fd == listener_) {
          Accept();
        } else {
          Serve(*peers_[static_cast<size_t>(fd)]);
        }
      }
    }
  }

 private:
  void Accept() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (peers_.size() <= static_cast<size_t>(fd)) peers_.resize(static_cast<size_t>(fd) + 1);
    peers_[static_cast<size_t>(fd)] = std::make_unique<Peer>();
    peers_[static_cast<size_t>(fd)]->fd = fd;
    WatchSocket(epoll_, fd, EPOLLIN, static_cast<uint64_t>(fd), Watch::kAdd);
  }

  // Nothing more is read from a peer that does not take its replies.
  void Serve(Peer& peer) {
    if (!peer.waits_for_room) {
      const ssize_t got = read(peer.fd, input_.data(), input_.size());
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return Drop(peer);
      if (got < 0) return;
      const size_t commands = peer.commands.Feed({input_.data(), static_cast<size_t>(got)});
      peer.owed_bytes += commands * kReply.size();
    }
    Pay(peer);
  }

  void Pay(Peer& peer) {
    while (peer.owed_bytes > 0) {
      const size_t begin = (kReply.size() - peer.owed_bytes % kReply.size()) % kReply.size();
      const size_t size = std::min(peer.owed_bytes, replies_.size() - begin);
      const ssize_t sent = send(peer.fd, replies_.data() + begin, size, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return Drop(peer);
      if (sent < 0) break;
      peer.owed_bytes -= static_cast<size_t>(sent);
    }
    const bool waits = peer.owed_bytes > 0;
    if (waits == peer.waits_for_room) return;
    peer.waits_for_room = waits;
    WatchSocket(epoll_, peer.fd, waits ? EPOLLOUT : EPOLLIN, static_cast<uint64_t>(peer.fd),
                Watch::kModify);
  }

  void Drop(Peer& peer) {
    const auto fd = static_cast<size_t>(peer.fd);
    close(peer.fd);
    peers_[fd].reset();
  }

  const int listener_;
  const int epoll_;
  std::string replies_;
  std::array<char, kReadBytes> input_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by file descriptor
};

}  // namespace
}  // namespace torc::bench

int main(int argc, char** argv) {
  torc::bench::Address address;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = torc::ParseUint64(argv[i + 1]);
    if (name != "--port" || !number || *number > 65535) {
      fprintf(stderr, "usage: bare_responder --port N\n");
      return 2;
    }
    address.port = static_cast<uint16_t>(*number);
  }
  if (argc % 2 == 0) {
    fprintf(stderr, "usage: bare_responder --port N\n");
    return 2;
  }
  struct sigaction action {};
  action.sa_handler = [](int) { torc::bench::stop_requested = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  auto responder = std::make_unique<torc::bench::Responder>(address);
  responder->Run();
  return 0;
}
