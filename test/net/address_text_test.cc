// Addresses in the words of CLIENT LIST, and which of them are this machine.
#include "net/address_text.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace torc {
namespace {

sockaddr_storage Inet(const char* host, uint16_t port) {
  sockaddr_storage out{};
  auto* four = reinterpret_cast<sockaddr_in*>(&out);
  auto* six = reinterpret_cast<sockaddr_in6*>(&out);
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
  } else {
    REQUIRE(inet_pton(AF_INET6, host, &six->sin6_addr) == 1);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
  }
  return out;
}

TEST_CASE("addresses have their family's form") {
  CHECK(AddressText(Inet("10.1.2.3", 6379), sizeof(sockaddr_in)) == "10.1.2.3:6379");
  CHECK(AddressText(Inet("2001:db8::1", 65535), sizeof(sockaddr_in6)) == "[2001:db8::1]:65535");
  CHECK(AddressText({}, 0) == "?:0");
  sockaddr_storage path{};
  auto* in = reinterpret_cast<sockaddr_un*>(&path);
  in->sun_family = AF_UNIX;
  std::strcpy(in->sun_path, "/run/torc.sock");
  CHECK(AddressText(path, sizeof(sockaddr_un)) == "/run/torc.sock:0");
  CHECK(AddressText(path, offsetof(sockaddr_un, sun_path)) == "?:0");
  CHECK(IsLocalAddress(path));
}

TEST_CASE("only loopback is local") {
  CHECK(IsLocalAddress(Inet("127.0.0.1", 1)));
  CHECK(IsLocalAddress(Inet("127.255.0.9", 1)));
  CHECK(IsLocalAddress(Inet("::1", 1)));
  CHECK(IsLocalAddress(Inet("::ffff:127.0.0.1", 1)));
  CHECK_FALSE(IsLocalAddress(Inet("128.0.0.1", 1)));
  CHECK_FALSE(IsLocalAddress(Inet("10.0.0.1", 1)));
  CHECK_FALSE(IsLocalAddress(Inet("::ffff:10.0.0.1", 1)));
  CHECK_FALSE(IsLocalAddress(Inet("fe80::1", 1)));
  CHECK_FALSE(IsLocalAddress({}));
}

}  // namespace
}  // namespace torc
