#include "support/engine_harness.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace torc {
namespace {

TEST_CASE("replies are shown as one line") {
  EngineHarness engine;
  CHECK(engine.Run("SET k 'a \"b\"'") == "OK");
  CHECK(engine.Run("GET k") == "\"a \\\"b\\\"\"");
  CHECK(engine.Run("MGET k none") == "[\"a \\\"b\\\"\", (nil)]");
  CHECK(engine.Run("INCR n") == "1");
  CHECK(engine.Run("INCR k") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.RunArgs({"SET", "with blanks in", ""}) == "OK");
  CHECK(engine.Run("STRLEN 'with blanks in'") == "0");
}

TEST_CASE("time stands still until it is moved") {
  EngineHarness engine;
  engine.Run("SET k v PX 100");
  CHECK(engine.Run("PTTL k") == "100");
  engine.AdvanceMs(99);
  CHECK(engine.Run("PTTL k") == "1");
  engine.AdvanceMs(2);
  CHECK(engine.Run("GET k") == "(nil)");
}

TEST_CASE("effects can be read, and the shadow has replayed them") {
  EngineHarness engine;
  engine.Run("SET k v EX 10");
  engine.Run("GET k");
  CHECK(engine.TakeEffects() ==
        std::vector<std::string>{"SET k v PXAT 1700000010000 | set k, expire k"});
  engine.AdvanceMs(10'001);
  engine.Tick();
  CHECK(engine.TakeEffects() == std::vector<std::string>{"DEL k | expired k"});
  CHECK(engine.keyspace().KeyCount(DbIndex(0)) == 0);
}

TEST_CASE("a change without an effect is found by the shadow" * doctest::should_fail()) {
  EngineHarness engine;
  engine.Run("SET k v");
  Keyspace& keyspace = engine.keyspace();
  const KeyRef key = keyspace.Ref("k");
  keyspace.Remove(DbIndex(0), key, keyspace.Peek(DbIndex(0), key));
}

TEST_CASE("clients are separate and share the data") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  engine.Run("SET k v");
  CHECK(other.Run("GET k") == "\"v\"");
  CHECK(other.Wire("GET k") == "$1\r\nv\r\n");
  CHECK(other.session().id != engine.client().session().id);
}

}  // namespace
}  // namespace torc
