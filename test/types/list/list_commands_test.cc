#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

constexpr std::string_view kWrong =
    "(error) WRONGTYPE Operation against a key holding the wrong kind of value";

TEST_CASE("elements are pushed and popped at both ends, and an empty list is no key") {
  EngineHarness engine;
  CHECK(engine.Run("RPUSH l a b c") == "3");
  CHECK(engine.Run("LPUSH l x y") == "5");
  CHECK(engine.Run("LRANGE l 0 -1") == R"(["y", "x", "a", "b", "c"])");
  CHECK(engine.Run("LPUSHX none a") == "0");
  CHECK(engine.Run("RPUSHX l d") == "6");
  CHECK(engine.Run("LPOP l") == "\"y\"");
  CHECK(engine.Run("RPOP l 2") == R"(["d", "c"])");
  CHECK(engine.Run("LPOP l 0") == "[]");
  CHECK(engine.Run("LPOP l 100") == R"(["x", "a", "b"])");
  CHECK(engine.Run("EXISTS l") == "0");
  CHECK(engine.Run("LPOP l") == "(nil)");
  CHECK(engine.Run("LPOP l 1") == "(nil)");
  CHECK(engine.Run("LPOP l -1") == "(error) ERR value is out of range, must be positive");
  CHECK(engine.Run("LPOP l -9223372036854775808") ==
        "(error) ERR value is out of range, must be positive");
  CHECK(engine.Run("LPOP l 1 2") == "(error) ERR wrong number of arguments for 'lpop' command");
}

TEST_CASE("indexes and ranges count from both ends and are cut to the list") {
  EngineHarness engine;
  engine.Run("RPUSH l a b 3 d");
  CHECK(engine.Run("LINDEX l 2") == "\"3\"");
  CHECK(engine.Run("LINDEX l -4") == "\"a\"");
  CHECK(engine.Run("LINDEX l 4") == "(nil)");
  CHECK(engine.Run("LINDEX none abc") == "(nil)");
  CHECK(engine.Run("LINDEX l abc") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("LRANGE l -9223372036854775808 9223372036854775807") ==
        R"(["a", "b", "3", "d"])");
  CHECK(engine.Run("LRANGE l 3 1") == "[]");
  CHECK(engine.Run("LSET l -1 D") == "OK");
  CHECK(engine.Run("LSET l 4 x") == "(error) ERR index out of range");
  CHECK(engine.Run("LSET none 0 x") == "(error) ERR no such key");
  CHECK(engine.Run("LTRIM l 1 -2") == "OK");
  CHECK(engine.Run("LRANGE l 0 -1") == R"(["b", "3"])");
  CHECK(engine.Run("LTRIM l 5 9") == "OK");
  CHECK(engine.Run("EXISTS l") == "0");
}

TEST_CASE("LINSERT, LREM and LPOS find elements by their text") {
  EngineHarness engine;
  engine.Run("RPUSH l a b c a b c a");
  CHECK(engine.Run("LINSERT l BEFORE b x") == "8");
  CHECK(engine.Run("LINSERT l AFTER nothing x") == "-1");
  CHECK(engine.Run("LINSERT none AFTER a x") == "0");
  CHECK(engine.Run("LINSERT l BESIDE a x") == "(error) ERR syntax error");
  CHECK(engine.Run("LPOS l a") == "0");
  CHECK(engine.Run("LPOS l a RANK -1") == "7");
  CHECK(engine.Run("LPOS l a COUNT 0 RANK 2") == "[4, 7]");
  CHECK(engine.Run("LPOS l a COUNT 2 MAXLEN 4") == "[0]");
  CHECK(engine.Run("LPOS l z") == "(nil)");
  CHECK(engine.Run("LPOS l z COUNT 1") == "[]");
  CHECK(engine.Run("LPOS l a RANK -9223372036854775808") ==
        "(error) ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  CHECK(engine.Run("LREM l -2 a") == "2");
  CHECK(engine.Run("LREM l 0 b") == "2");
  CHECK(engine.Run("LRANGE l 0 -1") == R"(["a", "x", "c", "c"])");
  CHECK(engine.Run("LREM l 0 c") == "2");
  CHECK(engine.Run("LREM l 1 none") == "0");
}

TEST_CASE("elements move between lists and around in one") {
  EngineHarness engine;
  engine.Run("RPUSH a 1 2 3");
  CHECK(engine.Run("LMOVE a b LEFT RIGHT") == "\"1\"");
  CHECK(engine.Run("RPOPLPUSH a b") == "\"3\"");
  CHECK(engine.Run("LRANGE b 0 -1") == R"(["3", "1"])");
  CHECK(engine.Run("LMOVE b b LEFT RIGHT") == "\"3\"");
  CHECK(engine.Run("LRANGE b 0 -1") == R"(["1", "3"])");
  CHECK(engine.Run("LMOVE a a LEFT LEFT") == "\"2\"");
  CHECK(engine.Run("LMOVE a b LEFT LEFT") == "\"2\"");
  CHECK(engine.Run("EXISTS a") == "0");
  CHECK(engine.Run("LMOVE a b LEFT LEFT") == "(nil)");
  CHECK(engine.Run("LMOVE a b UP LEFT") == "(error) ERR syntax error");
  CHECK(engine.Run("LMPOP 2 a b LEFT COUNT 2") == R"(["b", ["2", "1"]])");
  CHECK(engine.Run("LMPOP 1 a RIGHT") == "(nil)");
  CHECK(engine.Run("LMPOP 0 a RIGHT") == "(error) ERR numkeys should be greater than 0");
  CHECK(engine.Run("LMPOP 9 a RIGHT") == "(error) ERR syntax error");
  CHECK(engine.Run("LMPOP 1 b LEFT COUNT 0") == "(error) ERR count should be greater than 0");
}

TEST_CASE("other types are refused by every command") {
  EngineHarness engine;
  engine.Run("SET s v");
  engine.Run("RPUSH l a");
  for (const char* line : {"LPUSH s a", "RPUSHX s a", "LPOP s", "LPOP s 0", "RPOP s", "LLEN s",
                           "LINDEX s 0", "LRANGE s 0 1", "LSET s 0 a", "LINSERT s BEFORE a b",
                           "LREM s 0 a", "LTRIM s 0 1", "LPOS s a", "LMOVE s l LEFT LEFT",
                           "LMOVE l s LEFT LEFT", "RPOPLPUSH l s", "LMPOP 1 s LEFT"}) {
    CAPTURE(line);
    CHECK(engine.Run(line) == kWrong);
  }
  CHECK(engine.Run("GET l") == kWrong);
  CHECK(engine.Run("TYPE l") == "list");
}

TEST_CASE("a list changes its encoding where Redis changes it") {
  EngineHarness engine;
  engine.Run("CONFIG SET list-max-listpack-size 4");
  engine.Run("RPUSH l 1 2 3 4");
  CHECK(engine.Run("OBJECT ENCODING l") == "\"listpack\"");
  engine.Run("RPUSH l 5");
  CHECK(engine.Run("OBJECT ENCODING l") == "\"quicklist\"");
  engine.Run("LPOP l 2");
  CHECK(engine.Run("OBJECT ENCODING l") == "\"quicklist\"");
  engine.Run("LPOP l 2");
  CHECK(engine.Run("OBJECT ENCODING l") == "\"listpack\"");
  engine.Run("CONFIG SET list-max-ziplist-size -1");
  engine.RunArgs({"RPUSH", "b", std::string(4087, 'x')});
  CHECK(engine.Run("OBJECT ENCODING b") == "\"listpack\"");
  engine.RunArgs({"RPUSH", "c", std::string(4090, 'x')});
  CHECK(engine.Run("OBJECT ENCODING c") == "\"quicklist\"");
  engine.Run("LSET c 0 small");
  CHECK(engine.Run("OBJECT ENCODING c") == "\"listpack\"");
}

TEST_CASE("a copy is another list, whatever is written to either") {
  EngineHarness engine;
  engine.Run("CONFIG SET list-max-listpack-size 3");
  for (const int size : {2, 50}) {
    engine.Run("DEL a b");
    for (int i = 0; i < size; ++i) engine.Run("RPUSH a " + std::to_string(i));
    const std::string before = engine.Run("LRANGE a 0 -1");
    engine.Run("COPY a b");
    engine.Run("LSET a 1 changed");
    engine.Run("LINSERT a BEFORE changed new");
    engine.Run("RPOP a");
    CHECK(engine.Run("LRANGE b 0 -1") == before);
    const std::string after = engine.Run("LRANGE a 0 -1");
    engine.Run("LREM b 0 1");
    engine.Run("LTRIM b 0 0");
    CHECK(engine.Run("LRANGE a 0 -1") == after);
  }
}

}  // namespace
}  // namespace torc
