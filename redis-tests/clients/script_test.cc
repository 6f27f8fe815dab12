// Scripts through a socket: what needs a server around them. Scripts that never end, others
// meanwhile, a server that is told to stop in the middle.

#include <doctest/doctest.h>

#include <string>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

const std::string kBusyError =
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";

bool IsBusy(const RespValue& value) {
  return value.text == kBusyError;
}

// Starts a script and waits until others hear of it.
void StartScript(Connection& client, Connection& other, const std::string& script) {
  REQUIRE(client.Send({"EVAL", script, "0"}));
  REQUIRE(PollUntil(10'000, [&] { return IsBusy(other.Do("GET k")); }));
}

TEST_CASE("while a script never ends others are served, and one of them kills it") {
  Server server({"--busy-reply-threshold", "50"});
  Connection client = server.Client();
  Connection other = server.Client();
  StartScript(client, other, "while true do end");
  CHECK(IsBusy(server.Client().Do("PING")));
  CHECK(IsBusy(other.Do("SHUTDOWN")));
  Connection late = server.Client();
  CHECK(IsBusy(late.Do("INCR n")));
  CHECK(other.Do("SCRIPT KILL").Is("OK"));
  const auto reply = client.Read();
  REQUIRE(reply.has_value());
  CHECK(reply->text.substr(0, 45) == "ERR Script killed by user with SCRIPT KILL...");
  CHECK(PollUntil(10'000, [&] { return other.Do("PING").Is("PONG"); }));
  CHECK(late.Do("INCR n").IsInteger(1));
}

TEST_CASE("what was sent behind a slow script in the same pipeline runs behind it") {
  Server server({"--busy-reply-threshold", "50"});
  Connection client = server.Client();
  Connection other = server.Client();
  client.SendRaw(EncodeCommand({"SET", "k", "1"}) +
                 EncodeCommand({"EVAL", "while true do end", "0"}) + EncodeCommand({"INCR", "k"}) +
                 EncodeCommand({"GET", "k"}));
  REQUIRE(PollUntil(10'000, [&] { return IsBusy(other.Do("GET k")); }));
  CHECK(other.Do("SCRIPT KILL").Is("OK"));
  REQUIRE(client.Read()->Is("OK"));
  CHECK(client.Read()->text.find("killed") != std::string::npos);
  CHECK(client.Read()->IsInteger(2));
  CHECK(client.Read()->text == "2");
}

TEST_CASE("a client that goes away leaves its script, which can still be killed") {
  Server server({"--busy-reply-threshold", "50"});
  Connection other = server.Client();
  {
    Connection client = server.Client();
    StartScript(client, other, "while true do end");
  }
  CHECK(IsBusy(other.Do("GET k")));
  CHECK(other.Do("SCRIPT KILL").Is("OK"));
  CHECK(PollUntil(10'000, [&] { return other.Do("PING").Is("PONG"); }));
}

TEST_CASE("a script that has written can only be ended with the server") {
  Server server({"--busy-reply-threshold", "50"});
  Connection client = server.Client();
  Connection other = server.Client();
  StartScript(client, other, "redis.call('set','k','v') while true do end");
  CHECK(other.Do("SCRIPT KILL").text.substr(0, 10) == "UNKILLABLE");
  other.Send({"SHUTDOWN", "NOSAVE"});
  CHECK(other.WaitClosed());
}

}  // namespace
}  // namespace torc::testing
