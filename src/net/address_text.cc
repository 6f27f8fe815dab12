#include "net/address_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace torc {
namespace {

// Copies out what the kernel filled in: a sockaddr_storage is bytes, its families are types.
template <typename T>
T As(const sockaddr_storage& address) {
  T out;
  std::memcpy(&out, &address, sizeof(out));
  return out;
}

std::string UnixPath(const sockaddr_storage& address, socklen_t size_bytes) {
  const auto in = As<sockaddr_un>(address);
  constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);
  if (size_bytes <= kPathOffset || in.sun_path[0] == '\0') return "?";
  return std::string(in.sun_path, strnlen(in.sun_path, size_bytes - kPathOffset));
}

}  // namespace

std::string AddressText(const sockaddr_storage& address, socklen_t size_bytes) {
  char host[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto in = As<sockaddr_in>(address);
    inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
    return std::string(host) + ":" + std::to_string(ntohs(in.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto in = As<sockaddr_in6>(address);
    inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof(host));
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(in.sin6_port));
  }
  if (address.ss_family == AF_UNIX) return UnixPath(address, size_bytes) + ":0";
  return "?:0";
}

bool IsLocalAddress(const sockaddr_storage& address) {
  constexpr unsigned kLoopbackNet = 127;
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    return ntohl(As<sockaddr_in>(address).sin_addr.s_addr) >> 24 == kLoopbackNet;
  }
  if (address.ss_family != AF_INET6) return false;
  const in6_addr in = As<sockaddr_in6>(address).sin6_addr;
  if (IN6_IS_ADDR_LOOPBACK(&in)) return true;
  return IN6_IS_ADDR_V4MAPPED(&in) && in.s6_addr[12] == kLoopbackNet;
}

}  // namespace torc
