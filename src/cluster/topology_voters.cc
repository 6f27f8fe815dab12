#include "cluster/topology_voters.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace torc {

size_t TopologyVoterCount(size_t usable_nodes) {
  if (usable_nodes < 3) return std::min<size_t>(usable_nodes, 1);
  if (usable_nodes < 5) return 3;
  return usable_nodes < 50 ? 5 : 7;
}

std::vector<NodeId> ChooseTopologyVoters(const TopologyState& topology,
                                         std::span<const NodeId> present) {
  std::vector<const TopologyNode*> usable;
  for (const auto& [id, node] : topology.nodes()) {
    const bool is_leaving =
        node.status == NodeStatus::kDead || node.status == NodeStatus::kDraining;
    if (!is_leaving) usable.push_back(&node);
  }
  std::map<std::string, size_t> chosen_in_zone;
  std::vector<NodeId> chosen;
  for (size_t left = TopologyVoterCount(usable.size()); left > 0; --left) {
    // The emptiest zone first; within it whoever votes already; then the lowest id.
    const auto rank = [&](const TopologyNode* node) {
      const bool votes = std::find(present.begin(), present.end(), node->id) != present.end();
      return std::tuple(chosen_in_zone[node->zone], !votes, node->id);
    };
    const auto best = std::min_element(
        usable.begin(), usable.end(),
        [&](const TopologyNode* a, const TopologyNode* b) { return rank(a) < rank(b); });
    ++chosen_in_zone[(*best)->zone];
    chosen.push_back((*best)->id);
    usable.erase(best);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace torc
