#include "net/send_ring.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

namespace torc {
namespace {

// Two connected sockets, closed at the end.
class SocketPair {
 public:
  SocketPair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()) == 0); }
  ~SocketPair() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int near() const { return ends_[0]; }
  std::string ReadAll() const {
    std::string out;
    std::array<char, 4096> chunk;
    for (ssize_t n; (n = read(ends_[1], chunk.data(), chunk.size())) > 0;) {
      out.append(chunk.data(), static_cast<size_t>(n));
    }
    return out;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST_CASE("a ring sends to many sockets at once and says what each took") {
  const auto ring = SendRing::Create();
  if (ring == nullptr) {
    MESSAGE("io_uring is not to be had here");
    return;
  }
  std::vector<SocketPair> pairs(SendRing::kSendsMax);
  std::vector<std::string> texts;
  for (size_t i = 0; i < pairs.size(); ++i) texts.push_back("reply " + std::to_string(i));
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < pairs.size(); ++i) ring->Add(pairs[i].near(), texts[i]);
    const std::vector<int> results = ring->Submit();
    REQUIRE(results.size() == pairs.size());
    for (size_t i = 0; i < pairs.size(); ++i) {
      CHECK(results[i] == static_cast<int>(texts[i].size()));
      CHECK(pairs[i].ReadAll() == texts[i]);
    }
  }
}

TEST_CASE("a full socket takes a part, then nothing, and a closed one is an error") {
  const auto ring = SendRing::Create();
  if (ring == nullptr) return;
  SocketPair pair;
  const std::string much(8 << 20, 'x');
  ring->Add(pair.near(), much);
  const int taken = ring->Submit()[0];
  CHECK(taken > 0);
  CHECK(taken < static_cast<int>(much.size()));
  ring->Add(pair.near(), much);
  CHECK(ring->Submit()[0] == -EAGAIN);
  CHECK(pair.ReadAll().size() == static_cast<size_t>(taken));
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  close(ends[1]);
  ring->Add(ends[0], "x");
  CHECK(ring->Submit()[0] == -EPIPE);
  close(ends[0]);
}

}  // namespace
}  // namespace torc
