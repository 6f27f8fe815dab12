// The topology: commands and epochs, founding a cluster once, voters over zones, followers, and
// dead nodes.
#include <doctest/doctest.h>

#include <deque>

#include "cluster/tiny_cluster.h"
#include "cluster/topology_codec.h"
#include "cluster/topology_follower.h"
#include "cluster/topology_keeper.h"
#include "cluster/topology_voters.h"

namespace torc {
namespace {

using Kind = TopologyCommand::Kind;

TopologyNode Node(uint64_t id, const std::string& zone = "z", uint64_t incarnation = 1) {
  return {NodeId(id), Incarnation(incarnation), "10.0.0." + std::to_string(id), zone,
          1,          NodeStatus::kJoining};
}

TopologyCommand Command(Kind kind, const TopologyNode& node) {
  TopologyCommand command;
  command.kind = kind;
  command.nodes = {node};
  return command;
}

TopologyState Founded(size_t nodes, size_t zones = 3) {
  TopologyCommand command;
  command.cluster_id = 42;
  command.partition_count = 1024;
  for (size_t n = 1; n <= nodes; ++n) {
    command.nodes.push_back(Node(n, "z" + std::to_string(n % zones)));
    command.nodes.back().status = NodeStatus::kActive;
  }
  TopologyState state;
  CHECK(state.Apply(command) == TopologyResult::kOk);
  return state;
}

TopologyCommand Status(uint64_t id, NodeStatus status) {
  TopologyNode node = Node(id);
  node.status = status;
  return Command(Kind::kSetStatus, node);
}

TEST_CASE("nothing happens before a cluster is founded, and it is founded once") {
  TopologyState state;
  CHECK(state.Apply(Command(Kind::kJoin, Node(1))) == TopologyResult::kNotFounded);
  state = Founded(3);
  TopologyCommand again;
  again.cluster_id = 43;
  again.nodes = {Node(9)};
  CHECK(state.Apply(again) == TopologyResult::kAlreadyFounded);
  CHECK(state.cluster_id() == 42);
  CHECK(state.epoch() == Epoch(1));
}

TEST_CASE("the epoch grows with every change and with nothing else") {
  TopologyState state = Founded(3);
  CHECK(state.Apply(Command(Kind::kJoin, Node(4))) == TopologyResult::kOk);
  CHECK(state.epoch() == Epoch(2));
  CHECK(state.Apply(Command(Kind::kJoin, Node(4))) == TopologyResult::kUnchanged);
  CHECK(state.Apply(Status(9, NodeStatus::kDead)) == TopologyResult::kNoSuchNode);
  CHECK(state.epoch() == Epoch(2));
}

TEST_CASE("a node keeps its identity at a new address and loses its standing with its disk") {
  TopologyState state = Founded(3);
  TopologyNode moved = Node(1, "z1");
  moved.address = "10.9.9.9";
  CHECK(state.Apply(Command(Kind::kJoin, moved)) == TopologyResult::kOk);
  CHECK(state.Find(NodeId(1))->status == NodeStatus::kActive);
  CHECK(state.Apply(Command(Kind::kJoin, Node(1, "z1", 2))) == TopologyResult::kOk);
  CHECK(state.Find(NodeId(1))->status == NodeStatus::kJoining);
  CHECK(state.Apply(Command(Kind::kJoin, Node(1, "z1", 1))) == TopologyResult::kFormerLife);
}

TEST_CASE("a placement computed before the nodes changed is stale") {
  TopologyState state = Founded(3);
  TopologyCommand placement;
  placement.kind = Kind::kSetPlacement;
  placement.based_on = state.epoch();
  placement.bytes = "table 1";
  CHECK(state.Apply(placement) == TopologyResult::kOk);
  CHECK(state.Apply(Command(Kind::kJoin, Node(4))) == TopologyResult::kOk);
  placement.bytes = "table 2";
  CHECK(state.Apply(placement) == TopologyResult::kStale);
  CHECK(state.placement() == "table 1");
}

TEST_CASE("a batch of moves is one epoch, and said again it is none") {
  TopologyState state = Founded(3);
  const Epoch before = state.epoch();
  TopologyCommand placement;
  placement.kind = Kind::kSetPlacement;
  placement.based_on = before;
  placement.bytes = "where all partitions go, however many of them move";
  CHECK(state.Apply(placement) == TopologyResult::kOk);
  CHECK(state.epoch() == before + 1);
  placement.based_on = state.epoch();
  CHECK(state.Apply(placement) == TopologyResult::kUnchanged);
  CHECK(state.epoch() == before + 1);
}

TEST_CASE("a node is removed only on its way out") {
  TopologyState state = Founded(3);
  CHECK(state.Apply(Command(Kind::kRemove, Node(2))) == TopologyResult::kStale);
  CHECK(state.Apply(Status(2, NodeStatus::kDraining)) == TopologyResult::kOk);
  CHECK(state.Apply(Command(Kind::kRemove, Node(2))) == TopologyResult::kOk);
  CHECK(state.Find(NodeId(2)) == nullptr);
}

TEST_CASE("a topology and its commands survive their bytes, and cut bytes are refused") {
  TopologyState state = Founded(5);
  TopologyCommand policy;
  policy.kind = Kind::kSetPolicy;
  policy.name = "db0";
  policy.bytes = "available";
  CHECK(state.Apply(policy) == TopologyResult::kOk);
  const std::string bytes = state.Encode();
  CHECK(TopologyState::Decode(bytes) == state);
  const std::string command = EncodeTopologyCommand(policy);
  for (size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(TopologyState::Decode(bytes.substr(0, n)));
  for (size_t n = 0; n < command.size(); ++n) {
    CHECK_FALSE(DecodeTopologyCommand(command.substr(0, n)).has_value());
  }
}

TEST_CASE("voters are spread over zones and stay where they are") {
  const TopologyState state = Founded(9, 3);
  const std::vector<NodeId> voters = ChooseTopologyVoters(state, {});
  CHECK(voters.size() == 5);
  std::map<std::string, int> zones;
  for (const NodeId id : voters) ++zones[state.Find(id)->zone];
  CHECK(zones.size() == 3);
  for (const auto& [zone, count] : zones) CHECK(count <= 2);
  CHECK(ChooseTopologyVoters(state, voters) == voters);
}

TEST_CASE("the loss of one voter changes one voter") {
  TopologyState state = Founded(9, 3);
  const std::vector<NodeId> before = ChooseTopologyVoters(state, {});
  CHECK(state.Apply(Status(before[0].value(), NodeStatus::kDead)) == TopologyResult::kOk);
  const std::vector<NodeId> after = ChooseTopologyVoters(state, before);
  size_t kept = 0;
  for (const NodeId id : after) kept += std::count(before.begin(), before.end(), id) > 0 ? 1 : 0;
  CHECK(after.size() == 5);
  CHECK(kept == 4);
}

TEST_CASE("the number of voters grows with the cluster: 1, 3, 5, 7") {
  CHECK(TopologyVoterCount(1) == 1);
  CHECK(TopologyVoterCount(2) == 1);
  CHECK(TopologyVoterCount(3) == 3);
  CHECK(TopologyVoterCount(5) == 5);
  CHECK(TopologyVoterCount(200) == 7);
}

TEST_CASE("the keeper declares the dead, one at a time, and never when it may be alone itself") {
  TopologyState state = Founded(7);
  TopologyKeeper keeper({.replace_after_us = 1'000'000});
  const std::set<NodeId> all = {NodeId(1), NodeId(2), NodeId(3), NodeId(4),
                                NodeId(5), NodeId(6), NodeId(7)};
  CHECK(keeper.Decide(state, {NodeId(1), NodeId(2)}, all, MonoUs(0)).empty());
  const auto dead = keeper.Decide(state, {NodeId(1), NodeId(2)}, all, MonoUs(1'000'000));
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].nodes[0].status == NodeStatus::kDead);
  const std::set<NodeId> most = {NodeId(1), NodeId(2), NodeId(3), NodeId(4)};
  CHECK(keeper.Decide(state, most, all, MonoUs(9'000'000)).empty());
  CHECK(state.Apply(dead[0]) == TopologyResult::kOk);
  // It owns nothing any more: it may go.
  std::set<NodeId> owners = all;
  owners.erase(dead[0].nodes[0].id);
  const auto gone = keeper.Decide(state, {dead[0].nodes[0].id}, owners, MonoUs(9'000'001));
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].kind == Kind::kRemove);
}

TEST_CASE("a follower asks who has a newer topology, once at a time, and takes no older one") {
  TopologyFollower follower(100);
  const TopologyState old = Founded(3);
  TopologyState fresh = old;
  CHECK(fresh.Apply(Command(Kind::kJoin, Node(4))) == TopologyResult::kOk);
  CHECK_FALSE(follower.WhomToAsk(MonoUs(0)).has_value());
  follower.Heard(NodeId(2), fresh.epoch());
  follower.Heard(NodeId(3), old.epoch());
  CHECK(follower.WhomToAsk(MonoUs(0)) == NodeId(2));
  CHECK_FALSE(follower.WhomToAsk(MonoUs(50)).has_value());
  // The holder does not answer: it may have lost what it had.
  CHECK(follower.WhomToAsk(MonoUs(100)) == NodeId());
  CHECK(follower.WhomToAsk(MonoUs(200)) == NodeId(2));
  CHECK(follower.Take(fresh));
  CHECK_FALSE(follower.Take(old));
  CHECK_FALSE(follower.WhomToAsk(MonoUs(1000)).has_value());
}

// A few founders whose messages arrive at once, and whose disks keep what they save.
struct Founders {
  explicit Founders(size_t count) : states(count) {
    for (size_t i = 0; i < count; ++i) {
      options.push_back({.section = {{"cluster-name", "c"}, {"cluster-copies", "3"}},
                         .founders = count,
                         .place = i,
                         .self = Node(i + 1),
                         .draw = 100 + i});
    }
    for (size_t i = 0; i < count; ++i) machines.emplace_back(options[i], BootstrapState());
  }
  void Restart(size_t place) { machines[place] = Bootstrap(options[place], states[place]); }
  void Run(int ticks) {
    for (int i = 0; i < ticks; ++i) {
      now += 500'000;
      for (size_t place = 0; place < machines.size(); ++place) {
        if (!down.contains(place)) Take(place, machines[place].Tick(now));
      }
      while (!wire.empty()) {
        // Through its bytes, as on a real wire.
        std::string bytes;
        EncodeBootstrap(wire.front(), &bytes);
        wire.pop_front();
        const auto decoded = DecodeBootstrap(bytes);
        REQUIRE(decoded.has_value());
        const BootstrapMessage& message = *decoded;
        if (!down.contains(message.to)) {
          Take(message.to, machines[message.to].Receive(message, now));
        }
      }
    }
  }
  void Take(size_t place, const BootstrapOutput& out) {
    if (out.save) {
      states[place] = *DecodeBootstrapState(EncodeBootstrapState(machines[place].state()));
    }
    for (const auto& message : out.messages) wire.push_back(message);
    for (const auto& complaint : out.complaints) complaints.push_back(complaint);
  }
  size_t DoneCount() const {
    size_t count = 0;
    for (const Bootstrap& machine : machines) count += machine.done() ? 1 : 0;
    return count;
  }

  std::vector<Bootstrap::Options> options;
  std::vector<BootstrapState> states;
  std::vector<Bootstrap> machines;
  std::deque<BootstrapMessage> wire;
  std::set<size_t> down;
  std::vector<std::string> complaints;
  MonoUs now;
};

TEST_CASE("founders with the same file found one cluster") {
  Founders founders(3);
  founders.Run(3);
  REQUIRE(founders.DoneCount() == 3);
  for (const Bootstrap& machine : founders.machines) {
    CHECK(*machine.state().founded == *founders.machines[0].state().founded);
  }
  CHECK(founders.machines[0].state().founded->voters.voters.size() == 3);
}

TEST_CASE("nothing is founded until every founder is there") {
  Founders founders(3);
  founders.down = {2};
  founders.Run(5);
  CHECK(founders.DoneCount() == 0);
  founders.down.clear();
  founders.Run(3);
  CHECK(founders.DoneCount() == 3);
}

TEST_CASE("a founder whose file differs is refused and told which directive differs") {
  Founders founders(3);
  founders.options[1].section["cluster-copies"] = "5";
  founders.Restart(1);
  founders.Run(3);
  CHECK(founders.DoneCount() == 0);
  REQUIRE_FALSE(founders.complaints.empty());
  CHECK(founders.complaints[0].find("cluster-copies: theirs is '3', ours is '5'") !=
        std::string::npos);
}

TEST_CASE("a later edit of the list locks nobody out") {
  Founders founders(3);
  founders.Run(3);
  founders.options[1].section["cluster-nodes"] = "another list";
  founders.Restart(1);
  founders.Run(2);
  CHECK(founders.DoneCount() == 3);
}

TEST_CASE("a second founding over a cluster is refused") {
  Founders founders(3);
  founders.Run(3);
  founders.states[0] = {};  // the leader comes back with an empty disk and another draw
  founders.options[0].draw = 999;
  founders.Restart(0);
  founders.complaints.clear();
  founders.Run(3);
  CHECK_FALSE(founders.machines[0].done());
  CHECK(founders.machines[1].state().founded->command.cluster_id == 100);
  REQUIRE_FALSE(founders.complaints.empty());
  CHECK(founders.complaints[0].find("not founded over") != std::string::npos);
}

TEST_CASE("a leader that forgets between promise and founding cannot found twice") {
  Founders founders(3);
  founders.down = {2};
  founders.Run(2);  // founder 1 has promised cluster 100
  BootstrapMessage late;
  late.kind = BootstrapMessage::Kind::kFound;
  late.to = 1;
  late.record.command.cluster_id = 100;
  late.record.voters.voters.push_back({NodeId(2), Incarnation(1), 0});
  founders.states[0] = {};
  founders.options[0].draw = 999;
  founders.Restart(0);
  founders.down.clear();
  founders.Run(1);
  // The late order of the former life finds another promise, or another cluster.
  founders.Take(1, founders.machines[1].Receive(late, founders.now));
  founders.Run(3);
  REQUIRE(founders.DoneCount() == 3);
  for (const Bootstrap& machine : founders.machines) {
    CHECK(machine.state().founded->command.cluster_id == 999);
  }
}

TEST_CASE("the topology log is a group like any other: a drained voter hands over and leaves") {
  TinyCluster cluster(3, 1);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  TopologyState state;
  TopologyCommand found;
  found.cluster_id = 1;
  for (uint64_t n = 1; n <= 4; ++n) {
    found.nodes.push_back(Node(n, "z" + std::to_string(n)));
    found.nodes.back().status = NodeStatus::kActive;
  }
  CHECK(state.Apply(found) == TopologyResult::kOk);
  CHECK(state.Apply(Status(primary, NodeStatus::kDraining)) == TopologyResult::kOk);
  for (int i = 0; i < 50; ++i) {
    cluster.Run(200'000);
    const uint64_t now_primary = cluster.Primary();
    if (now_primary == 0) continue;
    Replica& replica = cluster.at(now_primary);
    const auto wanted = WantedTopologyVoters(state, replica.membership());
    const auto step = NextStep(replica.membership(), replica.self(), wanted, {}, state.epoch());
    if (!step.has_value()) break;
    if (step->transfer_to.has_value()) {
      (void)replica.Transfer(*step->transfer_to, cluster.now());
      cluster.table(now_primary).Flush(&replica, cluster.now());
      cluster.Settle();
    } else {
      (void)cluster.Change(now_primary, step->change);
    }
  }
  const Membership& membership = cluster.at(cluster.Primary()).membership();
  CHECK(membership.voters.size() == 3);
  CHECK(membership.learners.empty());
  CHECK_FALSE(membership.OnNode(NodeId(primary)).has_value());
}

}  // namespace
}  // namespace torc
