#include "cluster/topology_keeper.h"

#include "cluster/topology_voters.h"

namespace torc {
namespace {

using Kind = TopologyCommand::Kind;

TopologyCommand About(Kind kind, const TopologyNode& node, NodeStatus status) {
  TopologyCommand command;
  command.kind = kind;
  command.nodes = {node};
  command.nodes[0].status = status;
  return command;
}

}  // namespace

std::vector<TopologyCommand> TopologyKeeper::Decide(const TopologyState& topology,
                                                    const std::set<NodeId>& unreachable,
                                                    const std::set<NodeId>& owners, MonoUs now) {
  std::erase_if(unreachable_since_,
                [&](const auto& item) { return !unreachable.contains(item.first); });
  for (const NodeId id : unreachable) unreachable_since_.emplace(id, now);
  // With half of all nodes out of sight it is more likely that we are: nobody is declared dead
  // then.
  const bool is_likely_us = unreachable.size() * 2 >= topology.nodes().size();
  std::vector<TopologyCommand> commands;
  size_t declared = 0;
  for (const auto& [id, node] : topology.nodes()) {
    const bool is_leaving =
        node.status == NodeStatus::kDead || node.status == NodeStatus::kDraining;
    if (is_leaving && !owners.contains(id)) {
      commands.push_back(About(Kind::kRemove, node, node.status));
      continue;
    }
    if (node.status == NodeStatus::kDead) continue;
    const auto since = unreachable_since_.find(id);
    if (since == unreachable_since_.end()) {
      if (node.status == NodeStatus::kJoining) {
        commands.push_back(About(Kind::kSetStatus, node, NodeStatus::kActive));
      }
      continue;
    }
    const bool is_due = now >= since->second + options_.replace_after_us;
    if (!is_due || is_likely_us || declared >= options_.dead_at_once_max) continue;
    ++declared;
    commands.push_back(About(Kind::kSetStatus, node, NodeStatus::kDead));
  }
  return commands;
}

std::vector<WantedOwner> WantedTopologyVoters(const TopologyState& topology,
                                              const Membership& present) {
  std::vector<NodeId> voting;
  for (const Member& voter : present.voters) voting.push_back(voter.node);
  std::vector<WantedOwner> wanted;
  for (const NodeId id : ChooseTopologyVoters(topology, voting)) {
    wanted.push_back({id, topology.Find(id)->incarnation});
  }
  return wanted;
}

}  // namespace torc
