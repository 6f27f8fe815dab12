#pragma once

// Which nodes vote on the topology: 1, 3, 5 or 7 of them, over as many zones as there are, changing
// as little as possible. The rest follow.

#include <span>
#include <vector>

#include "cluster/topology_state.h"

namespace torc {

// 1 voter for up to 2 usable nodes, 3 for up to 4, 5 for up to 49, then 7.
size_t TopologyVoterCount(size_t usable_nodes);

// A choice among nodes that are neither dead nor draining. `present` voters stay while they are
// usable and no zone is crowded because of them; ties go to the lower id, so that every node would
// choose the same.
std::vector<NodeId> ChooseTopologyVoters(const TopologyState& topology,
                                         std::span<const NodeId> present);

}  // namespace torc
