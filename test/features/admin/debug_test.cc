#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

class DebugHarness : public EngineHarness {
 public:
  DebugHarness() { options().command.debug_access = DebugAccess::kYes; }
};

TEST_CASE("DEBUG is off unless the operator allows it") {
  EngineHarness engine;
  const std::string refusal =
      "(error) ERR DEBUG command not allowed. If the enable-debug-command option is set to "
      "\"local\", you can run it from a local connection, otherwise you need to set this option in "
      "the configuration file, and then restart the server.";
  CHECK(engine.Run("DEBUG JMAP") == refusal);
  CHECK(engine.Run("DEBUG FOO") == refusal);
  engine.options().command.debug_access = DebugAccess::kLocal;
  CHECK(engine.Run("DEBUG JMAP") == "OK");  // the harness' clients are on 127.0.0.1
  CHECK(engine.Run("CONFIG SET enable-debug-command yes").find("immutable") != std::string::npos);
}

TEST_CASE("DEBUG refuses unknown subcommands and wrong numbers of arguments") {
  DebugHarness engine;
  for (const char* name : {"FOO", "DIGEST x", "SLEEP", "LOG a b"}) {
    const std::string word(std::string_view(name).substr(0, std::string_view(name).find(' ')));
    CHECK(engine.Run(std::string("DEBUG ") + name) ==
          "(error) ERR unknown subcommand or wrong number of arguments for '" + word +
              "'. Try DEBUG HELP.");
  }
  CHECK(engine.Ask("DEBUG HELP").elements.size() > 20);
}

TEST_CASE("DEBUG PROTOCOL answers every reply type under RESP2") {
  DebugHarness engine;
  const auto wire = [&](const std::string& type) {
    return engine.client().Wire("DEBUG PROTOCOL " + type);
  };
  CHECK(wire("string") == "$11\r\nHello World\r\n");
  CHECK(wire("integer") == ":12345\r\n");
  CHECK(wire("double") == "$5\r\n3.141\r\n");
  CHECK(wire("null") == "$-1\r\n");
  CHECK(wire("array") == "*3\r\n:0\r\n:1\r\n:2\r\n");
  CHECK(wire("set") == "*3\r\n:0\r\n:1\r\n:2\r\n");
  CHECK(wire("map") == "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n");
  CHECK(wire("attrib") == "$39\r\nSome real reply following the attribute\r\n");
  CHECK(wire("push") == "-ERR RESP2 is not supported by this command\r\n");
  CHECK(wire("bignum") == "$37\r\n1234567999999999999999999999999999999\r\n");
  CHECK(wire("verbatim") == "$25\r\nThis is a verbatim\nstring\r\n");
  CHECK(wire("true") == ":1\r\n");
  CHECK(wire("false") == ":0\r\n");
  CHECK(wire("foo").find("-ERR Wrong protocol type name.") == 0);
}

TEST_CASE("DEBUG PROTOCOL answers every reply type under RESP3") {
  DebugHarness engine;
  engine.Run("HELLO 3");
  const auto wire = [&](const std::string& type) {
    return engine.client().Wire("DEBUG PROTOCOL " + type);
  };
  CHECK(wire("double") == ",3.141\r\n");
  CHECK(wire("null") == "_\r\n");
  CHECK(wire("set") == "~3\r\n:0\r\n:1\r\n:2\r\n");
  CHECK(wire("map") == "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n");
  CHECK(wire("attrib") ==
        "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply "
        "following the attribute\r\n");
  CHECK(wire("push") ==
        ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push "
        "reply\r\n");
  CHECK(wire("bignum") == "(1234567999999999999999999999999999999\r\n");
  CHECK(wire("verbatim") == "=29\r\ntxt:This is a verbatim\nstring\r\n");
  CHECK(wire("true") == "#t\r\n");
  CHECK(wire("false") == "#f\r\n");
}

TEST_CASE("equal data have equal digests, whatever their history") {
  DebugHarness one;
  DebugHarness other;
  const std::string empty(40, '0');
  CHECK(one.Run("DEBUG DIGEST") == empty);
  one.Run("MSET a 1 b 2 c 3");
  other.Run("MSET c 3 b x");
  other.Run("SET a 0");
  CHECK(one.Run("DEBUG DIGEST") != other.Run("DEBUG DIGEST"));
  other.Run("INCR a");
  other.Run("SET b 2");
  CHECK(one.Run("DEBUG DIGEST") == other.Run("DEBUG DIGEST"));
  other.Run("EXPIRE a 100");
  CHECK(one.Run("DEBUG DIGEST") != other.Run("DEBUG DIGEST"));
  CHECK(one.Run("DEBUG DIGEST").size() == 40);
}

TEST_CASE("DEBUG DIGEST-VALUE looks at values, not at names") {
  DebugHarness engine;
  engine.Run("MSET a same b same c other");
  const Reply digests = engine.Ask("DEBUG DIGEST-VALUE a b c none");
  REQUIRE(digests.elements.size() == 4);
  CHECK(digests.elements[0].text == digests.elements[1].text);
  CHECK(digests.elements[0].text != digests.elements[2].text);
  CHECK(digests.elements[3].text == std::string(40, '0'));
}

TEST_CASE("DEBUG POPULATE creates keys, and the shadow too") {
  DebugHarness engine;
  CHECK(engine.Run("DEBUG POPULATE 3") == "OK");
  CHECK(engine.Run("GET key:2") == "\"value:2\"");
  CHECK(engine.Run("DEBUG POPULATE 2 p 10") == "OK");
  CHECK(engine.Run("GET p:1") == "\"value:1\\x00\\x00\\x00\"");
  CHECK(engine.Run("DEBUG POPULATE 2 q 3") == "OK");
  CHECK(engine.Run("GET q:0") == "\"val\"");
  engine.Run("SET key:3 mine");
  CHECK(engine.Run("DEBUG POPULATE 5") == "OK");
  CHECK(engine.Run("GET key:3") == "\"mine\"");
  CHECK(engine.Run("DBSIZE") == "9");
  CHECK(engine.Run("DEBUG POPULATE x") == "(error) ERR value is out of range, must be positive");
  CHECK(engine.Run("DEBUG POPULATE -1") == "(error) ERR value is out of range, must be positive");
}

TEST_CASE("DEBUG SET-ACTIVE-EXPIRE and PAUSE-CRON stop the sweep") {
  DebugHarness engine;
  engine.Run("DEBUG SET-ACTIVE-EXPIRE 0");
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(20);
  engine.Tick();
  CHECK(engine.Run("DBSIZE") == "1");
  CHECK(engine.Run("GET k") == "(nil)");
  CHECK(engine.Run("DBSIZE") == "0");
  engine.Run("DEBUG SET-ACTIVE-EXPIRE 1");
  engine.Run("DEBUG PAUSE-CRON 1");
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(20);
  engine.Tick();
  CHECK(engine.Run("DBSIZE") == "1");
  engine.Run("DEBUG PAUSE-CRON 0");
  engine.Tick();
  CHECK(engine.Run("DBSIZE") == "0");
}

TEST_CASE("DEBUG SLEEP lets time pass, in fractions of a second") {
  DebugHarness engine;
  const int64_t before = engine.clock().WallMs();
  CHECK(engine.Run("DEBUG SLEEP 0.25") == "OK");
  CHECK(engine.clock().WallMs() - before == 250);
  CHECK(engine.Run("DEBUG SLEEP soon") == "OK");
  CHECK(engine.clock().WallMs() - before == 250);
}

TEST_CASE("DEBUG OBJECT tells the encoding and the idle time") {
  DebugHarness engine;
  engine.Run("SET k hello");
  engine.AdvanceMs(7000);
  const std::string text = engine.Run("DEBUG OBJECT k");
  CHECK(text.find("Value at:0x") == 0);
  CHECK(text.find(" refcount:1 encoding:embstr serializedlength:") != std::string::npos);
  CHECK(text.find("lru_seconds_idle:7") != std::string::npos);
  CHECK(engine.Run("DEBUG OBJECT none") == "(error) ERR no such key");
}

TEST_CASE("DEBUG's smaller subcommands") {
  DebugHarness engine;
  engine.Run("SET k v EX 10");
  CHECK(engine.Run("DEBUG HTSTATS 0").find("number of elements: 1") != std::string::npos);
  CHECK(engine.Run("DEBUG HTSTATS x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("DEBUG HTSTATS 99") == "(error) ERR Out of range database");
  CHECK(engine.Run("DEBUG HTSTATS-KEY none") == "(error) ERR no such key");
  CHECK(engine.Run("DEBUG HTSTATS-KEY k").find("not represented using an hash table") !=
        std::string::npos);
  CHECK(engine.Run("DEBUG STRINGMATCH-LEN a*c abbc") == "1");
  CHECK(engine.Run("DEBUG STRINGMATCH-LEN a*c abbd") == "0");
  CHECK(engine.Run("DEBUG ERROR 'MYERR text'") == "(error) MYERR text");
  CHECK(engine.Run("DEBUG QUICKLIST-PACKED-THRESHOLD 200b") == "OK");
  CHECK(engine.Run("DEBUG QUICKLIST-PACKED-THRESHOLD x").find("(error) ERR argument must be") == 0);
  CHECK(engine.Run("DEBUG REPLYBUFFER RESIZING 0") == "OK");
  CHECK(engine.Run("DEBUG CHANGE-REPL-ID") == "OK");
}

}  // namespace
}  // namespace torc
