#pragma once

// Placement: which nodes own which partition, as an explicit table computed from the nodes, a
// policy and the table before. The ring proposes (ring.h), shares and load caps balance
// (placement_shares.h, placement_copies.h, placement_primaries.h), and in cells mode nodes are
// first grouped (placement_cells.h). The same inputs give the same table on every machine; the
// topology log records the result.
//
// What holds of a table, whatever the inputs:
//   - a partition has min(copies, nodes of weight > 0) distinct owners, the first of them its
//   primary;
//   - no zone has more copies of a partition than it must: one while there are as many zones as
//   copies;
//   - in ring mode (for cells see placement_cells.h) a node's copies stay within LoadMax of its
//   fair share, and so do its primaries;
//   - neighbours by slot share owners where balance allows, so tables have few runs.
// Given a table before, owners that may stay do stay, and no table that keeps these rules would
// move fewer copies (placement_detours.h). So runs grow more as nodes come and go: CLUSTER SLOTS
// with the masters only stays below 150 KB at 200 nodes; with replicas listed too, below 256 KB for
// 1024 partitions, but 16384 partitions that grew node by node pass that beyond 75 nodes (390 KB at
// 200), since fewer runs would have to be paid for with data moved.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "torc/status.h"

namespace torc {

// What the operator calls a zone (rack, availability zone), numbered by whoever keeps the node
// list.
using ZoneId = StrongId<struct ZoneIdTag, uint32_t>;

struct PlacementNode {
  NodeId id;
  ZoneId zone;
  uint32_t weight = 1;  // 0: being drained, owns nothing
  bool operator==(const PlacementNode&) const = default;
};

enum class PlacementMode : uint8_t { kRing = 0, kCells = 1 };

struct PlacementPolicy {
  int partition_count = 1024;
  int copies = 3;
  PlacementMode mode = PlacementMode::kRing;
  uint64_t salt = 0;  // drawn when the data set is created: two clusters get different rings
  bool operator==(const PlacementPolicy&) const = default;
};

inline constexpr int kCopiesMax = 16;
inline constexpr int kPlacementNodesMax = 4096;

class PlacementTable {
 public:
  PlacementTable() = default;
  // `owners` holds the owners of partition 0, then those of 1, …, `copies` of each.
  PlacementTable(int partition_count, int copies, std::vector<NodeId> owners);

  int partition_count() const { return partition_count_; }
  // Owners of each partition; below the policy's when there are fewer nodes.
  int copies() const { return copies_; }
  // The first is the primary, the others follow in the ring's order.
  std::span<const NodeId> owners(PartitionId partition) const {
    return {owners_.data() + static_cast<size_t>(partition.value()) * static_cast<size_t>(copies_),
            static_cast<size_t>(copies_)};
  }
  NodeId primary(PartitionId partition) const { return owners(partition)[0]; }

  // In cells mode, the groups of nodes that share partitions; else empty. Sorted.
  const std::vector<std::vector<NodeId>>& cells() const { return cells_; }
  void set_cells(std::vector<std::vector<NodeId>> cells) { cells_ = std::move(cells); }

  bool operator==(const PlacementTable&) const = default;

 private:
  int partition_count_ = 0;
  int copies_ = 0;
  std::vector<NodeId> owners_;
  std::vector<std::vector<NodeId>> cells_;
};

// The table for `nodes`, with the least movement from `previous` (null: a fresh one; it must have
// the policy's partition count). Refuses an impossible policy, repeated ids and a list without any
// weight.
StatusOr<PlacementTable> PlanPlacement(const PlacementPolicy& policy,
                                       std::span<const PlacementNode> nodes,
                                       const PlacementTable* previous);

// The first `limit` nodes that would hold `partition` if owners failed: its owners, then the ring's
// further proposals. Available mode sends writes to the first healthy ones.
std::vector<NodeId> ExtendedPreference(const PlacementPolicy& policy,
                                       std::span<const PlacementNode> nodes,
                                       const PlacementTable& table, PartitionId partition,
                                       int limit);

}  // namespace torc
