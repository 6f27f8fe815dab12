#include "sim/swarm.h"

#include <algorithm>

namespace torc::sim {

Swarm PlanSwarm(uint64_t seed, const PlantedBugs& planted) {
  Rng rng(seed);
  Swarm swarm;
  swarm.seed = seed;
  swarm.options = PlanOptions(&rng);
  swarm.options.replica.planted = planted;
  swarm.faults = PlanFaults(swarm.options, &rng);
  return swarm;
}

RunResult RunSwarm(const Swarm& swarm) {
  return SimCluster(swarm.options, swarm.faults, swarm.seed).Run();
}

// Delta debugging: ever smaller runs of faults are left out, as long as the rest still fails.
Swarm Shrink(Swarm failing, int runs_max, const Fails& fails) {
  size_t chunk = std::max<size_t>(failing.faults.size() / 2, 1);
  while (runs_max > 0) {
    bool shrunk = false;
    for (size_t from = 0; from < failing.faults.size() && runs_max > 0;) {
      Swarm candidate = failing;
      const size_t to = std::min(from + chunk, candidate.faults.size());
      candidate.faults.erase(candidate.faults.begin() + static_cast<ptrdiff_t>(from),
                             candidate.faults.begin() + static_cast<ptrdiff_t>(to));
      --runs_max;
      if (fails(candidate)) {
        failing = std::move(candidate);
        shrunk = true;
      } else {
        from = to;
      }
    }
    if (chunk == 1 && !shrunk) break;
    chunk = std::max<size_t>(chunk / 2, 1);
  }
  return failing;
}

std::string Report(const Swarm& swarm, const RunResult& result) {
  const SimOptions& options = swarm.options;
  std::string text = "seed " + std::to_string(swarm.seed) + ": " + result.violation + "\n  " +
                     std::to_string(options.nodes) + " nodes, " + std::to_string(options.groups) +
                     " groups of " + std::to_string(options.copies) + ", durability " +
                     std::to_string(static_cast<int>(options.replica.durability)) + ", W " +
                     std::to_string(static_cast<int>(options.acks)) + "\n";
  for (const Fault& fault : swarm.faults) text += "  " + Describe(fault) + "\n";
  return text;
}

}  // namespace torc::sim
