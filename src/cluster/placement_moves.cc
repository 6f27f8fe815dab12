#include "cluster/placement_moves.h"

#include <algorithm>

namespace torc {
namespace {

bool Contains(std::span<const NodeId> nodes, NodeId id) {
  return std::find(nodes.begin(), nodes.end(), id) != nodes.end();
}

// A node whose zone nobody knows (it left the cluster) stands in a zone of its own.
bool SameZone(const ZoneOfNode& zones, NodeId a, NodeId b) {
  const auto x = zones.find(a);
  const auto y = zones.find(b);
  return x != zones.end() && y != zones.end() && x->second == y->second;
}

int OthersInZone(std::span<const NodeId> voters, NodeId node, const ZoneOfNode& zones) {
  return static_cast<int>(std::count_if(voters.begin(), voters.end(), [&](NodeId other) {
    return other != node && SameZone(zones, node, other);
  }));
}

// Who is added next: the wanted node, not there yet, with fewest voters in its zone; primaries
// first.
NodeId Newcomer(std::span<const NodeId> voters, std::span<const NodeId> desired,
                const ZoneOfNode& zones) {
  NodeId best;
  int best_others = 0;
  for (const NodeId node : desired) {
    if (Contains(voters, node)) continue;
    const int others = OthersInZone(voters, node, zones);
    if (best != NodeId() && others >= best_others) continue;
    best = node;
    best_others = others;
  }
  return best;
}

// Who leaves next: the unwanted voter in the most crowded zone; of equals one that is not the
// primary.
NodeId Leaver(std::span<const NodeId> voters, NodeId primary, std::span<const NodeId> desired,
              const ZoneOfNode& zones) {
  NodeId best;
  std::pair<int, bool> best_rank;
  for (const NodeId node : voters) {
    if (Contains(desired, node)) continue;
    const std::pair<int, bool> rank(OthersInZone(voters, node, zones), node != primary);
    if (best != NodeId() && rank <= best_rank) continue;
    best = node;
    best_rank = rank;
  }
  return best;
}

int CountSource(std::span<const std::pair<NodeId, NodeId>> filling, NodeId source) {
  return static_cast<int>(std::count_if(filling.begin(), filling.end(),
                                        [&](const auto& copy) { return copy.first == source; }));
}

int CountReceiver(std::span<const std::pair<NodeId, NodeId>> filling, NodeId receiver) {
  return static_cast<int>(std::count_if(filling.begin(), filling.end(),
                                        [&](const auto& copy) { return copy.second == receiver; }));
}

}  // namespace

std::optional<PlacementStep> NextStep(std::span<const NodeId> voters, NodeId primary,
                                      std::span<const NodeId> desired, const ZoneOfNode& zones) {
  if (primary == NodeId()) return std::nullopt;
  const NodeId newcomer = Newcomer(voters, desired, zones);
  const NodeId leaver = Leaver(voters, primary, desired, zones);
  // One change at a time: a group that has grown by one shrinks before it grows again.
  const bool has_room = voters.size() <= desired.size() || leaver == NodeId();
  if (newcomer != NodeId() && has_room) return PlacementStep{StepKind::kAddVoter, newcomer};
  if (leaver != NodeId()) {
    if (leaver != primary) return PlacementStep{StepKind::kRemoveVoter, leaver};
    // The primary hands over before it leaves: to the one wanted, or to any that stays.
    for (const NodeId heir : desired) {
      if (Contains(voters, heir)) return PlacementStep{StepKind::kTransferPrimary, heir};
    }
    // Nobody who stays is a voter yet.
    return PlacementStep{StepKind::kAddVoter, newcomer};
  }
  if (primary != desired[0]) return PlacementStep{StepKind::kTransferPrimary, desired[0]};
  return std::nullopt;
}

std::vector<PlannedStep> StepsToStart(std::span<const PartitionState> partitions,
                                      const PlacementTable& desired, const ZoneOfNode& zones,
                                      std::span<const std::pair<NodeId, NodeId>> filling,
                                      const MoveLimits& limits) {
  std::vector<PlannedStep> start;
  struct Copy {
    PlannedStep step;
    NodeId source;
    size_t voters;
  };
  std::vector<Copy> copies;
  for (const PartitionState& state : partitions) {
    if (state.step_in_flight) continue;
    const auto step = NextStep(state.voters, state.primary, desired.owners(state.partition), zones);
    if (!step) continue;
    if (step->kind == StepKind::kAddVoter) {
      copies.push_back({{state.partition, *step}, state.primary, state.voters.size()});
    } else {
      start.push_back({state.partition, *step});
    }
  }
  std::stable_sort(copies.begin(), copies.end(),
                   [](const Copy& a, const Copy& b) { return a.voters < b.voters; });
  std::vector<std::pair<NodeId, NodeId>> busy(filling.begin(), filling.end());
  for (const Copy& copy : copies) {
    if (static_cast<int>(busy.size()) >= limits.total) break;
    const NodeId receiver = copy.step.step.node;
    if (CountSource(busy, copy.source) >= limits.per_source) continue;
    if (CountReceiver(busy, receiver) >= limits.per_receiver) continue;
    busy.emplace_back(copy.source, receiver);
    start.push_back(copy.step);
  }
  return start;
}

}  // namespace torc
