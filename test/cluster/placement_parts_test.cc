// The parts of placement: ring, shares, steps of a move, shards.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/rng.h"
#include "cluster/placement_measure.h"
#include "cluster/placement_moves.h"
#include "cluster/placement_shards.h"
#include "cluster/placement_shares.h"
#include "cluster/ring.h"

namespace torc {
namespace {

TEST_CASE("a ring's tokens follow weights, and a member's tokens do not depend on the others") {
  const std::vector<RingMember> two = {{NodeId(1), 1}, {NodeId(2), 3}};
  const Ring ring(two, 400, 7);
  CHECK(ring.token_count() == 400);
  int first = 0;
  ring.Clockwise(0, [&](int member) {
    if (member == 0) ++first;
    return true;
  });
  CHECK(first == 100);
  const std::vector<RingMember> none = {{NodeId(1), 0}, {NodeId(2), 1}};
  CHECK(Ring(none, 10, 7).Preference(5, 2) == std::vector<int>{1});
}

TEST_CASE("a preference list names distinct members and wraps round the circle") {
  const std::vector<RingMember> members = {{NodeId(1), 1}, {NodeId(2), 1}, {NodeId(3), 1}};
  const Ring ring(members, 30, 3);
  for (const Ring::Position at : {Ring::Position(0), UINT64_MAX / 2, UINT64_MAX}) {
    std::vector<int> order = ring.Preference(at, 5);
    std::sort(order.begin(), order.end());
    CHECK(order == std::vector<int>{0, 1, 2});
  }
  CHECK(ring.Preference(0, 0).empty());
}

TEST_CASE("shares follow weights until a node or a zone is full") {
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
  const std::vector<ShareNode> plain = {{1, 0}, {1, 0}, {2, 0}, {2, 0}};
  const auto by_weight = FairShares(plain, 2, 2, 300);
  CHECK(near(by_weight[0], 100));
  CHECK(near(by_weight[3], 200));
  // A node cannot hold a partition twice: its surplus goes to the others.
  const std::vector<ShareNode> heavy = {{1, 0}, {1, 0}, {10, 0}};
  const auto capped = FairShares(heavy, 2, 2, 100);
  CHECK(near(capped[2], 100));
  CHECK(near(capped[0], 50));
  // Nor can a zone: one node alone in its zone, three zones, three copies.
  const std::vector<ShareNode> zones = {{1, 0}, {1, 1}, {1, 1}, {1, 2}, {1, 2}, {1, 2}, {1, 2}};
  const auto zoned = FairShares(zones, 3, 1, 100);
  CHECK(near(zoned[0], 100));
  CHECK(near(zoned[1], 50));
  CHECK(near(zoned[3], 25));
}

TEST_CASE("a zone holds more than one copy only when there are too few zones") {
  const std::vector<ShareNode> three = {{1, 0}, {1, 1}, {1, 2}, {1, 2}};
  CHECK(ZoneCopiesMax(three, 3) == 1);
  const std::vector<ShareNode> two = {{1, 0}, {1, 0}, {1, 1}};
  CHECK(ZoneCopiesMax(two, 3) == 2);
  const std::vector<ShareNode> lopsided = {{1, 0}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  CHECK(ZoneCopiesMax(lopsided, 5) == 4);
  const std::vector<ShareNode> one = {{1, 0}, {1, 0}, {1, 0}};
  CHECK(ZoneCopiesMax(one, 3) == 3);
}

TEST_CASE("the largest load is 5 % above the share or the share rounded up") {
  CHECK(LoadMax(3.84) == 4);
  CHECK(LoadMax(4.0) == 4);
  CHECK(LoadMax(100.0) == 105);
  CHECK(LoadMax(19.0) == 19);
  CHECK(LoadMax(20.0) == 21);
  // 56 copies in a closed group of three would force 19 primaries on one of them, and 18 is its
  // limit.
  CHECK(CopiesMax(53.89, 3) == 54);
}

struct Group {
  std::vector<NodeId> voters;
  NodeId primary;
};

// Plays steps until nothing is left to do and checks each state on the way. Returns copies added.
int Play(Group group, const std::vector<NodeId>& desired, const ZoneOfNode& zones) {
  const size_t least = std::min(group.voters.size(), desired.size());
  const auto clashes = [&](const std::vector<NodeId>& voters) {
    std::multiset<ZoneId> seen;
    for (const NodeId id : voters) seen.insert(zones.at(id));
    const std::set<ZoneId> distinct(seen.begin(), seen.end());
    return seen.size() - distinct.size();
  };
  int added = 0;
  for (int steps = 0; steps < 100; ++steps) {
    const auto step = NextStep(group.voters, group.primary, desired, zones);
    if (!step) {
      std::sort(group.voters.begin(), group.voters.end());
      std::vector<NodeId> wanted = desired;
      std::sort(wanted.begin(), wanted.end());
      CHECK(group.voters == wanted);
      CHECK(group.primary == desired[0]);
      return added;
    }
    auto& voters = group.voters;
    const auto at = std::find(voters.begin(), voters.end(), step->node);
    if (step->kind == StepKind::kAddVoter) {
      CHECK(at == voters.end());
      voters.push_back(step->node);
      ++added;
    } else {
      REQUIRE(at != voters.end());
      if (step->kind == StepKind::kTransferPrimary) group.primary = step->node;
      if (step->kind == StepKind::kRemoveVoter) {
        CHECK(step->node != group.primary);
        voters.erase(at);
      }
    }
    CHECK(voters.size() >= least);
    CHECK(voters.size() <= desired.size() + 1);
    // Only while a newcomer stands beside the one it replaces do two voters share a zone.
    CHECK(clashes(voters) <= (voters.size() > desired.size() ? 1U : 0U));
  }
  FAIL("the move never ends");
  return added;
}

TEST_CASE("a move adds before it removes, hands over before the primary leaves, and ends") {
  ZoneOfNode zones;
  for (uint64_t i = 1; i <= 30; ++i) zones[NodeId(i)] = ZoneId(static_cast<uint32_t>(i % 5));
  Rng rng(3);
  const auto pick = [&] {
    std::vector<NodeId> nodes;
    std::set<ZoneId> used;
    while (nodes.size() < 3) {
      const NodeId id(1 + rng.Below(30));
      if (used.insert(zones.at(id)).second) nodes.push_back(id);
    }
    return nodes;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::vector<NodeId> from = pick();
    const std::vector<NodeId> to = pick();
    const auto kept = std::count_if(to.begin(), to.end(), [&](NodeId id) {
      return std::find(from.begin(), from.end(), id) != from.end();
    });
    CHECK(Play({from, from[rng.Below(3)]}, to, zones) == 3 - kept);
  }
}

TEST_CASE("with no primary known no step is taken") {
  const std::vector<NodeId> voters = {NodeId(1), NodeId(2), NodeId(3)};
  const std::vector<NodeId> desired = {NodeId(4), NodeId(2), NodeId(3)};
  CHECK_FALSE(NextStep(voters, NodeId(), desired, {}).has_value());
}

TEST_CASE("steps to start keep the limits per receiver, per source and in all") {
  constexpr int kPartitions = 60;
  std::vector<NodeId> wanted;
  std::vector<PartitionState> states;
  for (int p = 0; p < kPartitions; ++p) {
    wanted.insert(wanted.end(), {NodeId(1), NodeId(2), NodeId(4)});
    states.push_back({PartitionId(static_cast<uint16_t>(p)),
                      {NodeId(1), NodeId(2), NodeId(3)},
                      NodeId(p % 2 == 0 ? 1 : 2)});
  }
  const PlacementTable desired(kPartitions, 3, wanted);
  const MoveLimits limits{.per_receiver = 6, .per_source = 4, .total = 64};
  const auto start = StepsToStart(states, desired, {}, {}, limits);
  CHECK(start.size() == 6);
  std::vector<std::pair<NodeId, NodeId>> filling(5, {NodeId(9), NodeId(4)});
  CHECK(StepsToStart(states, desired, {}, filling, limits).size() == 1);
  for (PartitionState& state : states) state.step_in_flight = true;
  CHECK(StepsToStart(states, desired, {}, {}, limits).empty());
  // Steps without data are not limited.
  for (PartitionState& state : states) {
    state.step_in_flight = false;
    state.voters.push_back(NodeId(4));
  }
  CHECK(StepsToStart(states, desired, {}, filling, limits).size() == kPartitions);
}

TEST_CASE("shards have primaries and copies within one of each other, and keep what they may") {
  Rng rng(17);
  for (int round = 0; round < 300; ++round) {
    const int shard_count = static_cast<int>(rng.Between(1, 9));
    std::vector<NodePartition> partitions;
    const int count = static_cast<int>(rng.Between(0, 60));
    for (int i = 0; i < count; ++i) {
      partitions.push_back({PartitionId(static_cast<uint16_t>(i)), rng.Chance(0.4),
                            static_cast<int>(rng.Between(-1, 9))});
    }
    const std::vector<int> shards = DealToShards(partitions, shard_count);
    std::vector<int> primaries(static_cast<size_t>(shard_count), 0);
    std::vector<int> copies(static_cast<size_t>(shard_count), 0);
    for (size_t i = 0; i < partitions.size(); ++i) {
      REQUIRE(shards[i] >= 0);
      REQUIRE(shards[i] < shard_count);
      ++copies[static_cast<size_t>(shards[i])];
      if (partitions[i].is_primary) ++primaries[static_cast<size_t>(shards[i])];
    }
    const auto spread = [](const std::vector<int>& loads) {
      const auto [low, high] = std::minmax_element(loads.begin(), loads.end());
      return *high - *low;
    };
    CHECK(spread(primaries) <= 1);
    CHECK(spread(copies) <= 1);
    // A balanced deal is left alone.
    for (size_t i = 0; i < partitions.size(); ++i) partitions[i].shard = shards[i];
    CHECK(DealToShards(partitions, shard_count) == shards);
  }
}

TEST_CASE("the size of CLUSTER SLOTS is that of the reply written out") {
  const PlacementTable table(2, 1, {NodeId(1), NodeId(2)});
  const auto entry = [](int first, int last) {
    return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) +
           "\r\n*4\r\n$12\r\n10.128.12.34\r\n:6379\r\n$40\r\n" + std::string(40, 'a') +
           "\r\n*0\r\n";
  };
  const std::string reply = "*2\r\n" + entry(0, 8191) + entry(8192, 16383);
  const SlotsSize size = MeasureClusterSlots(table, SlotsReplicas::kOmit);
  CHECK(size.runs == 2);
  CHECK(size.size_bytes == static_cast<int>(reply.size()));
  const PlacementTable one_run(2, 1, {NodeId(1), NodeId(1)});
  CHECK(MeasureClusterSlots(one_run, SlotsReplicas::kList).runs == 1);
}

}  // namespace
}  // namespace torc
