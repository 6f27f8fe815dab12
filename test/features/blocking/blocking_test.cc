#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

constexpr const char* kNothing = "*-1\r\n";

std::string Pair(const std::string& key, const std::string& value) {
  const auto bulk = [](const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  };
  return "*2\r\n" + bulk(key) + bulk(value);
}

TEST_CASE("a pop that finds something does not wait, and is replayed as the plain pop") {
  EngineHarness engine;
  engine.Run("RPUSH l a b c d");
  engine.TakeEffects();
  CHECK(engine.Run("BLPOP none l 0") == "[\"l\", \"a\"]");
  CHECK(engine.Run("BRPOP l 0") == "[\"l\", \"d\"]");
  CHECK(engine.Run("BLMOVE l m LEFT RIGHT 0") == "\"b\"");
  CHECK(engine.Run("BRPOPLPUSH l m 0") == "\"c\"");
  CHECK(engine.Run("BLMPOP 0 2 none m LEFT COUNT 5") == "[\"m\", [\"c\", \"b\"]]");
  const std::vector<std::string> effects = engine.TakeEffects();
  REQUIRE(effects.size() == 5);
  CHECK(effects[0].substr(0, 6) == "lpop l");
  CHECK(effects[1].substr(0, 6) == "rpop l");
  CHECK(effects[4].substr(0, 6) == "LPOP m");
}

TEST_CASE("clients that wait are served in order of arrival, one element each") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  TestClient& c = engine.NewClient();
  CHECK(a.Run("BLPOP l 0") == "(blocked)");
  CHECK(b.Run("BLPOP other l 0") == "(blocked)");
  CHECK(c.Run("BRPOP l 0") == "(blocked)");
  CHECK(engine.Run("RPUSH l 1 2") == "2");
  CHECK(a.Received() == Pair("l", "1"));
  CHECK(b.Received() == Pair("l", "2"));
  CHECK(c.Received().empty());
  CHECK(engine.Run("EXISTS l") == "0");
  engine.Run("RPUSH l 3 4");
  CHECK(c.Received() == Pair("l", "4"));
  CHECK(engine.Run("LRANGE l 0 -1") == "[\"3\"]");
  CHECK(engine.shard().services().blocking->session_count() == 0);
}

TEST_CASE("keys are looked at in argument order when several come at once") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("BLPOP x y 0");
  engine.Run("MULTI");
  engine.Run("RPUSH y 1");
  engine.Run("RPUSH x 2");
  CHECK(a.Received().empty());
  CHECK(engine.Run("EXEC") == "[1, 1]");
  CHECK(a.Received() == Pair("x", "2"));
  CHECK(engine.Run("LLEN y") == "1");
}

TEST_CASE("who waits is served behind another's transaction by what is left") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("BLPOP l 0");
  engine.Run("MULTI");
  engine.Run("RPUSH l 1");
  engine.Run("LPOP l");
  engine.Run("EXEC");
  CHECK(a.Received().empty());
  engine.Run("MULTI");
  engine.Run("RPUSH l 1");
  engine.Run("DEL l");
  engine.Run("RPUSH l 2");
  engine.Run("EXEC");
  CHECK(a.Received() == Pair("l", "2"));
}

TEST_CASE("a key of another type serves nobody and keeps nobody from being served") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("BLPOP k 0");
  engine.Run("SET k v");
  CHECK(a.Received().empty());
  engine.Run("DEL k");
  engine.Run("LPUSH k v");
  CHECK(a.Received() == Pair("k", "v"));
  engine.Run("SET k v");
  CHECK(a.Run("BLPOP k 0").substr(0, 18) == "(error) WRONGTYPE ");
}

TEST_CASE("every way in which a list comes to a key wakes who waits for it") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  for (const char* way :
       {"RENAME from k", "COPY from k", "LMOVE from k LEFT LEFT", "SWAPDB 0 1", "MOVE"}) {
    CAPTURE(way);
    engine.Run("FLUSHALL");
    a.Run("BLPOP k 0");
    if (std::string(way) == "SWAPDB 0 1") {
      engine.Run("SELECT 1");
      engine.Run("RPUSH k v");
      CHECK(engine.Run(way) == "OK");
      engine.Run("SELECT 0");
    } else if (std::string(way) == "MOVE") {
      engine.Run("SELECT 1");
      engine.Run("RPUSH k v");
      CHECK(engine.Run("MOVE k 0") == "1");
      engine.Run("SELECT 0");
    } else {
      engine.Run("RPUSH from v");
      engine.Run(way);
    }
    CHECK(a.Received() == Pair("k", "v"));
  }
}

TEST_CASE("moving wakes who waits for the destination") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  a.Run("BLMOVE x y LEFT RIGHT 0");
  b.Run("BLPOP y 0");
  engine.Run("RPUSH x v");
  CHECK(a.Received() == "$1\r\nv\r\n");
  CHECK(b.Received() == Pair("y", "v"));
  // To itself, it takes what it has put.
  a.Run("BRPOPLPUSH x x 0");
  engine.Run("RPUSH x v");
  CHECK(a.Received() == "$1\r\nv\r\n");
  CHECK(engine.Run("LRANGE x 0 -1") == "[\"v\"]");
  // A destination of another type is an error for whoever waited.
  engine.Run("DEL x");
  engine.Run("SET s v");
  a.Run("BLMOVE x s LEFT RIGHT 0");
  engine.Run("RPUSH x v");
  CHECK(a.Received().substr(0, 10) == "-WRONGTYPE");
  CHECK(engine.Run("LLEN x") == "1");
}

TEST_CASE("waits end with their time, to the millisecond, or by CLIENT UNBLOCK") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  a.Run("BLPOP k 0.05");
  b.Run("BLMOVE k l LEFT LEFT 0.5");
  engine.AdvanceMs(49);
  engine.Tick();
  CHECK(a.Received().empty());
  engine.AdvanceMs(2);
  engine.Tick();
  CHECK(a.Received() == kNothing);
  CHECK(b.Received().empty());
  CHECK(engine.Run("CLIENT UNBLOCK 3") == "1");
  CHECK(b.Received() == kNothing);
  CHECK(engine.Run("CLIENT UNBLOCK 3") == "0");
  b.Run("BLMPOP 0 1 k LEFT");
  CHECK(engine.Run("CLIENT UNBLOCK 3 ERROR") == "1");
  CHECK(b.Received() == "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  CHECK(engine.Run("CLIENT UNBLOCK 99") == "0");
  CHECK(engine.Run("CLIENT UNBLOCK x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("CLIENT UNBLOCK 3 NOW") ==
        "(error) ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  engine.Run("RPUSH k v");
  CHECK(engine.Run("LLEN k") == "1");
}

TEST_CASE("times to wait are checked") {
  EngineHarness engine;
  const auto error = [&](const char* seconds) { return engine.RunArgs({"BLPOP", "k", seconds}); };
  CHECK(error("-1") == "(error) ERR timeout is negative");
  CHECK(error("x") == "(error) ERR timeout is not a float or out of range");
  CHECK(error("nan") == "(error) ERR timeout is not a float or out of range");
  CHECK(error("inf") == "(error) ERR timeout is out of range");
  CHECK(error("9223372036854775") == "(error) ERR timeout is out of range");
  CHECK(engine.Run("BLMOVE a b UP LEFT x") == "(error) ERR syntax error");
  // Of these two, the time is judged last.
  CHECK(engine.Run("BLMPOP x 0 a LEFT") == "(error) ERR numkeys should be greater than 0");
  CHECK(engine.Run("BLMPOP x 1 a UP") == "(error) ERR syntax error");
  CHECK(engine.Run("BLMPOP x 1 a LEFT COUNT 0") == "(error) ERR count should be greater than 0");
  CHECK(engine.Run("BLMPOP x 1 a LEFT") == "(error) ERR timeout is not a float or out of range");
}

TEST_CASE("inside a transaction nothing waits") {
  EngineHarness engine;
  engine.Run("MULTI");
  engine.Run("BLPOP k 0");
  engine.Run("BLMOVE k l LEFT LEFT 0");
  engine.Run("BLMPOP 0 1 k LEFT");
  CHECK(engine.client().Wire("EXEC") == "*3\r\n*-1\r\n$-1\r\n*-1\r\n");
}

TEST_CASE("a client that goes takes nothing, and CLIENT LIST shows who waits") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("BLPOP k 0");
  CHECK(engine.Run("CLIENT LIST ID 2").find(" flags=b ") != std::string::npos);
  a.Disconnect();
  engine.Run("RPUSH k v");
  CHECK(engine.Run("LLEN k") == "1");
}

TEST_CASE("sorted sets are waited for like lists") {
  EngineHarness engine;
  if (engine.commands().Find("zmpop") == nullptr) return;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  b.Run("HELLO 3");
  a.Run("BZPOPMIN z 0");
  b.Run("BZPOPMAX z 0");
  engine.Run("ZADD z 1 one 2 two 3.5 three");
  CHECK(a.Received() == "*3\r\n$1\r\nz\r\n$3\r\none\r\n$1\r\n1\r\n");
  CHECK(b.Received() == "*3\r\n$1\r\nz\r\n$5\r\nthree\r\n,3.5\r\n");
  CHECK(engine.Run("BZMPOP 0 2 none z MIN") == "[\"z\", [[\"two\", \"2\"]]]");
  a.Run("BZMPOP 0 1 z MAX COUNT 2");
  engine.Run("ZADD z 1 one");
  CHECK(a.Received() == "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$3\r\none\r\n$1\r\n1\r\n");
}

}  // namespace
}  // namespace torc
