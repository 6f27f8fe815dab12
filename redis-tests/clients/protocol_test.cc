// The request side of the protocol: every way to write a command, and every way to get it wrong.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

// What comes back for raw bytes until the server closes or, with "(open)" at the end, has answered
// one more command.
std::string Answer(Server& server, std::string_view bytes) {
  constexpr int kGraceMs = 50;  // for a close to arrive before that command is sent into it
  Connection client = server.Client();
  client.SendRaw(bytes);
  std::string answer;
  bool asked = false;
  for (;;) {
    const auto value = client.Read(asked ? Connection::kTimeoutMs : kGraceMs);
    if (value.has_value() && value->Is("(open)")) return answer + "(open)";
    if (value.has_value()) {
      answer += value->Print() + " ";
    } else if (client.closed()) {
      return answer + "(closed)";
    } else if (asked) {
      return answer + "(silent)";
    } else {
      client.SendRaw("ECHO (open)\r\n");
      asked = true;
    }
  }
}

TEST_CASE("each protocol error has Redis's text and ends the connection") {
  struct Case {
    std::string bytes;
    const char* answer;
  };
  const Case cases[] = {
      {"*abc\r\n", "-ERR Protocol error: invalid multibulk length (closed)"},
      {"*2147483648\r\n", "-ERR Protocol error: invalid multibulk length (closed)"},
      {"*+1\r\n$4\r\nPING\r\n", "-ERR Protocol error: invalid multibulk length (closed)"},
      {"*01\r\n$4\r\nPING\r\n", "-ERR Protocol error: invalid multibulk length (closed)"},
      {"*1\r\nx5\r\n", "-ERR Protocol error: expected '$', got 'x' (closed)"},
      {"*1\r\n\r\n", "-ERR Protocol error: expected '$', got '\\r' (closed)"},
      {"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length (closed)"},
      {"*1\r\n$abc\r\n", "-ERR Protocol error: invalid bulk length (closed)"},
      {"*1\r\n$+4\r\nPING\r\n", "-ERR Protocol error: invalid bulk length (closed)"},
      {"*1\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length (closed)"},
      {"GET \"abc\r\n", "-ERR Protocol error: unbalanced quotes in request (closed)"},
      {"GET 'abc\r\n", "-ERR Protocol error: unbalanced quotes in request (closed)"},
      {"GET \"abc\"d\r\n", "-ERR Protocol error: unbalanced quotes in request (closed)"},
      {std::string(70'000, 'x'), "-ERR Protocol error: too big inline request (closed)"},
      {"*" + std::string(70'000, '1'), "-ERR Protocol error: too big mbulk count string (closed)"},
      {"*1\r\n$" + std::string(70'000, '1'),
       "-ERR Protocol error: too big bulk count string (closed)"},
  };
  Server server;
  for (const Case& one : cases) {
    CAPTURE(one.bytes.substr(0, 40));
    std::string expected = one.answer;
    // A CR in an error's text goes out as it came in nowhere: Redis writes a blank for it.
    if (one.bytes == "*1\r\n\r\n") expected = "-ERR Protocol error: expected '$', got ' ' (closed)";
    CHECK(Answer(server, one.bytes) == expected);
  }
}

TEST_CASE("commands before a protocol error are answered first") {
  Server server;
  CHECK(Answer(server, "PING\r\n*1\r\n$4\r\nPING\r\n*1\r\n!4\r\n") ==
        "+PONG +PONG -ERR Protocol error: expected '$', got '!' (closed)");
}

TEST_CASE("empty commands are passed over") {
  Server server;
  CHECK(Answer(server, "\r\n*0\r\n*-1\r\n*-5\r\n   \r\nPING\r\n") == "+PONG (open)");
}

TEST_CASE("inline commands are split at blanks and unquoted") {
  Server server;
  CHECK(Answer(server, "  PING  \r\n") == "+PONG (open)");
  CHECK(Answer(server, "PING\nECHO x\n") == "+PONG \"x\" (open)");
  CHECK(Answer(server, "ECHO \"a b\\x41\\n\\r\\t\\a\\b\\\"\\q\"\r\n") ==
        "\"a bA\\n\\r\\t\\a\\b\\\"q\" (open)");
  CHECK(Answer(server, "ECHO 'it\\'s \\n'\r\n") == "\"it's \\\\n\" (open)");
  CHECK(Answer(server, "ECHO \"\"\r\n") == "\"\" (open)");
  CHECK(Answer(server, "ECHO\ta\r\n") == "\"a\" (open)");
}

TEST_CASE("inline and array commands mix on one connection") {
  Server server;
  CHECK(Answer(server, "SET k v\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nGET k\r\n") ==
        "+OK \"v\" \"v\" (open)");
}

TEST_CASE("a pipeline sent one byte at a time is answered like one sent at once") {
  Server server;
  std::string bytes;
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    const std::string value(static_cast<size_t>(i * 7), '\r');
    AppendCommand({"SET", "k" + std::to_string(i), value}, &bytes);
    AppendCommand({"GET", "k" + std::to_string(i)}, &bytes);
    bytes += "ECHO inline\r\n";
  }
  const std::string at_once = Answer(server, bytes);
  Connection client = server.Client();
  for (const char byte : bytes) REQUIRE(client.SendRaw(std::string_view(&byte, 1)));
  std::string answer;
  for (int i = 0; i < 60; ++i) {
    const auto value = client.Read();
    REQUIRE(value.has_value());
    answer += value->Print() + " ";
  }
  CHECK(answer + "(open)" == at_once);
}

TEST_CASE("a pipeline of a hundred thousand commands is answered completely and in order") {
  Server server;
  Connection client = server.Client();
  constexpr int kCommands = 100'000;
  std::string bytes;
  for (int i = 0; i < kCommands; ++i) AppendCommand({"INCR", "counter"}, &bytes);
  REQUIRE(client.SendRaw(bytes, 30'000));
  for (int i = 1; i <= kCommands; ++i) {
    const auto value = client.Read(30'000);
    REQUIRE(value.has_value());
    REQUIRE(value->IsInteger(i));
  }
}

TEST_CASE("arguments of any bytes and a megabyte each come back unchanged") {
  Server server;
  Connection client = server.Client();
  std::string value;
  for (int i = 0; i < 1 << 20; ++i) value += static_cast<char>(i * 31 + i / 256);
  CHECK(client.Call({"SET", std::string("\0\r\n", 3), value}).Is("OK"));
  CHECK(client.Call({"GET", std::string("\0\r\n", 3)}).text == value);
}

TEST_CASE("proto-max-bulk-len bounds one argument and may be changed") {
  Server server;
  Connection client = server.Client();
  REQUIRE(client.Do("CONFIG SET proto-max-bulk-len 1mb").Is("OK"));
  CHECK(client.Call({"SET", "k", std::string(1 << 20, 'v')}).Is("OK"));
  CHECK(Answer(server, "*1\r\n$1048577\r\n") ==
        "-ERR Protocol error: invalid bulk length (closed)");
  CHECK(client.Do("APPEND k x").Print() ==
        "-ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  CHECK(client.Do("SETRANGE other 1048576 x").Print() ==
        "-ERR string exceeds maximum allowed size (proto-max-bulk-len)");
}

TEST_CASE("a stranger may not announce much before it has said the password") {
  Server server({"--requirepass", "secret"});
  CHECK(Answer(server, "*11\r\n") ==
        "-ERR Protocol error: unauthenticated multibulk length (closed)");
  CHECK(Answer(server, "*2\r\n$16385\r\n") ==
        "-ERR Protocol error: unauthenticated bulk length (closed)");
  Connection client = server.Client();
  CHECK(client.Do("AUTH secret").Is("OK"));
  CHECK(client.Call({"SET", "k", std::string(20'000, 'v')}).Is("OK"));
}

TEST_CASE("many arguments are taken and the count has a limit of its own") {
  Server server;
  Connection client = server.Client();
  std::vector<std::string> args = {"DEL"};
  for (int i = 0; i < 50'000; ++i) args.push_back("k" + std::to_string(i));
  CHECK(client.Call(args, 30'000).IsInteger(0));
}

TEST_CASE("requests that look like HTTP are refused and logged") {
  Server server;
  CHECK(Answer(server, "POST / HTTP/1.1\r\nHost: x\r\n\r\n") == "(closed)");
  CHECK(Answer(server, "Host: example.org\r\n\r\n") == "(closed)");
  CHECK(server.process().WaitLog("Possible SECURITY ATTACK", 5000));
}

TEST_CASE("unknown commands are answered with their arguments, shortened and made harmless") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("NONSENSE").Print() ==
        "-ERR unknown command 'NONSENSE', with args beginning with: ");
  CHECK(client.Do("foo a b").Print() ==
        "-ERR unknown command 'foo', with args beginning with: 'a' 'b' ");
  CHECK(client.Call({"foo", "line\r\nbreak"}).Print() ==
        "-ERR unknown command 'foo', with args beginning with: 'line  break' ");
  const std::string longest(200, 'x');
  CHECK(client.Call({longest}).Print() ==
        "-ERR unknown command '" + std::string(128, 'x') + "', with args beginning with: ");
  CHECK(client.Call({"foo", longest}).text.size() < 250);
  CHECK(client.Do("CONFIG NONSENSE").Print() ==
        "-ERR unknown subcommand 'NONSENSE'. Try CONFIG HELP.");
  CHECK(client.Do("GET").Print() == "-ERR wrong number of arguments for 'get' command");
  CHECK(client.Do("CONFIG GET").Print() ==
        "-ERR wrong number of arguments for 'config|get' command");
  CHECK(client.Call({""}).Print() == "-ERR unknown command '', with args beginning with: ");
}

}  // namespace
}  // namespace torc::testing
