// Gossip, topology, placement and groups together, under faults, while nodes come and go. As many
// seeds as TORC_SIM_SEEDS says, else a few; the long run is `utils/sim whole`.
#include "sim/whole_cluster.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace torc::sim {
namespace {

uint64_t SeedCount() {
  const char* wanted = std::getenv("TORC_SIM_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20;
}

TEST_CASE("nodes join, drain and are replaced under faults, and nothing acknowledged is lost") {
  for (uint64_t seed = 1; seed <= SeedCount(); ++seed) {
    const WholeCluster cluster = PlanWholeCluster(seed);
    const RunResult result = RunWholeCluster(cluster);
    INFO(Report(cluster, result));
    REQUIRE(result.violation.empty());
  }
}

// Some operations fail at any time: eventual reads at nodes that do not have the group.
TEST_CASE("without faults a whole cluster moves its copies while its clients go on") {
  WholeCluster cluster = PlanWholeCluster(5);
  cluster.faults.clear();
  cluster.options.weather = {};
  cluster.errands = {{SimTime(8'000'000), Errand::Kind::kDrain, 0},
                     {SimTime(13'000'000), Errand::Kind::kLose, 1}};
  for (uint32_t spare = cluster.options.founders; spare < cluster.options.nodes; ++spare) {
    cluster.errands.push_back({SimTime(4'000'000), Errand::Kind::kJoin, spare});
  }
  const RunResult result = RunWholeCluster(cluster);
  INFO(Report(cluster, result));
  REQUIRE(result.violation.empty());
  CHECK(result.operations_ok * 100 > result.operations * 95);
}

TEST_CASE("the same seed gives the same whole cluster") {
  const RunResult first = RunWholeCluster(PlanWholeCluster(3));
  const RunResult again = RunWholeCluster(PlanWholeCluster(3));
  CHECK(first.trace == again.trace);
  CHECK(first.events == again.events);
}

}  // namespace
}  // namespace torc::sim
