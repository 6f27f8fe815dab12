#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

constexpr std::string_view kWrong =
    "(error) WRONGTYPE Operation against a key holding the wrong kind of value";

TEST_CASE("ZADD obeys its options, and refuses those that contradict each other") {
  EngineHarness engine;
  CHECK(engine.Run("ZADD z 1 a 2 b 3 c") == "3");
  CHECK(engine.Run("ZADD z NX 9 a 4 d") == "1");
  CHECK(engine.Run("ZADD z XX CH 9 a 9 e") == "1");
  CHECK(engine.Run("ZADD z GT CH 5 a 7 b") == "1");
  CHECK(engine.Run("ZADD z LT CH 5 a 9 b") == "1");
  CHECK(engine.Run("ZADD z INCR 2.5 a") == "\"7.5\"");
  CHECK(engine.Run("ZADD z NX INCR 1 a") == "(nil)");
  CHECK(engine.Run("ZINCRBY z -0.5 a") == "\"7\"");
  CHECK(engine.Run("ZRANGE z 0 -1 WITHSCORES") == R"(["c", "3", "d", "4", "a", "7", "b", "7"])");
  CHECK(engine.Run("ZADD none XX 1 a") == "0");
  CHECK(engine.Run("EXISTS none") == "0");
  CHECK(engine.Run("ZADD z NX XX 1 a") ==
        "(error) ERR XX and NX options at the same time are not compatible");
  CHECK(engine.Run("ZADD z GT LT 1 a") ==
        "(error) ERR GT, LT, and/or NX options at the same time are not compatible");
  CHECK(engine.Run("ZADD z INCR 1 a 2 b") ==
        "(error) ERR INCR option supports a single increment-element pair");
  CHECK(engine.Run("ZADD z 1 a 2") == "(error) ERR syntax error");
  CHECK(engine.Run("ZADD z nan a") == "(error) ERR value is not a valid float");
  engine.Run("ZADD z +inf i");
  CHECK(engine.Run("ZINCRBY z -inf i") == "(error) ERR resulting score is not a number (NaN)");
}

TEST_CASE("members are found by score, rank and text") {
  EngineHarness engine;
  engine.Run("ZADD z 1 a 2 b 2 c 3.25 d inf e");
  CHECK(engine.Run("ZCARD z") == "5");
  CHECK(engine.Run("ZSCORE z d") == "\"3.25\"");
  CHECK(engine.Run("ZSCORE z x") == "(nil)");
  CHECK(engine.Run("ZMSCORE z a x e") == R"(["1", (nil), "inf"])");
  CHECK(engine.Run("ZRANK z c") == "2");
  CHECK(engine.Run("ZREVRANK z c WITHSCORE") == R"([2, "2"])");
  CHECK(engine.Run("ZRANK z x") == "(nil)");
  CHECK(engine.Run("ZCOUNT z (1 3.25") == "3");
  CHECK(engine.Run("ZCOUNT z 1 x") == "(error) ERR min or max is not a float");
  CHECK(engine.Run("ZRANGE z (1 inf BYSCORE LIMIT 1 2") == R"(["c", "d"])");
  CHECK(engine.Run("ZRANGE z inf (1 BYSCORE REV LIMIT 1 2") == R"(["d", "c"])");
  CHECK(engine.Run("ZREVRANGEBYSCORE z 2 1 WITHSCORES") == R"(["c", "2", "b", "2", "a", "1"])");
  CHECK(engine.Run("ZRANGE z 0 1 LIMIT 0 1") ==
        "(error) ERR syntax error, LIMIT is only supported in combination with either BYSCORE or "
        "BYLEX");
  engine.Run("ZADD l 0 a 0 b 0 c 0 d");
  CHECK(engine.Run("ZRANGEBYLEX l [b (d") == R"(["b", "c"])");
  CHECK(engine.Run("ZREVRANGEBYLEX l + - LIMIT 1 2") == R"(["c", "b"])");
  CHECK(engine.Run("ZLEXCOUNT l - (c") == "2");
  CHECK(engine.Run("ZRANGE l b d BYLEX") == "(error) ERR min or max not valid string range item");
  CHECK(engine.Run("ZRANGESTORE out z 1 2 REV") == "2");
  CHECK(engine.Run("ZRANGE out 0 -1 WITHSCORES") == R"(["c", "2", "d", "3.25"])");
  CHECK(engine.Run("ZRANGESTORE out none 0 -1") == "0");
  CHECK(engine.Run("EXISTS out") == "0");
}

TEST_CASE("members leave by name, rank, score and text, and take an empty key with them") {
  EngineHarness engine;
  engine.Run("ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h");
  CHECK(engine.Run("ZREM z a x") == "1");
  CHECK(engine.Run("ZREMRANGEBYRANK z 0 0") == "1");
  CHECK(engine.Run("ZREMRANGEBYSCORE z (3 4") == "1");
  CHECK(engine.Run("ZREMRANGEBYLEX z [c [c") == "1");
  CHECK(engine.Run("ZPOPMIN z") == R"(["e", "5"])");
  CHECK(engine.Run("ZPOPMAX z 2") == R"(["h", "8", "g", "7"])");
  CHECK(engine.Run("ZMPOP 2 none z MIN COUNT 5") == R"(["z", [["f", "6"]]])");
  CHECK(engine.Run("EXISTS z") == "0");
  CHECK(engine.Run("ZMPOP 1 z MIN") == "(nil)");
  CHECK(engine.Run("ZPOPMIN z -9223372036854775808") ==
        "(error) ERR value is out of range, must be positive");
}

TEST_CASE("sets are united, intersected and subtracted with weights") {
  EngineHarness engine;
  engine.Run("ZADD a 1 x 2 y 3 z");
  engine.Run("ZADD b 10 y 20 z 30 w");
  CHECK(engine.Run("ZUNION 2 a b WITHSCORES") == R"(["x", "1", "y", "12", "z", "23", "w", "30"])");
  CHECK(engine.Run("ZINTER 2 a b WEIGHTS 2 1 AGGREGATE MAX WITHSCORES") ==
        R"(["y", "10", "z", "20"])");
  CHECK(engine.Run("ZDIFF 2 a b") == R"(["x"])");
  CHECK(engine.Run("ZINTERCARD 2 a b LIMIT 1") == "1");
  CHECK(engine.Run("ZUNIONSTORE out 2 a none") == "3");
  CHECK(engine.Run("ZINTERSTORE out 2 a none") == "0");
  CHECK(engine.Run("EXISTS out") == "0");
  CHECK(engine.Run("ZDIFFSTORE a 1 b") == "3");
  CHECK(engine.Run("ZUNION 0 a") ==
        "(error) ERR at least 1 input key is needed for 'zunion' command");
  CHECK(engine.Run("ZUNION 2 a b WEIGHTS 1 x") == "(error) ERR weight value is not a float");
  CHECK(engine.Run("ZINTERCARD 1 a LIMIT -1") == "(error) ERR LIMIT can't be negative");
}

TEST_CASE("random members and scans see what is there, in both encodings") {
  EngineHarness engine;
  for (const char* limit : {"128", "0"}) {
    engine.Run("FLUSHALL");
    engine.Run(std::string("CONFIG SET zset-max-listpack-entries ") + limit);
    for (int i = 0; i < 60; ++i)
      engine.Run("ZADD z " + std::to_string(i) + " m" + std::to_string(i));
    CHECK(engine.Ask("ZRANDMEMBER z 1000").elements.size() == 60);
    CHECK(engine.Ask("ZRANDMEMBER z -100 WITHSCORES").elements.size() == 200);
    CHECK(engine.Ask("ZRANDMEMBER z 5").elements.size() == 5);
    size_t seen = 0;
    std::string cursor = "0";
    do {
      const Reply reply = engine.Ask("ZSCAN z " + cursor + " COUNT 7");
      cursor = reply.elements[0].text;
      seen += reply.elements[1].elements.size() / 2;
    } while (cursor != "0");
    CHECK(seen == 60);
    CHECK(engine.Ask("ZSCAN z 0 MATCH m59 COUNT 100").elements[1].elements.size() == 2);
  }
  CHECK(engine.Run("ZSCAN z x") == "(error) ERR invalid cursor");
  CHECK(engine.Run("ZSCAN none 0 bad") == R"(["0", []])");
}

TEST_CASE("RESP3 has doubles and pairs") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("ZADD z 1.5 a 2 b");
  CHECK(engine.Run("ZSCORE z a") == "(double) 1.5");
  CHECK(engine.Run("ZRANGE z 0 -1 WITHSCORES") == "[[\"a\", (double) 1.5], [\"b\", (double) 2]]");
  CHECK(engine.Run("ZPOPMIN z") == "[\"a\", (double) 1.5]");
  CHECK(engine.Run("ZPOPMIN z 1") == "[[\"b\", (double) 2]]");
}

TEST_CASE("a sorted set grows large where Redis's does, and stays so") {
  EngineHarness engine;
  engine.Run("CONFIG SET zset-max-ziplist-entries 3 zset-max-ziplist-value 8");
  engine.Run("ZADD z 1 a 2 b 3 c");
  CHECK(engine.Run("OBJECT ENCODING z") == "\"listpack\"");
  engine.Run("ZADD z 4 d");
  CHECK(engine.Run("OBJECT ENCODING z") == "\"skiplist\"");
  engine.Run("ZREM z c d");
  CHECK(engine.Run("OBJECT ENCODING z") == "\"skiplist\"");
  engine.Run("ZADD y 1 a");
  engine.Run("ZADD y 1 123456789");
  CHECK(engine.Run("OBJECT ENCODING y") == "\"skiplist\"");
  engine.Run("COPY z copy");
  engine.Run("ZINCRBY z 5 a");
  engine.Run("ZREM copy b");
  CHECK(engine.Run("ZRANGE z 0 -1 WITHSCORES") == R"(["b", "2", "a", "6"])");
  CHECK(engine.Run("ZRANGE copy 0 -1 WITHSCORES") == R"(["a", "1"])");
}

TEST_CASE("other types are refused by every command") {
  EngineHarness engine;
  engine.Run("SET s v");
  for (const char* line :
       {"ZADD s 1 a", "ZINCRBY s 1 a", "ZREM s a", "ZCARD s", "ZSCORE s a", "ZMSCORE s a",
        "ZRANK s a", "ZCOUNT s 0 1", "ZLEXCOUNT s - +", "ZRANGE s 0 1", "ZRANGESTORE d s 0 1",
        "ZREMRANGEBYRANK s 0 1", "ZPOPMIN s", "ZMPOP 1 s MIN", "ZRANDMEMBER s", "ZSCAN s 0",
        "ZUNION 1 s", "ZINTERSTORE d 1 s", "ZINTERCARD 1 s"}) {
    CAPTURE(line);
    CHECK(engine.Run(line) == kWrong);
  }
}

}  // namespace
}  // namespace torc
