// Random streams of commands; after each, the engine and its shadow, which saw only effects, hold
// the same data. The seed is printed when one differs; TORC_SEED replays it.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/command_stream.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

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
