#pragma once

// What makes a whole cluster of replicating nodes: on each of them gossip, the topology as far as
// it knows, and, on the topology group's primary, the keeper and the planner of placements. It does
// what the server's driver will do between these machines. They know only what reaches them through
// the simulated network.
//
// Two things are seen from outside, because the reports for them come with the server: who still
// holds a copy of anything, and which replicas have moved away.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/gossip.h"
#include "cluster/placement.h"
#include "cluster/topology_follower.h"
#include "cluster/topology_keeper.h"
#include "sim/sim_node.h"

namespace torc::sim {

using SimNodes = std::vector<std::unique_ptr<SimNode>>;

class TopologySteering {
 public:
  // `nodes` are all of them, also those that do not run yet; it and `world` outlive this.
  TopologySteering(World* world, const SimNodes* nodes);

  // The nodes on which a group is founded.
  std::vector<uint32_t> Founders(uint32_t group) const;

  // The node's process began; it ended.
  void Started(uint32_t node);
  void Ended(uint32_t node);
  // A datagram or a message of kTopology; one that is lost is only let go.
  void Deliver(const Event& event, bool is_lost);
  void Tick(uint32_t node, uint32_t generation);
  void PeerReset(uint32_t node, uint32_t peer);
  // An operator wants the node drained, and says so until the topology knows.
  void Drain(uint32_t node) { drained_[node] = true; }
  // Who leads the group as far as the node knows; UINT32_MAX if it does not.
  uint32_t WhomToAsk(uint32_t node, uint32_t group) const;
  // A look of every running node at what there is to do.
  void Operate();

  // What the topology group agreed on, as far as any running node knows; null before founding.
  const TopologyState* Truth() const;
  // Who should have copies of the group by it.
  std::vector<WantedOwner> Wanted(uint32_t group) const;
  // What a healed cluster still has not brought about; empty if nothing. `members`: the nodes that
  // run and should belong to it.
  std::string Unsettled(const std::vector<uint32_t>& members) const;
  std::string DescribeGossip() const;

 private:
  // One process.
  struct Brain {
    Brain(const GossipConfig& config, const MemberRecord& self, const KeeperOptions& keeper_options,
          uint64_t seed)
        : gossip(config, self, seed), keeper(keeper_options) {}
    Gossip gossip;
    TopologyFollower follower;
    TopologyKeeper keeper;
    uint32_t tick_generation = 0;
    Epoch announced;
    std::vector<uint32_t> folded;         // the part of the log that the follower has taken in
    std::vector<TopologyCommand> wishes;  // of others, for the topology's primary
    std::vector<Announcement> said;       // per group: the last of ours
    Epoch table_epoch;                    // of the next
    std::optional<PlacementTable> table;  // the placement in the topology, decoded
  };
  struct Packet {
    uint32_t from = 0;
    std::string bytes;
  };

  uint32_t topology_group() const { return world_->options.groups - 1; }
  SimNode& node(uint32_t index) const { return *(*nodes_)[index]; }
  TopologyNode Describe(uint32_t node) const;
  bool IsUp(uint32_t node) const;

  void Feed(uint32_t node, const GossipEvent& event);
  void Send(uint32_t from, uint32_t to, EventKind kind, std::string bytes);
  void OnTopologyPacket(uint32_t node, const Packet& packet);
  void SendToAnyone(uint32_t from, const TopologyCommand& wish);

  void Guide(uint32_t node);
  bool FoldTopology(uint32_t node);
  void ForgetTheRemoved(uint32_t node, const TopologyState& before);
  void Govern(uint32_t node);
  std::vector<TopologyCommand> Decide(uint32_t node);
  void Propose(uint32_t node, const TopologyCommand& command);
  void AskToJoin(uint32_t node);
  void AskForDrains();
  void LeadGroups(uint32_t node);
  std::vector<NodeId> Gone(uint32_t node, const Replica& replica) const;
  std::set<NodeId> Owners(uint32_t node) const;
  std::vector<WantedOwner> WantedBy(uint32_t node, uint32_t group) const;
  std::string UnsettledGroup(uint32_t group) const;
  std::string UnsettledNode(uint32_t node, const std::vector<uint32_t>& members) const;

  World* world_;
  const SimNodes* nodes_;
  GossipConfig gossip_config_;
  KeeperOptions keeper_options_;
  PlacementPolicy policy_;
  TopologyCommand founding_;
  PlacementTable first_table_;
  std::vector<std::unique_ptr<Brain>> brains_;  // null while the process does not run
  std::vector<bool> drained_;
  SlotPool<Packet> packets_;
  // The topology's log holds numbers of these: the stores of a simulation hold numbers only.
  std::vector<TopologyCommand> commands_;
};

}  // namespace torc::sim
