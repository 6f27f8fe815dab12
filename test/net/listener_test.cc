// Listeners: where they bind, what they refuse, and what they leave behind.
#include "net/listener.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "net/net_support.h"

namespace torc {
namespace {

// A folder of its own, gone with it.
struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/torc_net_XXXXXX";
    path = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

void Ignore(Stream /*stream*/) {}

TEST_CASE("IPv4 and IPv6 share a port") {
  auto loop = std::move(EventLoop::Create()).value();
  std::string peer;
  std::string local;
  int accepted = 0;
  const auto note = [&](Stream stream) {
    ++accepted;
    peer = stream.PeerAddress();
    local = stream.LocalAddress();
  };
  auto v6 = Listener::Tcp(loop.get(), "::1", 0, 16, note);
  if (!v6.ok()) return;  // a machine without IPv6
  const uint16_t port = v6->port();
  auto v4 = Listener::Tcp(loop.get(), "127.0.0.1", port, 16, note);
  if (!v4.ok()) return;  // somebody else has the port on IPv4
  Client six(port, AF_INET6);
  REQUIRE(six.connected());
  REQUIRE(RunUntil(loop.get(), [&] { return accepted == 1; }));
  CHECK(local == "[::1]:" + std::to_string(port));
  CHECK(peer.substr(0, 6) == "[::1]:");
  Client four(port);
  REQUIRE(four.connected());
  REQUIRE(RunUntil(loop.get(), [&] { return accepted == 2; }));
  CHECK(local == "127.0.0.1:" + std::to_string(port));
}

TEST_CASE("wildcards and names are understood") {
  auto loop = std::move(EventLoop::Create()).value();
  int accepted = 0;
  auto any = Listener::Tcp(loop.get(), "*", 0, 16, [&](Stream) { ++accepted; });
  REQUIRE(any.ok());
  Client client(any->port());
  REQUIRE(client.connected());
  REQUIRE(RunUntil(loop.get(), [&] { return accepted == 1; }));
  CHECK(Listener::Tcp(loop.get(), "localhost", 0, 16, Ignore).ok());
  const auto nowhere = Listener::Tcp(loop.get(), "no such host", 0, 16, Ignore);
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.status().message().find("no such host") != std::string::npos);
}

TEST_CASE("a port in use is refused by name") {
  auto loop = std::move(EventLoop::Create()).value();
  auto first = Listener::Tcp(loop.get(), "127.0.0.1", 0, 16, Ignore);
  REQUIRE(first.ok());
  const auto second = Listener::Tcp(loop.get(), "127.0.0.1", first->port(), 16, Ignore);
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(second.status().message() == "listening on 127.0.0.1 port " +
                                         std::to_string(first->port()) +
                                         ": Address already in use");
}

TEST_CASE("a Unix socket has its permissions and path, and goes away with its listener") {
  auto loop = std::move(EventLoop::Create()).value();
  const TemporaryFolder folder;
  const std::string path = folder.path + "/torc.sock";
  std::string peer;
  auto listener =
      Listener::Unix(loop.get(), path, 0700, 16, [&](Stream s) { peer = s.PeerAddress(); });
  REQUIRE(listener.ok());
  CHECK(listener->port() == 0);
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
  Client client(path);
  REQUIRE(client.connected());
  REQUIRE(RunUntil(loop.get(), [&] { return !peer.empty(); }));
  CHECK(peer == path + ":0");
  listener->Close();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a dead server's Unix socket is replaced, a live one's is not") {
  auto loop = std::move(EventLoop::Create()).value();
  const TemporaryFolder folder;
  const std::string path = folder.path + "/torc.sock";
  const int dead = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  close(dead);
  REQUIRE(std::filesystem::exists(path));
  auto first = Listener::Unix(loop.get(), path, std::nullopt, 16, Ignore);
  REQUIRE(first.ok());
  const auto second = Listener::Unix(loop.get(), path, std::nullopt, 16, Ignore);
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a Unix socket does not replace a file and needs a path that fits") {
  auto loop = std::move(EventLoop::Create()).value();
  const TemporaryFolder folder;
  const std::string path = folder.path + "/precious";
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fclose(file);
  CHECK_FALSE(Listener::Unix(loop.get(), path, std::nullopt, 16, Ignore).ok());
  CHECK(std::filesystem::is_regular_file(path));
  CHECK_FALSE(Listener::Unix(loop.get(), std::string(108, 'p'), std::nullopt, 16, Ignore).ok());
  CHECK_FALSE(Listener::Unix(loop.get(), "", std::nullopt, 16, Ignore).ok());
  CHECK_FALSE(Listener::Unix(loop.get(), folder.path + "/no/such", std::nullopt, 16, Ignore).ok());
}

TEST_CASE("a listener may be closed within its callback") {
  auto loop = std::move(EventLoop::Create()).value();
  std::optional<Listener> listener;
  int accepted = 0;
  auto opened = Listener::Tcp(loop.get(), "127.0.0.1", 0, 16, [&](Stream) {
    ++accepted;
    listener.reset();
  });
  REQUIRE(opened.ok());
  listener = std::move(opened).value();
  Client client(listener->port());
  REQUIRE(client.connected());
  REQUIRE(RunUntil(loop.get(), [&] { return accepted == 1; }));
  CHECK_FALSE(listener.has_value());
}

}  // namespace
}  // namespace torc
