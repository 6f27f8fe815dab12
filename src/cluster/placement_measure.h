#pragma once

// What a placement is judged by. Tests, plots and an operator's report use the same numbers.

#include <span>
#include <vector>

#include "cluster/placement.h"

namespace torc {

struct NodeLoad {
  NodeId id;
  double copies_share = 0;  // fair shares (placement_shares.h) …
  double primaries_share = 0;
  int copies = 0;  // … and what the table gives
  int primaries = 0;
};

// One entry per node of weight > 0, by id.
std::vector<NodeLoad> MeasureLoads(const PlacementPolicy& policy,
                                   std::span<const PlacementNode> nodes,
                                   const PlacementTable& table);

// Copies that `after` puts on nodes that did not hold them before: what has to be transferred.
int CopiesMoved(const PlacementTable& before, const PlacementTable& after);
// Partitions whose primary differs.
int PrimariesChanged(const PlacementTable& before, const PlacementTable& after);
// The least that any table with the new fair shares must move from the old fair shares: what nodes
// gain.
double CopiesMovedMin(const PlacementPolicy& policy, std::span<const PlacementNode> before,
                      std::span<const PlacementNode> after);

// Partitions with more copies in some zone than the nodes and zones make necessary; 0 in a good
// table.
int ZoneClashes(const PlacementPolicy& policy, std::span<const PlacementNode> nodes,
                const PlacementTable& table);

// Share of the pairs of nodes of weight > 0 whose failure together takes some partition's majority.
double QuorumLosingPairs(std::span<const PlacementNode> nodes, const PlacementTable& table);

enum class SlotsReplicas : uint8_t { kOmit, kList };
struct SlotsSize {
  int runs = 0;
  int size_bytes =
      0;  // of the whole CLUSTER SLOTS reply in RESP2, as Redis 7 writes it without host names
};
// With addresses like 10.128.12.34:6379. Neighbouring partitions are one run when the nodes listed
// are equal.
SlotsSize MeasureClusterSlots(const PlacementTable& table, SlotsReplicas replicas);

}  // namespace torc
