#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace torc::bench {
namespace {

// Either family in one buffer, as the socket calls want it.
struct RawAddress {
  sockaddr_storage storage{};
  socklen_t size_bytes = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

RawAddress Resolve(const Address& address) {
  RawAddress raw;
  if (!address.unix_path.empty()) {
    auto* to = reinterpret_cast<sockaddr_un*>(&raw.storage);
    to->sun_family = AF_UNIX;
    if (address.unix_path.size() >= sizeof(to->sun_path)) Die("unix socket path too long");
    memcpy(to->sun_path, address.unix_path.c_str(), address.unix_path.size() + 1);
    raw.size_bytes = sizeof(sockaddr_un);
    return raw;
  }
  auto* to = reinterpret_cast<sockaddr_in*>(&raw.storage);
  to->sin_family = AF_INET;
  to->sin_port = htons(address.port);
  if (inet_pton(AF_INET, address.host.c_str(), &to->sin_addr) != 1) Die("not an IPv4 address");
  raw.size_bytes = sizeof(sockaddr_in);
  return raw;
}

}  // namespace

void Die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

int Listen(const Address& address) {
  RawAddress raw = Resolve(address);
  const int fd = socket(raw.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Die("socket");
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, raw.get(), raw.size_bytes) != 0) Die("bind");
  if (listen(fd, 4096) != 0) Die("listen");
  SetNonBlocking(fd);
  return fd;
}

int Connect(const Address& address) {
  RawAddress raw = Resolve(address);
  const int fd = socket(raw.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Die("socket");
  if (connect(fd, raw.get(), raw.size_bytes) != 0) Die("connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  SetNonBlocking(fd);
  return fd;
}

void SetNonBlocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) Die("fcntl");
}

void WatchSocket(int epoll_fd, int fd, uint32_t events, uint64_t tag, Watch how) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_fd, how == Watch::kAdd ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0) {
    Die("epoll_ctl");
  }
}

}  // namespace torc::bench
