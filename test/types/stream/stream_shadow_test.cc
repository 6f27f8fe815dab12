// Random streams of stream commands; after each, the engine and its shadow, which saw only effects,
// hold the same data. The seed is printed when one differs.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "support/engine_harness.h"
#include "types/stream/stream.h"

namespace torc {
namespace {

class Commands {
 public:
  explicit Commands(uint64_t seed) : rng_(seed) {}

  std::string Next() {
    switch (rng_.Below(18)) {
      case 0:
        return "XADD " + Key() + " MAXLEN ~ " + Number(20) + " * f v";
      case 1:
        return "XADD " + Key() + " MINID = " + Id() + " * f v g " + Number(9);
      case 2:
        return "XTRIM " + Key() + " MAXLEN ~ " + Number(20);
      case 3:
        return "XDEL " + Key() + " " + Id() + " " + Id();
      case 4:
        return "XGROUP CREATE " + Key() + " " + Group() + " " + Id() + " MKSTREAM";
      case 5:
        return "XREADGROUP GROUP " + Group() + " " + Consumer() + " COUNT " + Number(5) +
               (rng_.Chance(0.2) ? " NOACK" : "") + " STREAMS " + Key() + " >";
      case 6:
        return "XREADGROUP GROUP " + Group() + " " + Consumer() + " STREAMS " + Key() + " 0";
      case 7:
        return "XACK " + Key() + " " + Group() + " " + Id() + " " + Id() + " " + Id();
      case 8:
        return "XCLAIM " + Key() + " " + Group() + " " + Consumer() + " " + Number(30) + " " +
               Id() + " " + Id() + (rng_.Chance(0.5) ? " FORCE" : "") +
               (rng_.Chance(0.5) ? " LASTID " + Id() : "");
      case 9:
        return "XAUTOCLAIM " + Key() + " " + Group() + " " + Consumer() + " " + Number(30) + " -";
      case 10:
        return "XGROUP DELCONSUMER " + Key() + " " + Group() + " " + Consumer();
      case 11:
        return "XGROUP SETID " + Key() + " " + Group() + " " + Id() + " ENTRIESREAD " + Number(9);
      case 12:
        return "XSETID " + Key() + " 99999999999999-1";
      case 13:
        return "COPY " + Key() + " " + Key() + " REPLACE";
      case 14:
        return "XTRIM " + Key() + " MINID ~ " + Id();
      case 15:
        return "XADD " + Key() + " MINID ~ " + Id() + " * f v";
      default:
        return "XADD " + Key() + " * f " + Number(1000);
    }
  }
  uint64_t Below(uint64_t bound) { return rng_.Below(bound); }
  int64_t start_ms = 0;
  int64_t now_ms = 0;

 private:
  std::string Key() { return "s" + std::to_string(rng_.Below(5)); }
  std::string Group() { return "g" + std::to_string(rng_.Below(2)); }
  std::string Consumer() { return "c" + std::to_string(rng_.Below(3)); }
  std::string Number(int64_t high) { return std::to_string(rng_.Between(0, high)); }
  std::string Id() {
    return std::to_string(rng_.Between(std::max(start_ms, now_ms - 40), now_ms)) + "-0";
  }
  Rng rng_;
};

TEST_CASE("a shadow that sees only effects holds the same streams and groups") {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    EngineHarness engine;
    engine.Run("CONFIG SET stream-node-max-entries 4");
    Commands commands(seed);
    commands.start_ms = engine.clock().WallMs();
    for (int i = 0; i < 1500; ++i) {
      commands.now_ms = engine.clock().WallMs();
      engine.Run(commands.Next());
      // What its figures say is so after each command.
      engine.keyspace().ForEach(DbIndex(0), [](const Entry& entry) {
        static_cast<const StreamValue*>(entry.value_box())->CheckInvariants();
      });
      engine.AdvanceMs(static_cast<int64_t>(commands.Below(3)));
    }
    engine.CheckShadow();
  }
}

TEST_CASE("a count of entries read that is as great as it can be stays so") {
  EngineHarness engine;
  engine.Run("XADD s 1 f v");
  engine.Run("XGROUP CREATE s g 0");
  engine.Run("XGROUP SETID s g 0 ENTRIESREAD 9223372036854775807");
  engine.Run("XREADGROUP GROUP g c STREAMS s >");
  CHECK(engine.Run("XINFO GROUPS s").find("9223372036854775807") != std::string::npos);
  engine.CheckShadow();
}

TEST_CASE("a stream that an approximate trimming has emptied is empty in a replay, too") {
  EngineHarness engine;
  engine.Run("XADD s 4713 f v");
  CHECK(engine.Run("XTRIM s MINID ~ 4713-2") == "1");
  engine.CheckShadow();
  engine.Run("XADD t 1 f v");
  engine.Run("XADD t MINID ~ 9 2 f v");
  CHECK(engine.Run("XLEN t") == "0");
  engine.CheckShadow();
}

}  // namespace
}  // namespace torc
