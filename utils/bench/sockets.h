#pragma once

// The few socket calls that the tools share. All sockets are non-blocking; failures print and exit,
// since a benchmark with a broken socket has nothing to report.

#include <sys/epoll.h>

#include <cstdint>
#include <string>

namespace torc::bench {

// Where a server listens: a unix socket when `unix_path` is set, else host:port.
struct Address {
  std::string host = "127.0.0.1";
  uint16_t port = 6379;
  std::string unix_path;
};

[[noreturn]] void Die(const char* what);  // prints errno's text too

int Listen(const Address& address);
// Connected when it returns.
int Connect(const Address& address);
void SetNonBlocking(int fd);

// epoll_ctl ADD or MOD with `tag` as user data.
enum class Watch { kAdd, kModify };
void WatchSocket(int epoll_fd, int fd, uint32_t events, uint64_t tag, Watch how);

}  // namespace torc::bench
