#include <doctest/doctest.h>

#include <set>
#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("deadlines obey their conditions and remove what is past") {
  EngineHarness engine;
  engine.Run("SET k v");
  CHECK(engine.Run("EXPIRE k 100 XX") == "0");
  CHECK(engine.Run("EXPIRE k 100 NX") == "1");
  CHECK(engine.Run("EXPIRE k 50 GT") == "0");
  CHECK(engine.Run("EXPIRE k 50 LT") == "1");
  CHECK(engine.Run("EXPIRE k 50 GT LT") ==
        "(error) ERR GT and LT options at the same time are not compatible");
  CHECK(engine.Run("EXPIRE k 50 NX GT") ==
        "(error) ERR NX and XX, GT or LT options at the same time are not compatible");
  CHECK(engine.Run("EXPIRE k 50 YY") == "(error) ERR Unsupported option YY");
  CHECK(engine.Run("EXPIRE k 9223372036854775807") ==
        "(error) ERR invalid expire time in 'expire' command");
  CHECK(engine.Run("PERSIST k") == "1");
  CHECK(engine.Run("EXPIRE k 10 GT") == "0");
  CHECK(engine.Run("EXPIRE k 10 LT") == "1");
  CHECK(engine.Run("EXPIRE k -1") == "1");
  CHECK(engine.Run("EXISTS k") == "0");
  CHECK(engine.Run("EXPIRE none 10") == "0");
}

TEST_CASE("an expired key is never answered, swept or not") {
  EngineHarness engine;
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(10);
  CHECK(engine.Run("GET k") == "\"v\"");
  CHECK(engine.Run("PTTL k") == "0");
  engine.AdvanceMs(1);
  CHECK(engine.Run("GET k") == "(nil)");
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(11);
  CHECK(engine.Run("TTL k") == "-2");
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(11);
  CHECK(engine.Run("SET k w NX") == "OK");
  CHECK(engine.Run("TTL k") == "-1");
}

TEST_CASE("the sweep removes keys nobody asks for, in every database") {
  EngineHarness engine;
  for (int i = 0; i < 500; ++i) engine.Run("SET a" + std::to_string(i) + " v PX 10");
  engine.keyspace();
  engine.AdvanceMs(1000);
  engine.Tick();
  CHECK(engine.keyspace().KeyCount(DbIndex(0)) == 0);
  CHECK(engine.keyspace().stats().expired_by_sweep == 500);
  CHECK(engine.keyspace().SweepLagMs(engine.shard().now()) == 0);
}

TEST_CASE("RENAME takes the value and its deadline along") {
  EngineHarness engine;
  engine.Run("SET a 1 EX 100");
  engine.Run("SET b 2");
  CHECK(engine.Run("RENAME a b") == "OK");
  CHECK(engine.Run("GET b") == "\"1\"");
  CHECK(engine.Run("TTL b") == "100");
  CHECK(engine.Run("RENAME a c") == "(error) ERR no such key");
  engine.Run("SET c 3");
  CHECK(engine.Run("RENAMENX b c") == "0");
  CHECK(engine.Run("RENAMENX b d") == "1");
  CHECK(engine.Run("RENAME d d") == "OK");
  engine.RunArgs({"SET", "big", std::string(5000, 'x')});
  CHECK(engine.Run("RENAME big bigger") == "OK");
  CHECK(engine.Ask("GET bigger").text == std::string(5000, 'x'));
}

TEST_CASE("COPY and MOVE cross databases and respect what is there") {
  EngineHarness engine;
  engine.RunArgs({"SET", "a", std::string(3000, 'y')});
  CHECK(engine.Run("COPY a a") == "(error) ERR source and destination objects are the same");
  CHECK(engine.Run("COPY a b") == "1");
  CHECK(engine.Run("APPEND b z") == "3001");
  CHECK(engine.Run("STRLEN a") == "3000");
  CHECK(engine.Run("COPY a b") == "0");
  CHECK(engine.Run("COPY a b REPLACE") == "1");
  CHECK(engine.Run("COPY a a DB 3") == "1");
  CHECK(engine.Run("COPY a a DB 99") == "(error) ERR DB index is out of range");
  CHECK(engine.Run("MOVE a 3") == "0");
  CHECK(engine.Run("MOVE b 3") == "1");
  CHECK(engine.Run("EXISTS a b") == "1");
  CHECK(engine.Run("MOVE a 0") == "(error) ERR source and destination objects are the same");
}

TEST_CASE("SCAN returns every key that stays, whatever comes and goes meanwhile") {
  EngineHarness engine;
  for (int i = 0; i < 2000; ++i) engine.Run("SET stay" + std::to_string(i) + " v");
  std::set<std::string> seen;
  std::string cursor = "0";
  int step = 0;
  do {
    const Reply reply = engine.Ask("SCAN " + cursor + " MATCH stay* COUNT 20");
    cursor = reply.elements[0].text;
    for (const Reply& key : reply.elements[1].elements) seen.insert(key.text);
    for (int i = 0; i < 40; ++i) {
      engine.Run("SET come" + std::to_string(step * 40 + i) + " v");
      if (step > 2) engine.Run("DEL come" + std::to_string((step - 3) * 40 + i));
    }
    ++step;
    REQUIRE(step < 5000);
  } while (cursor != "0");
  CHECK(seen.size() == 2000);
  CHECK(engine.Run("SCAN x") == "(error) ERR invalid cursor");
  CHECK(engine.Run("SCAN 0 COUNT 0") == "(error) ERR syntax error");
  CHECK(engine.Ask("SCAN 9007199254740991").elements[0].text == "0");
  const Reply all = engine.Ask("SCAN 0 COUNT 9223372036854775807");
  CHECK(all.elements[0].text == "0");
  CHECK(all.elements[1].elements.size() == engine.keyspace().KeyCount(DbIndex(0)));
}

TEST_CASE("KEYS, RANDOMKEY and TOUCH see live keys only") {
  EngineHarness engine;
  engine.Run("MSET one 1 two 2 three 3");
  engine.Run("SET gone v PX 5");
  engine.AdvanceMs(6);
  CHECK(engine.Ask("KEYS *").elements.size() == 3);
  CHECK(engine.Ask("KEYS t*").elements.size() == 2);
  CHECK(engine.Run("TOUCH one two gone nothing") == "2");
  for (int i = 0; i < 50; ++i) CHECK(engine.Ask("RANDOMKEY").text != "gone");
  engine.Run("DEL one two three");
  CHECK(engine.Run("RANDOMKEY") == "(nil)");
}

TEST_CASE("OBJECT tells idle time under LRU and a count under LFU") {
  EngineHarness engine;
  engine.Run("SET k 1");
  engine.AdvanceMs(7000);
  CHECK(engine.Run("OBJECT IDLETIME k") == "7");
  CHECK(engine.Run("OBJECT FREQ k").substr(0, 14) == "(error) ERR An");
  CHECK(engine.Run("OBJECT REFCOUNT k") == "2147483647");
  CHECK(engine.Run("OBJECT ENCODING none") == "(nil)");
  engine.Run("CONFIG SET maxmemory-policy allkeys-lfu");
  engine.Run("SET f v");
  CHECK(engine.Run("OBJECT FREQ f") == "5");
  CHECK(engine.Run("OBJECT IDLETIME f").substr(0, 14) == "(error) ERR An");
}

TEST_CASE("a key of many kilobytes and an empty one are keys like others") {
  EngineHarness engine;
  const std::string long_key(70000, 'k');
  CHECK(engine.RunArgs({"SET", long_key, "v"}) == "OK");
  CHECK(engine.RunArgs({"SET", "", "empty"}) == "OK");
  CHECK(engine.RunArgs({"EXPIRE", long_key, "100"}) == "1");
  CHECK(engine.RunArgs({"GET", long_key}) == "\"v\"");
  CHECK(engine.RunArgs({"GET", ""}) == "\"empty\"");
  CHECK(engine.RunArgs({"RENAME", long_key, ""}) == "OK");
  CHECK(engine.RunArgs({"TTL", ""}) == "100");
}

}  // namespace
}  // namespace torc
