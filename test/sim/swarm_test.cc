// Many whole clusters under random faults. TORC_SIM_SEEDS=n plays n seeds instead of the usual
// number; the long run is the program sim_swarm.
#include "sim/swarm.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace torc::sim {
namespace {

uint64_t SeedCount() {
  if (const char* wanted = std::getenv("TORC_SIM_SEEDS"); wanted != nullptr) {
    return std::strtoull(wanted, nullptr, 10);
  }
#if defined(__SANITIZE_THREAD__)
  return 15;
#else
  return 200;
#endif
}

TEST_CASE("no rule is broken under random faults") {
  for (uint64_t seed = 1; seed <= SeedCount(); ++seed) {
    const Swarm swarm = PlanSwarm(seed, {});
    const RunResult result = RunSwarm(swarm);
    INFO(Report(swarm, result));
    REQUIRE(result.violation.empty());
  }
}

TEST_CASE("the same seed gives the same trace, another seed another one") {
  const RunResult first = RunSwarm(PlanSwarm(7, {}));
  const RunResult again = RunSwarm(PlanSwarm(7, {}));
  CHECK(first.trace == again.trace);
  CHECK(first.events == again.events);
  CHECK(first.trace != RunSwarm(PlanSwarm(8, {})).trace);
}

TEST_CASE("clients of a swarm get work done") {
  uint64_t operations = 0;
  uint64_t ok = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult result = RunSwarm(PlanSwarm(seed, {}));
    operations += result.operations;
    ok += result.operations_ok;
  }
  CHECK(operations > 3'000);
  CHECK(ok * 10 > operations * 8);
}

}  // namespace
}  // namespace torc::sim
