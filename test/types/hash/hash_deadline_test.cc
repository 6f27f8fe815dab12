// Fields with deadlines: commands, the sweep, effects, and what other commands do with such hashes.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

using Texts = std::vector<std::string>;

std::string Deadline(EngineHarness& engine, int64_t from_now_ms) {
  return std::to_string(engine.clock().WallMs() + from_now_ms);
}

TEST_CASE("a field's deadline is set, told, moved and taken away") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  CHECK(engine.Run("HEXPIRE h 100 FIELDS 2 f none") == "[1, -2]");
  CHECK(engine.Run("HTTL h FIELDS 3 f g none") == "[100, -1, -2]");
  CHECK(engine.Run("HPTTL h FIELDS 1 f") == "[100000]");
  CHECK(engine.Run("HPEXPIRETIME h FIELDS 1 f") == "[" + Deadline(engine, 100'000) + "]");
  CHECK(engine.Run("OBJECT ENCODING h") == "\"listpackex\"");
  engine.AdvanceMs(500);
  CHECK(engine.Run("HTTL h FIELDS 1 f") == "[100]");
  CHECK(engine.Run("HPERSIST h FIELDS 3 f g none") == "[1, -1, -2]");
  CHECK(engine.Run("HTTL h FIELDS 1 f") == "[-1]");
  CHECK(engine.Run("HTTL none FIELDS 2 f g") == "[-2, -2]");
  CHECK(engine.Run("HEXPIRE none 5 FIELDS 1 f") == "[-2]");
  CHECK(engine.Run("HPERSIST none FIELDS 1 f") == "[-2]");
}

TEST_CASE("conditions hold a deadline back; a field without one lives for ever") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  CHECK(engine.Run("HEXPIRE h 100 XX FIELDS 1 f") == "[0]");
  CHECK(engine.Run("HEXPIRE h 100 GT FIELDS 1 f") == "[0]");
  CHECK(engine.Run("HEXPIRE h 100 NX FIELDS 1 f") == "[1]");
  CHECK(engine.Run("HEXPIRE h 200 NX FIELDS 1 f") == "[0]");
  CHECK(engine.Run("HEXPIRE h 50 GT FIELDS 1 f") == "[0]");
  CHECK(engine.Run("HEXPIRE h 150 GT FIELDS 1 f") == "[1]");
  CHECK(engine.Run("HEXPIRE h 200 LT FIELDS 2 f g") == "[0, 1]");
  CHECK(engine.Run("HTTL h FIELDS 2 f g") == "[150, 200]");
}

TEST_CASE("bad arguments are told as Redis tells them") {
  EngineHarness engine;
  engine.Run("HSET h f 1");
  CHECK(engine.Run("HEXPIRE h x FIELDS 1 f") ==
        "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("HEXPIRE h -1 FIELDS 1 f") == "(error) ERR invalid expire time, must be >= 0");
  CHECK(engine.Run("HEXPIRE h 9223372036854775807 FIELDS 1 f") ==
        "(error) ERR invalid expire time in 'hexpire' command");
  CHECK(engine.Run("HPEXPIREAT h 281474976710655 FIELDS 1 f") ==
        "(error) ERR invalid expire time in 'hpexpireat' command");
  CHECK(engine.Run("HPEXPIREAT h 70368744177664 FIELDS 1 f") ==
        "(error) ERR invalid expire time in 'hpexpireat' command");
  CHECK(engine.Run("HPEXPIREAT h 70368744177663 FIELDS 1 none") == "[-2]");
  CHECK(engine.Run("HEXPIRE h 1 NX XX FIELDS 1 f") ==
        "(error) ERR Mandatory argument FIELDS is missing or not at the right position");
  CHECK(engine.Run("HEXPIRE h 1 FIELDS 0 f") ==
        "(error) ERR Parameter `numFields` should be greater than 0");
  CHECK(engine.Run("HTTL h FIELDS 0 a") ==
        "(error) ERR Number of fields must be a positive integer");
  CHECK(engine.Run("HPERSIST h FIELDS x a") ==
        "(error) ERR Number of fields must be a positive integer");
  CHECK(engine.Run("HTTL h FIELDS 2 f") ==
        "(error) ERR The `numfields` parameter must match the number of arguments");
  CHECK(engine.Run("HGETEX h EX 1 PERSIST FIELDS 1 f") ==
        "(error) ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified");
  CHECK(engine.Run("HSETEX h FNX FXX FIELDS 1 f v") ==
        "(error) ERR Only one of FXX or FNX arguments can be specified");
}

TEST_CASE("no read returns a field that is over, whether or not the sweep has come by") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2 x 3");
  engine.Run("HPEXPIRE h 100 FIELDS 2 f g");
  engine.AdvanceMs(100);
  CHECK(engine.Run("HLEN h") == "3");
  engine.AdvanceMs(1);
  CHECK(engine.Run("HGET h f") == "(nil)");
  CHECK(engine.Run("HLEN h") == "1");
  CHECK(engine.Run("HGETALL h") == "[\"x\", \"3\"]");
  engine.Run("HPEXPIRE h 100 FIELDS 1 x");
  engine.AdvanceMs(101);
  CHECK(engine.Run("EXISTS h") == "0");
  CHECK(engine.Run("TYPE h") == "none");
}

TEST_CASE("expired fields leave with an HDEL and the event hexpired") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  engine.Run("HPEXPIRE h 50 FIELDS 1 f");
  engine.TakeEffects();
  engine.AdvanceMs(51);
  engine.Tick();
  CHECK(engine.TakeEffects() == Texts{"HDEL h f | hexpired h"});
  engine.Run("HPEXPIRE h 50 FIELDS 1 g");
  engine.TakeEffects();
  engine.AdvanceMs(51);
  engine.Tick();
  CHECK(engine.TakeEffects() == Texts{"HDEL h g | hexpired h, del h"});
  CHECK(engine.Run("DBSIZE") == "0");
}

TEST_CASE("effects name deadlines in absolute time") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2 i 3");
  engine.TakeEffects();
  const std::string at = Deadline(engine, 10'000);
  engine.Run("HEXPIRE h 10 FIELDS 3 f none g");
  engine.Run("HPERSIST h FIELDS 1 g");
  engine.Run("HEXPIRE h 0 FIELDS 1 g");
  engine.Run("HINCRBYFLOAT h f 0.5");
  engine.Run("HGETEX h PXAT " + at + " FIELDS 2 i none");
  engine.Run("HGETEX h PERSIST FIELDS 2 i f");
  engine.Run("HSETEX h PX 10000 FIELDS 1 s v");
  engine.Run("HGETDEL h FIELDS 2 s none");
  CHECK(engine.TakeEffects() == Texts{"HPEXPIREAT h " + at + " FIELDS 2 f g | hexpire h",
                                      "HPERSIST h FIELDS 1 g | hpersist h", "HDEL h g | hdel h",
                                      "HSETEX h KEEPTTL FIELDS 1 f 1.5 | hincrbyfloat h",
                                      "HPEXPIREAT h " + at + " FIELDS 1 i | hexpire h",
                                      "HPERSIST h FIELDS 2 i f | hpersist h",
                                      "HSETEX h PXAT " + at + " FIELDS 1 s v | hset h, hexpire h",
                                      "HDEL h s | hdel h"});
}

TEST_CASE("HSET ends a deadline, HINCRBY and KEEPTTL keep it") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 1 i 1");
  engine.Run("HEXPIRE h 100 FIELDS 3 f g i");
  engine.Run("HSET h f 2");
  engine.Run("HINCRBY h g 1");
  engine.Run("HSETEX h KEEPTTL FIELDS 1 i 5");
  CHECK(engine.Run("HTTL h FIELDS 3 f g i") == "[-1, 100, 100]");
  engine.Run("HSETEX h FIELDS 1 i 5");
  CHECK(engine.Run("HTTL h FIELDS 1 i") == "[-1]");
}

TEST_CASE("HSETEX sets all or nothing, HGETEX and HGETDEL answer what was there") {
  EngineHarness engine;
  CHECK(engine.Run("HSETEX h FXX FIELDS 1 f v") == "0");
  CHECK(engine.Run("HSETEX h FNX EX 100 FIELDS 2 f v g w") == "1");
  CHECK(engine.Run("HSETEX h FNX FIELDS 2 g x n x") == "0");
  CHECK(engine.Run("HEXISTS h n") == "0");
  CHECK(engine.Run("HTTL h FIELDS 2 f g") == "[100, 100]");
  CHECK(engine.Run("HGETEX h EX 7 FIELDS 2 f none") == "[\"v\", (nil)]");
  CHECK(engine.Run("HTTL h FIELDS 1 f") == "[7]");
  CHECK(engine.Run("HGETEX none FIELDS 2 f g") == "[(nil), (nil)]");
  CHECK(engine.Run("HGETDEL h FIELDS 3 f f g") == "[\"v\", (nil), \"w\"]");
  CHECK(engine.Run("EXISTS h") == "0");
  CHECK(engine.Run("HGETDEL none FIELDS 1 f") == "[(nil)]");
  engine.Run("HSET h f 1 g 2");
  CHECK(engine.Run("HSETEX h PXAT 1 FIELDS 1 f v") == "1");
  CHECK(engine.Run("HGETALL h") == "[\"g\", \"2\"]");
  CHECK(engine.Run("HGETEX h PXAT 1 FIELDS 1 g") == "[\"2\"]");
  CHECK(engine.Run("EXISTS h") == "0");
}

TEST_CASE("deadlines go with a hash that is copied, renamed or moved") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  engine.Run("HPEXPIRE h 100 FIELDS 1 f");
  engine.Run("COPY h copy");
  engine.Run("RENAME h renamed");
  engine.Run("COPY copy copy DB 1");
  engine.Run("EXPIRE renamed 1000");
  engine.AdvanceMs(101);
  engine.Tick();
  CHECK(engine.keyspace().stats().expired_parts == 3);
  CHECK(engine.Run("HLEN copy") == "1");
  CHECK(engine.Run("HLEN renamed") == "1");
  CHECK(engine.Run("TTL renamed") == "1000");
}

TEST_CASE("a pause hides fields that are over and removes them afterwards") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  engine.Run("HPEXPIRE h 10 FIELDS 1 f");
  engine.Run("CLIENT PAUSE 1000 WRITE");
  engine.Tick();
  engine.AdvanceMs(50);
  CHECK(engine.Run("HGETALL h") == "[\"g\", \"2\"]");
  CHECK(engine.keyspace().stats().expired_parts == 0);
  engine.AdvanceMs(1000);
  engine.Tick();
  engine.Tick();
  CHECK(engine.keyspace().stats().expired_parts == 1);
}

TEST_CASE("a large hash loses its due fields in slices") {
  EngineHarness engine;
  engine.Run("CONFIG SET hash-max-listpack-entries 8");
  for (int i = 0; i < 20000; ++i) {
    const std::string field = "f" + std::to_string(i);
    engine.Run("HSET h " + field + " v");
    if (i % 2 == 0) engine.Run("HPEXPIRE h 600000 FIELDS 1 " + field);
  }
  engine.AdvanceMs(600'001);
  engine.Tick();
  const uint64_t first = engine.keyspace().stats().expired_parts;
  CHECK(first > 0);
  CHECK(first < 6000);
  for (int i = 0; i < 10; ++i) engine.Tick();
  CHECK(engine.keyspace().stats().expired_parts == 10000);
  CHECK(engine.Run("HLEN h") == "10000");
}

// --- Any stream of commands, and its shadow

std::string RandomCommand(Rng& rng) {
  const std::string key = "h" + std::to_string(rng.Below(4));
  const auto field = [&] { return "f" + std::to_string(rng.Below(30)); };
  const auto number = [&](int64_t low, int64_t high) {
    return std::to_string(rng.Between(low, high));
  };
  switch (rng.Below(15)) {
    case 0:
      return "HPEXPIRE " + key + " " + number(0, 300) + " FIELDS 2 " + field() + " " + field();
    case 1:
      return "HEXPIRE " + key + " 1 GT FIELDS 1 " + field();
    case 2:
      return "HPERSIST " + key + " FIELDS 1 " + field();
    case 3:
      return "HGETEX " + key + " PX " + number(1, 300) + " FIELDS 2 " + field() + " " + field();
    case 4:
      return "HSETEX " + key + " FNX PX " + number(1, 300) + " FIELDS 1 " + field() + " v";
    case 5:
      return "HSETEX " + key + " KEEPTTL FIELDS 1 " + field() + " w";
    case 6:
      return "HGETDEL " + key + " FIELDS 1 " + field();
    case 7:
      return "HDEL " + key + " " + field() + " " + field();
    case 8:
      return "HSETNX " + key + " " + field() + " n";
    case 9:
      return "HINCRBY " + key + "n " + field() + " 3";
    case 10:
      return "HINCRBYFLOAT " + key + "n " + field() + " 0.5";
    case 11:
      return "RENAME " + key + " h" + number(0, 3);
    case 12:
      return "COPY " + key + " h" + number(0, 3) + " REPLACE";
    case 13:
      return rng.Below(4) == 0 ? "PEXPIRE " + key + " " + number(1, 500) : "HLEN " + key;
    default:
      return "HSET " + key + " " + field() + " " + number(0, 9) + " " + field() + " text";
  }
}

TEST_CASE("a shadow that sees only effects holds the same hashes after any stream") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Rng rng(seed);
    EngineHarness engine;
    engine.Run("CONFIG SET hash-max-listpack-entries " + std::to_string(rng.Below(20)));
    for (int i = 0; i < 1500; ++i) {
      engine.Run(RandomCommand(rng));
      if (rng.Below(5) == 0) engine.AdvanceMs(static_cast<int64_t>(rng.Below(60)));
      if (rng.Below(20) == 0) engine.Tick();
    }
    engine.CheckShadow();
    engine.AdvanceMs(1000);
    engine.Tick();
    engine.CheckShadow();
  }
}

}  // namespace
}  // namespace torc
