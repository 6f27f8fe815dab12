#pragma once

// Whole clusters (gossip, topology, placement, groups) from one seed: nodes join, are drained and
// are lost for good while random faults strike.

#include <string>
#include <vector>

#include "sim/fault.h"
#include "sim/sim_cluster.h"

namespace torc::sim {

struct WholeCluster {
  uint64_t seed = 0;
  SimOptions options;
  std::vector<Fault> faults;
  std::vector<Errand> errands;
};

WholeCluster PlanWholeCluster(uint64_t seed);
RunResult RunWholeCluster(const WholeCluster& cluster);
std::string Report(const WholeCluster& cluster, const RunResult& result);

}  // namespace torc::sim
