#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("lists, sets and sorted sets are sorted by number or by letter, either way") {
  EngineHarness engine;
  engine.Run("RPUSH l 10 9 -3 2.5 9");
  engine.Run("SADD s 30 4 100");
  engine.Run("ZADD z 3 7 2 8 1 9");
  CHECK(engine.Run("SORT l") == R"(["-3", "2.5", "9", "9", "10"])");
  CHECK(engine.Run("SORT l DESC LIMIT 1 2") == R"(["9", "9"])");
  CHECK(engine.Run("SORT_RO l ALPHA") == R"(["-3", "10", "2.5", "9", "9"])");
  CHECK(engine.Run("SORT s ALPHA DESC") == R"(["4", "30", "100"])");
  CHECK(engine.Run("SORT z") == R"(["7", "8", "9"])");
  CHECK(engine.Run("SORT nokey") == "[]");
  CHECK(engine.Run("SORT l LIMIT 9 9") == "[]");
  CHECK(engine.Run("SORT l LIMIT -5 1") == R"(["-3"])");
}

TEST_CASE("a constant pattern leaves the order of the value, from either end") {
  EngineHarness engine;
  engine.Run("RPUSH l 3 1 2");
  engine.Run("ZADD z 3 a 2 b 1 c");
  CHECK(engine.Run("SORT l BY nosort") == R"(["3", "1", "2"])");
  CHECK(engine.Run("SORT l BY nosort DESC LIMIT -1 2") == R"(["2", "1"])");
  CHECK(engine.Run("SORT l BY nosort LIMIT 1 1") == R"(["1"])");
  CHECK(engine.Run("SORT z BY nosort") == R"(["c", "b", "a"])");
  CHECK(engine.Run("SORT z BY nosort DESC LIMIT 0 2") == R"(["a", "b"])");
}

TEST_CASE("other keys and fields of hashes give the order and the answer") {
  EngineHarness engine;
  engine.Run("RPUSH l 1 2 3");
  engine.Run("MSET w_1 30 w_2 20 w_3 10");
  engine.Run("HSET h_1 f one");
  engine.Run("HSET h_2 f two");
  CHECK(engine.Run("SORT l BY w_*") == R"(["3", "2", "1"])");
  CHECK(engine.Run("SORT l BY w_* GET # GET h_*->f GET h_*->no GET w_*") ==
        R"(["3", (nil), (nil), "10", "2", "two", (nil), "20", "1", "one", (nil), "30"])");
  CHECK(engine.Run("SORT l BY h_*->f ALPHA") == R"(["3", "1", "2"])");
  CHECK(engine.Run("SORT l GET constant") == "[(nil), (nil), (nil)]");
}

TEST_CASE("what is stored is a list in place of what was there") {
  EngineHarness engine;
  engine.Run("SADD s 3 1 2");
  engine.Run("SET out text");
  CHECK(engine.Run("SORT s STORE out") == "3");
  CHECK(engine.Run("LRANGE out 0 -1") == R"(["1", "2", "3"])");
  CHECK(engine.Run("SORT s BY nosort GET none_* STORE out") == "3");
  CHECK(engine.Run("LRANGE out 0 -1") == R"(["", "", ""])");
  CHECK(engine.Run("SORT out DESC STORE out") == "3");
  CHECK(engine.Run("SORT nokey STORE out") == "0");
  CHECK(engine.Run("EXISTS out") == "0");
}

TEST_CASE("what cannot be sorted says so") {
  EngineHarness engine;
  engine.Run("RPUSH l a b");
  engine.Run("SET text x");
  CHECK(engine.Run("SORT l") == "(error) ERR One or more scores can't be converted into double");
  CHECK(engine.Run("SORT text") ==
        "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
  CHECK(engine.Run("SORT_RO l STORE out") == "(error) ERR syntax error");
  CHECK(engine.Run("SORT l LIMIT 1") == "(error) ERR syntax error");
  CHECK(engine.Run("SORT l LIMIT a 1") == "(error) ERR value is not an integer or out of range");
}

TEST_CASE("the key behind STORE is found wherever it stands") {
  EngineHarness engine;
  CHECK(engine.Run("COMMAND GETKEYS SORT k BY STORE LIMIT STORE x STORE a GET STORE STORE b") ==
        R"(["k", "b"])");
  CHECK(engine.Run("COMMAND GETKEYS SORT_RO k STORE a") == R"(["k"])");
}

}  // namespace
}  // namespace torc
