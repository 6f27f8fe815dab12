#pragma once

// From the owners a partition has to the owners it should have, one safe step at a time.
//
// The desired table is a wish; the truth about a partition's voters is in its group's own log. So
// nothing here keeps a plan: a step is computed from what is there and what is wanted, again and
// again, and whatever happened in between (a failover, a newer wish, a step that failed) is simply
// the next input.
//
// A step adds a voter (the group lets it catch up as a learner first), hands the primary over, or
// removes a voter. Adding comes before removing, so there are never fewer copies than before. The
// newcomer to be added is one whose zone has no voter yet, if there is any; only when it replaces a
// voter of its own zone do two voters share a zone, and that one is then the next to leave.

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "cluster/placement.h"

namespace torc {

enum class StepKind : uint8_t { kAddVoter, kTransferPrimary, kRemoveVoter };

struct PlacementStep {
  StepKind kind = StepKind::kAddVoter;
  NodeId node;  // who is added, becomes primary, or leaves
  bool operator==(const PlacementStep&) const = default;
};

using ZoneOfNode = std::unordered_map<NodeId, ZoneId>;

// The next step of one partition; nothing when `voters` and `primary` (0: none known) are what
// `desired` says. `desired` is not empty, its first is the primary. With no primary known, no step
// is safe: a failover comes first. O(owners^2).
std::optional<PlacementStep> NextStep(std::span<const NodeId> voters, NodeId primary,
                                      std::span<const NodeId> desired, const ZoneOfNode& zones);

struct PartitionState {
  PartitionId partition;
  std::vector<NodeId> voters;
  NodeId primary;
  bool step_in_flight = false;
};

struct PlannedStep {
  PartitionId partition;
  PlacementStep step;
  bool operator==(const PlannedStep&) const = default;
};

// Copies that may be on their way at the same time.
struct MoveLimits {
  int per_receiver = 4;  // to one node
  int per_source = 4;    // from one primary
  int total = 64;
};

// Steps to start now, at most one per partition and none where one is in flight. Those that cost no
// data go first; then partitions that have fewest voters. The limits count the copies in flight:
// `filling` has an entry (primary, receiver) for each.
std::vector<PlannedStep> StepsToStart(std::span<const PartitionState> partitions,
                                      const PlacementTable& desired, const ZoneOfNode& zones,
                                      std::span<const std::pair<NodeId, NodeId>> filling,
                                      const MoveLimits& limits);

}  // namespace torc
