#pragma once

// What the primary of the topology group does on its own: declares nodes dead that have been
// unreachable for long enough, lets drained and dead nodes go once they own nothing, and keeps the
// voters spread. Pure decisions; the results are commands for the log and a wanted membership for
// the group.

#include <map>
#include <set>
#include <vector>

#include "cluster/membership_plan.h"
#include "cluster/topology_state.h"

namespace torc {

struct KeeperOptions {
  int64_t replace_after_us = 30'000'000;  // unreachable for so long: its copies are made anew
  size_t dead_at_once_max = 1;            // per decision, and never a majority of all nodes
};

class TopologyKeeper {
 public:
  explicit TopologyKeeper(const KeeperOptions& options) : options_(options) {}

  // `unreachable`: whom the failure detector calls dead now. `owners`: who holds a copy of
  // anything, or should. What should be appended to the topology log, now.
  std::vector<TopologyCommand> Decide(const TopologyState& topology,
                                      const std::set<NodeId>& unreachable,
                                      const std::set<NodeId>& owners, MonoUs now);

 private:
  KeeperOptions options_;
  std::map<NodeId, MonoUs> unreachable_since_;
};

// The voters of the topology group as NextStep wants them.
std::vector<WantedOwner> WantedTopologyVoters(const TopologyState& topology,
                                              const Membership& present);

}  // namespace torc
