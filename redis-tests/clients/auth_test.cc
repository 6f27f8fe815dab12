// Passwords: who may do what before and after saying them.

#include <doctest/doctest.h>

#include <string>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

constexpr const char* kWrongPass = "-WRONGPASS invalid username-password pair or user is disabled.";

TEST_CASE(
    "without a password AUTH explains itself and every password of the default user is right") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("AUTH secret").Print() ==
        "-ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your "
        "configuration is correct?");
  CHECK(client.Do("AUTH default anything").Is("OK"));
  CHECK(client.Do("AUTH nobody anything").Print() == kWrongPass);
  CHECK(client.Do("AUTH a b c").Print() == "-ERR syntax error");
  CHECK(client.Do("AUTH").Print() == "-ERR wrong number of arguments for 'auth' command");
}

TEST_CASE("with a password everything but the way in is refused until it is said") {
  Server server({"--requirepass", "secret"});
  Connection client = server.Client();
  for (const char* line :
       {"PING", "GET k", "INFO", "CONFIG GET *", "COMMAND", "SELECT 1", "CLIENT ID", "MULTI"}) {
    INFO(std::string(line));
    CHECK(client.Do(line).Print() == "-NOAUTH Authentication required.");
  }
  CHECK(client.Do("NONSENSE").Print() ==
        "-ERR unknown command 'NONSENSE', with args beginning with: ");
  CHECK(client.Do("GET").Print() == "-ERR wrong number of arguments for 'get' command");
  CHECK(client.Do("AUTH wrong").Print() == kWrongPass);
  CHECK(client.Do("AUTH default wrong").Print() == kWrongPass);
  CHECK(client.Do("PING").Print() == "-NOAUTH Authentication required.");
  CHECK(client.Do("AUTH secret").Is("OK"));
  CHECK(client.Do("PING").Is("PONG"));
  CHECK(client.Do("AUTH default secret").Is("OK"));
  CHECK(client.Do("AUTH wrong").Print() == kWrongPass);
  CHECK(client.Do("PING").Is("PONG"));
}

TEST_CASE("QUIT and RESET need no password, and RESET forgets it") {
  Server server({"--requirepass", "secret"});
  Connection client = server.Client();
  CHECK(client.Do("RESET").Print() == "+RESET");
  CHECK(client.Do("AUTH secret").Is("OK"));
  CHECK(client.Do("RESET").Print() == "+RESET");
  CHECK(client.Do("PING").Print() == "-NOAUTH Authentication required.");
  CHECK(client.Do("QUIT").Is("OK"));
  CHECK(client.WaitClosed());
}

TEST_CASE("HELLO authenticates, names and switches in one step, or does none of it") {
  Server server({"--requirepass", "secret"});
  Connection client = server.Client();
  const std::string form =
      server.Since(7, 2, "secret") ? "<proto> AUTH <user> <pass>" : "AUTH <user> <pass>";
  CHECK(client.Do("HELLO 3").Print() ==
        "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
            form +
            " option can be used to authenticate the client and select the RESP protocol version "
            "at the same time");
  CHECK(client.Do("HELLO 3 AUTH default wrong").Print() == kWrongPass);
  CHECK(client.Do("HELLO 3 AUTH default").Print() == "-ERR Syntax error in HELLO option 'AUTH'");
  CHECK(client.Do("HELLO 4 AUTH default secret").Print() ==
        "-NOPROTO unsupported protocol version");
  CHECK(client.Do("PING").Print() == "-NOAUTH Authentication required.");
  const RespValue hello = client.Do("HELLO 3 AUTH default secret SETNAME worker");
  REQUIRE(hello.type == RespType::kMap);
  CHECK(hello.At("server").Is("redis"));
  CHECK(hello.At("proto").IsInteger(3));
  CHECK(hello.At("id").type == RespType::kInteger);
  CHECK(hello.At("mode").Is("standalone"));
  CHECK(hello.At("role").Is("master"));
  CHECK(hello.At("modules").Print() == "[]");
  CHECK(client.Do("CLIENT GETNAME").Is("worker"));
  CHECK(client.Do("GET nothing").Print() == "nil");
  const RespValue back = client.Do("HELLO 2");
  CHECK(back.type == RespType::kArray);
  CHECK(back.items.size() == 14);
  CHECK(client.Do("GET nothing").Print() == "nil($)");
}

TEST_CASE("HELLO names what is wrong with its arguments") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("HELLO abc").Print() ==
        "-ERR Protocol version is not an integer or out of range");
  CHECK(client.Do("HELLO 1").Print() == "-NOPROTO unsupported protocol version");
  CHECK(client.Do("HELLO 3 NONSENSE").Print() == "-ERR Syntax error in HELLO option 'NONSENSE'");
  CHECK(client.Call({"HELLO", "3", "SETNAME", "a b"}).Print() ==
        "-ERR Client names cannot contain spaces, newlines or special characters.");
}

TEST_CASE("a password set at run time holds for new connections and spares those that are in") {
  Server server;
  Connection inside = server.Client();
  CHECK(inside.Do("PING").Is("PONG"));
  REQUIRE(inside.Do("CONFIG SET requirepass secret").Is("OK"));
  CHECK(inside.Do("PING").Is("PONG"));
  CHECK(inside.Do("CONFIG GET requirepass").Print() == "[\"requirepass\", \"secret\"]");
  Connection outside = server.Client();
  CHECK(outside.Do("PING").Print() == "-NOAUTH Authentication required.");
  CHECK(outside.Do("AUTH secret").Is("OK"));
  REQUIRE(outside.Call({"CONFIG", "SET", "requirepass", ""}).Is("OK"));
  CHECK(server.Client().Do("PING").Is("PONG"));
}

// Everything that a server shows or keeps, beside what CONFIG GET is asked for.
std::string Shown(Server& server, Connection& client, Connection& monitor) {
  std::string shown;
  for (const char* command : {"SLOWLOG GET 128", "INFO everything", "CLIENT LIST", "ACL LOG",
                              "LATENCY DOCTOR", "COMMAND COUNT"}) {
    shown += client.Do(command).Print();
  }
  client.Do("ECHO the-end");
  while (const auto line = monitor.Read()) {
    shown += line->Print();
    if (line->Print().find("the-end") != std::string::npos) break;
  }
  return shown + server.process().Log();
}

TEST_CASE("passwords are no part of what is shown, kept or logged") {
  Server server({"--requirepass", "s3cret", "--slowlog-log-slower-than", "0", "--slowlog-max-len",
                 "1000", "--loglevel", "debug"});
  Connection monitor = server.Client();
  REQUIRE(monitor.Do("AUTH s3cret").Is("OK"));
  REQUIRE(monitor.Do("MONITOR").Is("OK"));
  Connection client = server.Client();
  client.Do("AUTH s3cret-wrong");
  client.Do("AUTH default s3cret-wrong");
  client.Do("HELLO 2 AUTH default s3cret-wrong");
  REQUIRE(client.Do("AUTH s3cret").Is("OK"));
  REQUIRE(client.Do("HELLO 2 AUTH default s3cret SETNAME me").IsAggregate());
  REQUIRE(client.Do("CONFIG SET requirepass s3cret masterauth s3cret").Is("OK"));
  REQUIRE(client.Do("ACL SETUSER u on >s3cret <s3cret >s3cret ~* +@all").Is("OK"));
  client.Do("ACL SETUSER u >s3cret nonsense");
  REQUIRE(client.Do("AUTH u s3cret").Is("OK"));
  REQUIRE(client.Do("MULTI").Is("OK"));
  client.Do("CONFIG SET masterauth s3cret");
  client.Do("ACL SETUSER u >s3cret");
  client.Do("EXEC");
  client.Call({"EVAL", "return redis.pcall('ACL','SETUSER','u','>'..ARGV[1])", "0", "harmless"});
  CHECK(Shown(server, client, monitor).find("s3cret") == std::string::npos);
}

}  // namespace
}  // namespace torc::testing
