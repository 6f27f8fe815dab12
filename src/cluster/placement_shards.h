#pragma once

// Which shard of a node has which of its partitions: an explicit table, primaries dealt evenly, and
// all copies evenly too, with as few hand-overs between shards as that allows.

#include <span>
#include <vector>

#include "base/ids.h"

namespace torc {

inline constexpr int kNoShard = -1;

struct NodePartition {
  PartitionId partition;
  bool is_primary = false;
  int shard = kNoShard;  // where it is now; kNoShard for a new one
};

// The shard of each of `partitions`, in their order. Per shard, primaries differ by one at most and
// so do all copies. `shard_count` > 0; a present shard at or above it counts as kNoShard. O(n *
// shards).
std::vector<int> DealToShards(std::span<const NodePartition> partitions, int shard_count);

}  // namespace torc
