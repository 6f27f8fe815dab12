// Placements in the topology: their bytes, who takes part, who is wanted, who is gone.
#include "cluster/placement_of_topology.h"

#include <doctest/doctest.h>

#include <string>

#include "cluster/placement_codec.h"

namespace torc {
namespace {

TopologyNode Node(uint64_t id, NodeStatus status = NodeStatus::kActive) {
  TopologyNode node;
  node.id = NodeId(id);
  node.incarnation = Incarnation(1);
  node.zone = "zone " + std::to_string(id % 3);
  node.status = status;
  return node;
}

TopologyState Founded(uint64_t nodes) {
  TopologyCommand found;
  found.cluster_id = 7;
  for (uint64_t id = 1; id <= nodes; ++id) found.nodes.push_back(Node(id));
  TopologyState state;
  CHECK(state.Apply(found) == TopologyResult::kOk);
  return state;
}

void SetStatus(TopologyState* state, uint64_t id, NodeStatus status) {
  TopologyCommand command;
  command.kind = TopologyCommand::Kind::kSetStatus;
  command.nodes = {Node(id, status)};
  CHECK(state->Apply(command) == TopologyResult::kOk);
}

TEST_CASE("a placement survives its bytes, and cut or broken bytes are refused") {
  for (const PlacementMode mode : {PlacementMode::kRing, PlacementMode::kCells}) {
    const PlacementPolicy policy{.partition_count = 64, .copies = 3, .mode = mode};
    const auto table = PlanPlacement(policy, PlacementNodes(Founded(7)), nullptr);
    REQUIRE(table.ok());
    const std::string bytes = EncodePlacement(*table);
    CHECK(DecodePlacement(bytes) == *table);
    for (size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(DecodePlacement(bytes.substr(0, size)).has_value());
    }
    CHECK_FALSE(DecodePlacement(bytes + "x").has_value());
  }
  CHECK(DecodePlacement(EncodePlacement(PlacementTable())) == PlacementTable());
  using namespace std::string_literals;
  const std::string node = "\x01\0\0\0\0\0\0\0"s;
  const std::string two = "\x02"s + node + "\x02\0\0\0\0\0\0\0"s;
  CHECK(DecodePlacement("\x02\x02"s + two + "\x02\0\x01\0"s).has_value());
  CHECK_FALSE(DecodePlacement("\x02\x02"s + two + "\x02\0\0\0"s).has_value());    // twice
  CHECK_FALSE(DecodePlacement("\x02\x02"s + two + "\x02\0\x02\0"s).has_value());  // nobody
  CHECK_FALSE(DecodePlacement("\x02\x02"s + two + "\x03\0\x01\0"s).has_value());  // too long
  CHECK_FALSE(DecodePlacement("\x02\x02"s + two + "\0\0\x01\0"s).has_value());    // no run
  CHECK_FALSE(DecodePlacement("\x02\x02\x02"s + node + node + "\x02\0\x01\0"s).has_value());
  CHECK_FALSE(DecodePlacement("\x81\x80\x01\x01\x01"s + node + "\x01\0\0"s).has_value());
}

TEST_CASE("joining and dead nodes own nothing, draining ones give away what they have") {
  TopologyState state = Founded(6);
  SetStatus(&state, 2, NodeStatus::kDraining);
  SetStatus(&state, 3, NodeStatus::kDead);
  SetStatus(&state, 4, NodeStatus::kJoining);
  const std::vector<PlacementNode> nodes = PlacementNodes(state);
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[1].id == NodeId(2));
  CHECK(nodes[1].weight == 0);
  CHECK(nodes[0].zone != nodes[1].zone);
  CHECK(nodes[2].id == NodeId(5));
}

TEST_CASE("the placement follows the nodes, and is left alone while it is the one to have") {
  const PlacementPolicy policy{.partition_count = 64, .copies = 3};
  TopologyState state = Founded(4);
  auto command = NextPlacement(policy, state);
  REQUIRE(command.has_value());
  CHECK(state.Apply(*command) == TopologyResult::kOk);
  CHECK_FALSE(NextPlacement(policy, state).has_value());
  SetStatus(&state, 2, NodeStatus::kDraining);
  command = NextPlacement(policy, state);
  REQUIRE(command.has_value());
  CHECK(state.Apply(*command) == TopologyResult::kOk);
  const auto table = DecodePlacement(state.placement());
  REQUIRE(table.has_value());
  for (uint16_t p = 0; p < 64; ++p) {
    const auto wanted = WantedOwners(*table, PartitionId(p), state);
    CHECK(wanted.size() == 3);
    for (const WantedOwner& owner : wanted) CHECK(owner.node != NodeId(2));
  }
  for (uint64_t id = 1; id <= 4; ++id) {
    if (id != 2) SetStatus(&state, id, NodeStatus::kDead);
  }
  CHECK_FALSE(NextPlacement(policy, state).has_value());  // nobody is left to own anything
}

TEST_CASE("voters of dead, unknown and newer lives are gone, and leave before others come") {
  TopologyState state = Founded(5);
  SetStatus(&state, 3, NodeStatus::kDead);
  TopologyCommand back;
  back.kind = TopologyCommand::Kind::kJoin;
  back.nodes = {Node(2)};
  back.nodes[0].incarnation = Incarnation(2);
  CHECK(state.Apply(back) == TopologyResult::kOk);
  const auto member = [](uint64_t id) { return Member{NodeId(id), Incarnation(1), 0}; };
  Membership present;
  present.voters = {member(1), member(2), member(3), member(9)};
  CHECK(GoneVoters(present, TopologyState()).empty());
  const std::vector<NodeId> gone = GoneVoters(present, state);
  CHECK(gone == std::vector<NodeId>{NodeId(2), NodeId(3), NodeId(9)});

  present.voters = {member(1), member(3), member(4)};
  present.learners = {member(5)};
  const std::vector<WantedOwner> wanted{
      {NodeId(1), Incarnation(1)}, {NodeId(4), Incarnation(1)}, {NodeId(5), Incarnation(1)}};
  const auto with = NextStep(present, member(1), wanted, gone, Epoch(1));
  REQUIRE(with.has_value());
  CHECK(with->change.kind == MembershipChange::Kind::kRemove);
  CHECK(with->change.node == NodeId(3));
  const auto without = NextStep(present, member(1), wanted, {}, Epoch(1));
  REQUIRE(without.has_value());
  CHECK(without->change.kind == MembershipChange::Kind::kPromote);
}

}  // namespace
}  // namespace torc
