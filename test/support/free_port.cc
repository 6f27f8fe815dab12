#include "support/free_port.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <random>

namespace torc::testing {
namespace {

constexpr uint16_t kFirstPort = 11000;
constexpr uint16_t kPortCount = 20000;

// The byte at a port's place in the common file is locked by the process that reserved the port;
// the kernel unlocks it when that process ends, however it ends.
bool Reserve(int file, uint16_t port) {
  struct flock byte {};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = port;
  byte.l_len = 1;
  return ::fcntl(file, F_SETLK, &byte) == 0;
}

bool CanBind(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return bound;
}

struct Ports {
  int file = ::open(PortsFile().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  uint16_t next = static_cast<uint16_t>(std::random_device()() % kPortCount);
};

}  // namespace

std::string PortsFile() {
  const std::string name = "torc-test-ports-" + std::to_string(::getuid());
  return (std::filesystem::temp_directory_path() / name).string();
}

uint16_t FreePort() {
  // Closing the file anywhere in the process would give all of its locks back: it stays open.
  static Ports ports;
  for (int tries = 0; tries < kPortCount; ++tries) {
    const auto port = static_cast<uint16_t>(kFirstPort + ports.next);
    ports.next = static_cast<uint16_t>((ports.next + 1) % kPortCount);
    if (Reserve(ports.file, port) && CanBind(port)) return port;
  }
  return 0;
}

}  // namespace torc::testing
