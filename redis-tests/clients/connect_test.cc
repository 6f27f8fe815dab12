// Ways to reach the server: addresses, sockets, the doors that stay shut.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include "redis-tests/clients/server.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

// An IPv4 address of this machine that is not loopback; traffic to it never leaves the machine.
std::optional<std::string> OwnAddress() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  std::optional<std::string> found;
  for (const ifaddrs* entry = list; entry != nullptr && !found.has_value();
       entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr);
    if ((ntohl(address->sin_addr.s_addr) >> 24) == 127) continue;
    char text[INET_ADDRSTRLEN];
    if (::inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text)) != nullptr) found = text;
  }
  ::freeifaddrs(list);
  return found;
}

ServerOptions WithoutDefaults(uint16_t port, std::vector<std::string> args) {
  ServerOptions options;
  options.default_args = false;
  options.port = port;
  options.args = {"--port", std::to_string(port), "--save", "", "--appendonly", "no"};
  options.args.insert(options.args.end(), args.begin(), args.end());
  return options;
}

TEST_CASE("the server answers over IPv4 and IPv6 at once") {
  const uint16_t port = FreePort();
  Server server(WithoutDefaults(port, {"--bind", "127.0.0.1", "-::1"}));
  auto over_v4 = Connection::Tcp("127.0.0.1", port);
  REQUIRE(over_v4.ok());
  CHECK(over_v4->Do("PING").Is("PONG"));
  auto over_v6 = Connection::Tcp("::1", port);
  if (!over_v6.ok()) {
    MESSAGE("this machine has no IPv6 loopback: " << over_v6.status().message());
    return;
  }
  CHECK(over_v6->Do("PING").Is("PONG"));
  CHECK(ClientInfoValue(over_v6->Do("CLIENT INFO").text, "laddr") ==
        "[::1]:" + std::to_string(port));
}

TEST_CASE("an address that is not there stops the start unless it is marked optional") {
  const uint16_t port = FreePort();
  {
    Server server(WithoutDefaults(port, {"--bind", "127.0.0.1", "-192.0.2.1"}));
    CHECK(server.Client().Do("PING").Is("PONG"));
  }
  ServerOptions options = WithoutDefaults(FreePort(), {"--bind", "127.0.0.1", "192.0.2.1"});
  options.binary = ServerBinary();
  options.wait_ready = false;
  auto process = ServerProcess::Start(options);
  REQUIRE(process.ok());
  const auto end = (*process)->WaitEnd(10'000);
  REQUIRE(end.has_value());
  CHECK(end->Exited(1));
  CHECK((*process)->Log().find("192.0.2.1") != std::string::npos);
}

TEST_CASE("a unix socket serves clients with the permissions that were asked for") {
  Server server({"--unixsocket", "server.sock", "--unixsocketperm", "600"});
  const std::string path = server.process().directory() + "/server.sock";
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK(S_ISSOCK(status.st_mode));
  CHECK((status.st_mode & 0777) == 0600);
  auto client = Connection::Unix(path);
  REQUIRE(client.ok());
  CHECK(client->Do("SET k v").Is("OK"));
  CHECK(server.Client().Do("GET k").Is("v"));
  const std::string info = client->Do("CLIENT INFO").text;
  CHECK(ClientInfoValue(info, "flags").find('U') != std::string::npos);
  CHECK(ClientInfoValue(info, "addr").find("server.sock:0") != std::string::npos);
  server.process().Stop();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("with port 0 there is only the unix socket") {
  ServerOptions options;
  options.binary = ServerBinary();
  options.default_args = false;
  options.wait_ready = false;
  options.args = {"--port", "0", "--unixsocket", "only.sock", "--save", ""};
  auto process = ServerProcess::Start(options);
  REQUIRE(process.ok());
  const std::string path = (*process)->directory() + "/only.sock";
  const auto answers = [&] {
    auto client = Connection::Unix(path);
    return client.ok() && client->Do("PING").Is("PONG");
  };
  CHECK(PollUntil(10'000, answers));
  CHECK((*process)->Stop().Exited(0));
}

TEST_CASE("protected mode turns strangers away with an explanation until there is a password") {
  const auto own = OwnAddress();
  if (!own.has_value()) {
    MESSAGE("this machine has no address besides loopback");
    return;
  }
  const uint16_t port = FreePort();
  Server server(WithoutDefaults(port, {"--bind", "*", "--protected-mode", "yes"}));
  auto local = Connection::Tcp("127.0.0.1", port);
  REQUIRE(local.ok());
  CHECK(local->Do("PING").Is("PONG"));
  auto stranger = Connection::Tcp(*own, port);
  REQUIRE(stranger.ok());
  const auto refusal = stranger->Read();
  REQUIRE(refusal.has_value());
  CHECK(refusal->text.rfind(
            "DENIED Redis is running in protected mode because protected mode is enabled and no "
            "password is set for the default user.",
            0) == 0);
  CHECK(stranger->WaitClosed());
  CHECK(InfoValue(local->Do("INFO stats").text, "rejected_connections") == "1");

  REQUIRE(local->Do("CONFIG SET requirepass secret").Is("OK"));
  auto known = Connection::Tcp(*own, port);
  REQUIRE(known.ok());
  CHECK(known->Do("AUTH secret").Is("OK"));
  CHECK(known->Do("PING").Is("PONG"));
}

TEST_CASE("a port that is taken stops the start with a message") {
  Server server;
  ServerOptions options;
  options.binary = ServerBinary();
  options.port = server.port();
  options.wait_ready = false;
  auto second = ServerProcess::Start(options);
  REQUIRE(second.ok());
  const auto end = (*second)->WaitEnd(10'000);
  REQUIRE(end.has_value());
  CHECK(end->Exited(1));
  const std::string log = (*second)->Log();
  CHECK(log.find("Failed listening on port " + std::to_string(server.port())) != std::string::npos);
  CHECK(log.find("Address already in use") != std::string::npos);
}

TEST_CASE("the port and the addresses can be changed while the server runs") {
  Server server;
  Connection client = server.Client();
  const uint16_t other = FreePort();
  REQUIRE(client.Call({"CONFIG", "SET", "port", std::to_string(other)}).Is("OK"));
  CHECK(client.Do("PING").Is("PONG"));
  auto on_other = Connection::Tcp("127.0.0.1", other);
  REQUIRE(on_other.ok());
  CHECK(on_other->Do("PING").Is("PONG"));
  CHECK_FALSE(Connection::Tcp("127.0.0.1", server.port()).ok());
}

TEST_CASE("a connection one too many is refused by name, and maxclients can be raised") {
  Server server({"--maxclients", "3"});
  Connection first = server.Client();
  CHECK(first.Do("PING").Is("PONG"));
  Connection second = server.Client();
  CHECK(second.Do("PING").Is("PONG"));
  Connection third = server.Client();
  CHECK(third.Do("PING").Is("PONG"));
  Connection fourth = server.Client();
  const auto refusal = fourth.Read();
  REQUIRE(refusal.has_value());
  CHECK(refusal->Print() == "-ERR max number of clients reached");
  CHECK(fourth.WaitClosed());
  CHECK(InfoValue(first.Do("INFO clients").text, "maxclients") == "3");
  REQUIRE(first.Do("CONFIG SET maxclients 10").Is("OK"));
  CHECK(server.Client().Do("PING").Is("PONG"));
  second.Close();
}

TEST_CASE("idle clients are closed after the timeout and busy ones are not") {
  Server server({"--timeout", "1", "--hz", "100"});
  Connection idle = server.Client();
  CHECK(idle.Do("PING").Is("PONG"));
  Connection busy = server.Client();
  Connection subscriber = server.Client();
  const bool subscribes = !subscriber.Do("SUBSCRIBE news").IsError();
  CHECK(PollUntil(15'000, [&] {
    REQUIRE(busy.Do("PING").Is("PONG"));
    return idle.WaitClosed(10);
  }));
  CHECK(busy.Do("PING").Is("PONG"));
  if (subscribes) CHECK(subscriber.Do("PING").items.size() == 2);
}

}  // namespace
}  // namespace torc::testing
