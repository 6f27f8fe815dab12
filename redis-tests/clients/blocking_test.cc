// Clients that wait for lists, over real sockets.

#include <doctest/doctest.h>

#include <string>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

bool Waits(Connection& observer, const std::string& count) {
  return PollUntil(5000, [&] {
    return InfoValue(observer.Do("INFO clients").text, "blocked_clients") == count;
  });
}

std::string Next(Connection& client) {
  const auto value = client.Read();
  return value.has_value() ? value->Print() : "(nothing)";
}

TEST_CASE("who waits for the end of a pause counts as blocked") {
  Server server;
  Connection observer = server.Client();
  Connection writer = server.Client();
  REQUIRE(observer.Do("CLIENT PAUSE 60000 WRITE").Is("OK"));
  REQUIRE(writer.Send({"SET", "k", "v"}));
  CHECK(Waits(observer, "1"));
  CHECK(observer.Do("CLIENT UNPAUSE").Is("OK"));
  CHECK(Next(writer) == "+OK");
  CHECK(Waits(observer, "0"));
}

TEST_CASE("a push reaches who waited longest, and commands behind a wait wait with it") {
  Server server;
  Connection first = server.Client();
  Connection second = server.Client();
  Connection pusher = server.Client();
  REQUIRE(first.SendRaw("BLPOP q 0\r\nPING\r\nBLPOP q 0\r\nPING\r\n"));
  REQUIRE(Waits(pusher, "1"));
  REQUIRE(second.Send({"BRPOP", "q", "0"}));
  REQUIRE(Waits(pusher, "2"));
  CHECK(pusher.Do("RPUSH q a").IsInteger(1));
  CHECK(Next(first) == "[\"q\", \"a\"]");
  CHECK(Next(first) == "+PONG");
  REQUIRE(Waits(pusher, "2"));
  CHECK(pusher.Do("RPUSH q b c").IsInteger(2));
  CHECK(Next(second) == "[\"q\", \"c\"]");
  CHECK(Next(first) == "[\"q\", \"b\"]");
  CHECK(Next(first) == "+PONG");
  REQUIRE(Waits(pusher, "0"));
}

TEST_CASE("a pusher's pipeline goes on behind what it woke") {
  Server server;
  Connection waiter = server.Client();
  Connection pusher = server.Client();
  REQUIRE(waiter.Send({"BLPOP", "q", "0"}));
  REQUIRE(Waits(pusher, "1"));
  REQUIRE(pusher.SendRaw("RPUSH q a\r\nLPOP q\r\nLLEN q\r\n"));
  CHECK(Next(pusher) == ":1");
  CHECK(Next(pusher) == "nil($)");
  CHECK(Next(pusher) == ":0");
  CHECK(Next(waiter) == "[\"q\", \"a\"]");
}

TEST_CASE("short waits end in time, also many at once") {
  Server server;
  Connection observer = server.Client();
  Connection clients[] = {server.Client(), server.Client(), server.Client()};
  const int64_t begin_ms = SteadyMs();
  for (Connection& client : clients) REQUIRE(client.Send({"BLPOP", "q", "0.05"}));
  for (Connection& client : clients) CHECK(Next(client) == "nil(*)");
  const int64_t elapsed_ms = SteadyMs() - begin_ms;
  CHECK(elapsed_ms >= 50);
  CHECK(elapsed_ms < 5000);
  CHECK(Waits(observer, "0"));
}

TEST_CASE("a client that hangs up while it waits takes nothing") {
  Server server;
  Connection observer = server.Client();
  {
    Connection waiter = server.Client();
    REQUIRE(waiter.Send({"BLPOP", "q", "0"}));
    REQUIRE(Waits(observer, "1"));
  }
  REQUIRE(Waits(observer, "0"));
  CHECK(observer.Do("RPUSH q a").IsInteger(1));
  CHECK(observer.Do("LLEN q").IsInteger(1));
}

TEST_CASE("CLIENT UNBLOCK and CLIENT KILL end waits") {
  Server server;
  Connection observer = server.Client();
  Connection waiter = server.Client();
  const std::string id = std::to_string(waiter.Do("CLIENT ID").integer);
  REQUIRE(waiter.Send({"BLPOP", "q", "0"}));
  REQUIRE(Waits(observer, "1"));
  CHECK(observer.Call({"CLIENT", "UNBLOCK", id, "ERROR"}).IsInteger(1));
  CHECK(Next(waiter) == "-UNBLOCKED client unblocked via CLIENT UNBLOCK");
  REQUIRE(waiter.Send({"BLPOP", "q", "0"}));
  REQUIRE(Waits(observer, "1"));
  CHECK(observer.Call({"CLIENT", "KILL", "ID", id}).IsInteger(1));
  CHECK(waiter.WaitClosed());
  CHECK(Waits(observer, "0"));
}

TEST_CASE("WAIT ends by its time where nobody replicates, WAITAOF when the log is on the disk") {
  for (const char* policy : {"always", "everysec", "no"}) {
    CAPTURE(policy);
    Server server({"--appendonly", "yes", "--appendfsync", policy});
    Connection client = server.Client();
    CHECK(client.Do("SET k v").Print() == "+OK");
    CHECK(client.Do("WAIT 1 20").Print() == ":0");
    if (!server.Since(7, 2)) continue;
    // With "no" Redis leaves it to the system, and waits in vain.
    const std::string waited = client.Do("WAITAOF 1 0 5000").Print();
    const bool may_be_vain = policy == std::string_view("no");
    CHECK((waited == "[:1, :0]" || (may_be_vain && waited == "[:0, :0]")));
    CHECK(client.Do("WAITAOF 0 1 20").items.at(1).IsInteger(0));
  }
}

}  // namespace
}  // namespace torc::testing
