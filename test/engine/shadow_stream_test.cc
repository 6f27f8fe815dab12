// Random streams of commands; after each, the engine and its shadow, which saw only effects, hold
// the same data. The seed is printed when one differs; TORC_SEED replays it.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/rng.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

class CommandStream {
 public:
  explicit CommandStream(uint64_t seed) : rng_(seed) {}

  std::vector<std::string> Next() {
    switch (rng_.Below(24)) {
      case 0:
        return {"SET", Key(), Value(), "EX", Number(1, 100)};
      case 1:
        return {"SET", Key(), Value(), "PX", Number(1, 50), "NX"};
      case 2:
        return {"SET", Key(), Value(), "KEEPTTL", "GET"};
      case 3:
        return {"GETEX", Key(), "PX", Number(1, 1000)};
      case 4:
        return {"GETDEL", Key()};
      case 5:
        return {"APPEND", Key(), Value()};
      case 6:
        return {"SETRANGE", Key(), Number(0, 3000), Value()};
      case 7:
        return {"INCRBY", Key(), Number(-50, 50)};
      case 8:
        return {"INCRBYFLOAT", Key(), Number(-50, 50) + ".25"};
      case 9:
        return {"MSET", Key(), Value(), Key(), Value()};
      case 10:
        return {"MSETNX", Key(), Value(), Key(), Value()};
      case 11:
        return {"MSETEX", "2", Key(), Value(), Key(), Value(), "EX", Number(1, 9)};
      case 12:
        return {"SETBIT", Key(), Number(0, 10000), Number(0, 1)};
      case 13:
        return {"BITFIELD", Key(), "OVERFLOW", "FAIL", "INCRBY", "u7", Number(0, 900), "99"};
      case 14:
        return {"BITOP", "XOR", Key(), Key(), Key()};
      case 15:
        return {"DEL", Key(), Key()};
      case 16:
        return {"RENAME", Key(), Key()};
      case 17:
        return {"COPY", Key(), Key(), "DB", Number(0, 2), "REPLACE"};
      case 18:
        return {"MOVE", Key(), Number(0, 2)};
      case 19:
        return {"EXPIRE", Key(), Number(-2, 20), "LT"};
      case 20:
        return {"PEXPIREAT", Key(), "99999999999999"};
      case 21:
        return {"PERSIST", Key()};
      case 22:
        return {"SET", Key(), Value(), "IFEQ", Value()};
      default:
        return {"SET", Key(), Value()};
    }
  }
  uint64_t Below(uint64_t bound) { return rng_.Below(bound); }

 private:
  std::string Key() { return "k" + std::to_string(rng_.Below(40)); }
  std::string Number(int64_t low, int64_t high) { return std::to_string(rng_.Between(low, high)); }
  std::string Value() {
    switch (rng_.Below(5)) {
      case 0:
        return Number(-1000, 1000);
      case 1:
        return std::string(rng_.Below(1500), 'b');
      case 2:
        return "";
      default:
        return "v" + Number(0, 3);
    }
  }
  Rng rng_;
};

void RunStream(uint64_t seed, int commands) {
  CAPTURE(seed);
  EngineHarness engine;
  CommandStream stream(seed);
  for (int i = 0; i < commands; ++i) {
    const std::vector<std::string> words = stream.Next();
    const std::vector<std::string_view> argv(words.begin(), words.end());
    engine.client().RunArgs(argv);
    if (stream.Below(10) == 0) engine.AdvanceMs(static_cast<int64_t>(stream.Below(400)));
    if (stream.Below(50) == 0) engine.Tick();
    if (stream.Below(200) == 0) engine.Run("SELECT " + std::to_string(stream.Below(3)));
  }
  engine.CheckShadow();
}

TEST_CASE("a shadow that sees only effects holds the same data after any stream") {
  const char* fixed = std::getenv("TORC_SEED");
  if (fixed != nullptr) return RunStream(std::strtoull(fixed, nullptr, 10), 2000);
  for (uint64_t seed = 1; seed <= 30; ++seed) RunStream(seed, 2000);
}

}  // namespace
}  // namespace torc
