#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("COMMAND INFO describes a command in ten elements") {
  EngineHarness engine;
  CHECK(
      engine.Run("COMMAND INFO get foo") ==
      "[[\"get\", 2, [readonly, fast], 1, 1, 1, [@read, @string, @fast], [], [[\"flags\", [RO, "
      "access], \"begin_search\", [\"type\", \"index\", \"spec\", [\"index\", 1]], \"find_keys\", "
      "[\"type\", \"range\", \"spec\", [\"lastkey\", 0, \"keystep\", 1, \"limit\", 0]]]], []], "
      "(nil)]");
  engine.Run("HELLO 3");
  CHECK(engine.Run("COMMAND INFO config|get") ==
        "[[\"config|get\", -3, {admin, noscript, loading, stale}, 0, 0, 0, {@admin, @slow, "
        "@dangerous}, {}, {}, {}]]");
  CHECK(engine.Run("COMMAND INFO config|foo") == "[(nil)]");
}

TEST_CASE("a container's description holds its subcommands") {
  EngineHarness engine;
  const Reply object = engine.Ask("COMMAND INFO object");
  REQUIRE(object.elements.size() == 1);
  REQUIRE(object.elements[0].elements.size() == 10);
  CHECK(object.elements[0].elements[9].elements.size() == 5);
}

TEST_CASE("COMMAND and COMMAND COUNT agree") {
  EngineHarness engine;
  const auto count = static_cast<int64_t>(engine.Ask("COMMAND").elements.size());
  CHECK(engine.Ask("COMMAND COUNT").integer == count);
  CHECK(static_cast<int64_t>(engine.Ask("COMMAND INFO").elements.size()) == count);
  CHECK(count > 70);
}

TEST_CASE("COMMAND LIST filters by pattern, category and module") {
  EngineHarness engine;
  CHECK(engine.Run("COMMAND LIST FILTERBY PATTERN CONFIG*") ==
        "[\"config\", \"config|get\", \"config|set\", \"config|rewrite\", \"config|resetstat\", "
        "\"config|help\"]");
  CHECK(engine.Run("COMMAND LIST FILTERBY MODULE json") == "[]");
  CHECK(engine.Run("COMMAND LIST FILTERBY ACLCAT nothing") == "[]");
  CHECK(engine.Ask("COMMAND LIST FILTERBY ACLCAT bitmap").elements.size() == 7);
  CHECK(engine.Ask("COMMAND LIST").elements.size() == engine.commands().size());
  CHECK(engine.Run("COMMAND LIST FILTERBY FOO x") == "(error) ERR syntax error");
  CHECK(engine.Run("COMMAND LIST PATTERN x") == "(error) ERR syntax error");
}

TEST_CASE("COMMAND DOCS tells the arguments as a tree") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  const std::string docs = engine.Run("COMMAND DOCS setnx");
  CHECK(docs.find("{\"setnx\": {\"summary\": ") == 0);
  CHECK(docs.find("\"since\": \"1.0.0\", \"group\": \"string\", \"complexity\": \"O(1)\", "
                  "\"doc_flags\": {deprecated}, \"deprecated_since\": \"2.6.12\"") !=
        std::string::npos);
  CHECK(
      docs.find("\"arguments\": [{\"name\": \"key\", \"type\": \"key\", \"display_text\": \"key\", "
                "\"key_spec_index\": 0}, {\"name\": \"value\", \"type\": \"string\", "
                "\"display_text\": \"value\"}]}}") != std::string::npos);
  const std::string set = engine.Run("COMMAND DOCS set");
  CHECK(set.find("{\"name\": \"seconds\", \"type\": \"integer\", \"display_text\": \"seconds\", "
                 "\"token\": \"EX\"}") != std::string::npos);
  CHECK(engine.Run("COMMAND DOCS mget").find("\"flags\": {multiple}") != std::string::npos);
  CHECK(engine.Run("COMMAND DOCS foo") == "{}");
  CHECK(engine.Run("COMMAND DOCS memory").find("\"subcommands\": {\"memory|usage\": {") !=
        std::string::npos);
  CHECK(engine.Run("COMMAND DOCS debug").find("{syscmd}") != std::string::npos);
}

TEST_CASE("COMMAND GETKEYS finds the keys of a call") {
  EngineHarness engine;
  CHECK(engine.Run("COMMAND GETKEYS mset a 1 b 2") == "[\"a\", \"b\"]");
  CHECK(engine.Run("COMMAND GETKEYS memory usage k") == "[\"k\"]");
  CHECK(engine.Run("COMMAND GETKEYS bitop and d a b") == "[\"d\", \"a\", \"b\"]");
  CHECK(engine.Run("COMMAND GETKEYS foo") == "(error) ERR Invalid command specified");
  CHECK(engine.Run("COMMAND GETKEYS object foo k") == "(error) ERR Invalid command specified");
  CHECK(engine.Run("COMMAND GETKEYS ping") == "(error) ERR The command has no key arguments");
  CHECK(engine.Run("COMMAND GETKEYS get") ==
        "(error) ERR Invalid number of arguments specified for command");
  CHECK(engine.Run("COMMAND GETKEYS msetex nine a b") ==
        "(error) ERR Invalid arguments specified for command");
  CHECK(engine.Run("COMMAND GETKEYS") ==
        "(error) ERR wrong number of arguments for 'command|getkeys' command");
}

TEST_CASE("COMMAND GETKEYSANDFLAGS tells what is done with each key") {
  EngineHarness engine;
  CHECK(engine.Run("COMMAND GETKEYSANDFLAGS set a b") == "[[\"a\", [OW, update]]]");
  CHECK(engine.Run("COMMAND GETKEYSANDFLAGS set a b get") == "[[\"a\", [RW, access, update]]]");
  CHECK(engine.Run("COMMAND GETKEYSANDFLAGS bitfield a GET u8 0") == "[[\"a\", [RO, access]]]");
  CHECK(engine.Run("COMMAND GETKEYSANDFLAGS bitfield a GET u8 0 SET u8 0 1") ==
        "[[\"a\", [RW, access, update]]]");
  CHECK(engine.Run("COMMAND GETKEYSANDFLAGS rename a b") ==
        "[[\"a\", [RW, access, delete]], [\"b\", [OW, update]]]");
}

}  // namespace
}  // namespace torc
