#pragma once

// From the topology to a placement and back: which nodes take part, whether the table in the log is
// still the one to have, and who is wanted where.

#include <optional>
#include <vector>

#include "cluster/membership_plan.h"
#include "cluster/placement.h"
#include "cluster/topology_state.h"

namespace torc {

// The nodes that may own something: active ones by their weight, draining ones with weight 0. Who
// is joining or dead is left out. Zones are numbered in the order of their names.
std::vector<PlacementNode> PlacementNodes(const TopologyState& topology);

// The command that sets the placement for the nodes of today, moving as little as possible; nothing
// when the present one is it, or when no node may own anything. O(partitions x nodes).
std::optional<TopologyCommand> NextPlacement(const PlacementPolicy& policy,
                                             const TopologyState& topology);

// The owners of a partition with the lives the topology knows of them, as NextStep wants them.
std::vector<WantedOwner> WantedOwners(const PlacementTable& table, PartitionId partition,
                                      const TopologyState& topology);

// Nodes of voters that will not come back as what they were: dead, known with a later incarnation,
// or not known any more. None before there is a topology.
std::vector<NodeId> GoneVoters(const Membership& present, const TopologyState& topology);

}  // namespace torc
