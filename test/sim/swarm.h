#pragma once

// One seed, one simulation: sizes, policies, weather and faults are all drawn from it. A failing
// seed is shrunk to a short list of faults that still breaks a rule.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cluster/planted_bug.h"
#include "sim/sim_cluster.h"

namespace torc::sim {

struct Swarm {
  SimOptions options;
  std::vector<Fault> faults;
  uint64_t seed = 0;
};

Swarm PlanSwarm(uint64_t seed, const PlantedBugs& planted);
RunResult RunSwarm(const Swarm& swarm);

// Drops faults as long as the rest still fails; each attempt is a whole run. At most `runs_max` of
// them.
using Fails = std::function<bool(const Swarm&)>;
Swarm Shrink(Swarm failing, int runs_max, const Fails& fails);

// What a person needs to see the failure again.
std::string Report(const Swarm& swarm, const RunResult& result);

}  // namespace torc::sim
