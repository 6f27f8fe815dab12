#include "cluster/placement_of_topology.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "cluster/placement_codec.h"

namespace torc {

std::vector<PlacementNode> PlacementNodes(const TopologyState& topology) {
  std::map<std::string_view, uint32_t> zones;
  for (const auto& [id, node] : topology.nodes()) zones[node.zone] = 0;
  uint32_t next = 0;
  for (auto& [name, number] : zones) number = next++;
  std::vector<PlacementNode> nodes;
  for (const auto& [id, node] : topology.nodes()) {
    const bool is_active = node.status == NodeStatus::kActive;
    if (!is_active && node.status != NodeStatus::kDraining) continue;
    nodes.push_back({id, ZoneId(zones[node.zone]), is_active ? node.weight : 0});
  }
  return nodes;
}

std::optional<TopologyCommand> NextPlacement(const PlacementPolicy& policy,
                                             const TopologyState& topology) {
  const std::vector<PlacementNode> nodes = PlacementNodes(topology);
  const std::optional<PlacementTable> present = DecodePlacement(topology.placement());
  const bool has_previous =
      present.has_value() && present->partition_count() == policy.partition_count;
  const StatusOr<PlacementTable> planned =
      PlanPlacement(policy, nodes, has_previous ? &*present : nullptr);
  if (!planned.ok()) return std::nullopt;
  TopologyCommand command;
  command.kind = TopologyCommand::Kind::kSetPlacement;
  command.bytes = EncodePlacement(*planned);
  command.based_on = topology.epoch();
  if (command.bytes == topology.placement()) return std::nullopt;
  return command;
}

std::vector<WantedOwner> WantedOwners(const PlacementTable& table, PartitionId partition,
                                      const TopologyState& topology) {
  std::vector<WantedOwner> wanted;
  for (const NodeId id : table.owners(partition)) {
    const TopologyNode* node = topology.Find(id);
    if (node != nullptr) wanted.push_back({id, node->incarnation});
  }
  return wanted;
}

std::vector<NodeId> GoneVoters(const Membership& present, const TopologyState& topology) {
  std::vector<NodeId> gone;
  if (!topology.founded()) return gone;
  for (const Member& voter : present.voters) {
    const TopologyNode* node = topology.Find(voter.node);
    const bool is_gone = node == nullptr || node->status == NodeStatus::kDead ||
                         node->incarnation > voter.incarnation;
    if (is_gone) gone.push_back(voter.node);
  }
  return gone;
}

}  // namespace torc
