// Gossip in small simulated clusters: who learns what, and when.
#include "cluster/gossip.h"

#include <doctest/doctest.h>

#include "cluster/gossip_sim.h"

namespace torc {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMs = 1'000;

TEST_CASE("the same seed gives the same run, another seed another") {
  const auto run = [](uint64_t seed) {
    GossipSim sim({.nodes = 7, .seed = seed, .loss = 0.05});
    sim.RunFor(2 * kSecond);
    sim.Kill(3, false);
    sim.RunFor(3 * kSecond);
    return sim.trace_hash();
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("nodes that know one seed soon know everybody") {
  GossipSim sim({.nodes = 12, .seed = 2, .loss = 0.1, .known_members = false});
  sim.RunFor(12 * kSecond);
  for (int node = 0; node < sim.size(); ++node) {
    CAPTURE(node);
    CHECK(sim.node(node).joined());
    CHECK(sim.node(node).members().live_count() == 12);
  }
}

TEST_CASE("a silent node is dead everywhere within a second and a half") {
  for (const int nodes : {3, 10, 40}) {
    CAPTURE(nodes);
    GossipSim sim({.nodes = nodes, .seed = 3});
    sim.RunFor(kSecond);
    sim.Kill(1, false);
    sim.RunFor(1700 * kMs);
    CHECK(sim.AllSee(1, MemberState::kDead));
  }
}

TEST_CASE("a reset connection shortens that to less than half a second") {
  for (const int nodes : {2, 3, 10, 40}) {
    CAPTURE(nodes);
    GossipSim sim({.nodes = nodes, .seed = 4});
    sim.RunFor(kSecond);
    sim.Kill(1, true);
    sim.RunFor(400 * kMs);
    CHECK(sim.AllSee(1, MemberState::kDead));
  }
}

TEST_CASE("a reset connection to a node that lives does no harm") {
  GossipSim sim({.nodes = 5, .seed = 5});
  sim.RunFor(kSecond);
  for (int peer = 1; peer < 5; ++peer) sim.Feed(peer, GossipPeerReset{GossipSim::IdOf(0)});
  sim.RunFor(2 * kSecond);
  CHECK(sim.AllSee(0, MemberState::kAlive));
  CHECK(sim.node(0).self().version == 0);
}

TEST_CASE("half of the nodes at once are found dead in parallel") {
  GossipSim sim({.nodes = 40, .seed = 6});
  sim.RunFor(kSecond);
  for (int node = 20; node < 40; ++node) sim.Kill(node, false);
  sim.RunFor(2500 * kMs);
  for (int node = 20; node < 40; ++node) CHECK(sim.AllSee(node, MemberState::kDead));
  for (int node = 0; node < 20; ++node) CHECK(sim.AllSee(node, MemberState::kAlive));
}

TEST_CASE(
    "a node that slept for a minute is dead, accuses nobody when it wakes, and is alive again") {
  GossipSim sim({.nodes = 6, .seed = 7});
  sim.RunFor(kSecond);
  sim.Pause(2, 60 * kSecond);
  sim.RunFor(10 * kSecond);
  CHECK(sim.AllSee(2, MemberState::kDead));
  int accusations = 0;
  sim.on_change = [&](int, const MemberChange& change) {
    if (change.after.id != GossipSim::IdOf(2) && change.after.state != MemberState::kAlive) {
      ++accusations;
    }
  };
  sim.RunFor(53 * kSecond);
  CHECK(accusations == 0);
  CHECK(sim.AllSee(2, MemberState::kAlive));
  for (int node = 0; node < 6; ++node) CHECK(sim.StateAt(2, node) == MemberState::kAlive);
}

TEST_CASE("no running node is called dead in ten minutes of loss and pauses") {
  GossipSim sim({.nodes = 8, .seed = 8, .loss = 0.1});
  int false_deaths = 0;
  MonoUs quiet_until;
  int victim = 0;
  sim.on_change = [&](int, const MemberChange& change) {
    if (change.after.state != MemberState::kDead) return;
    if (change.after.id == GossipSim::IdOf(victim) && sim.now() < quiet_until) return;
    ++false_deaths;
  };
  Rng rng(9);
  for (int i = 0; i < 9; ++i) {
    victim = static_cast<int>(rng.Below(8));
    sim.Pause(victim, 60 * kSecond);
    quiet_until = sim.now() + 65 * kSecond;
    sim.RunFor(67 * kSecond);
    CHECK(sim.AllSee(victim, MemberState::kAlive));
  }
  CHECK(false_deaths == 0);
}

TEST_CASE("two halves that lost each other find each other again") {
  GossipSim sim({.nodes = 10, .seed = 10});
  sim.RunFor(kSecond);
  sim.Split([](int a, int b) { return (a < 5) != (b < 5); });
  sim.RunFor(10 * kSecond);
  CHECK(sim.StateAt(0, 9) == MemberState::kDead);
  CHECK(sim.StateAt(9, 0) == MemberState::kDead);
  CHECK(sim.StateAt(0, 4) == MemberState::kAlive);
  sim.Split(nullptr);
  sim.RunFor(15 * kSecond);
  for (int node = 0; node < 10; ++node) CHECK(sim.AllSee(node, MemberState::kAlive));
}

// Each side has a seed of its own, so that everybody has joined somebody.
TEST_CASE("two halves that began while they could not hear each other become one cluster") {
  GossipSim sim({.nodes = 6, .seed = 9});
  for (int node = 0; node < 6; ++node) sim.Kill(node, false);
  sim.Split([](int a, int b) { return a % 2 != b % 2; });
  // A process that starts again knows nobody but the seeds, nodes 0 and 1.
  for (int node = 0; node < 6; ++node)
    sim.Restart(node, Incarnation(2), GossipSim::AddressOf(node));
  sim.RunFor(5'000'000);
  CHECK(sim.StateAt(2, 0) == MemberState::kAlive);
  CHECK(sim.StateAt(2, 3) == MemberState::kLeft);  // unknown
  sim.Split(nullptr);
  sim.RunFor(20'000'000);
  for (int node = 0; node < 6; ++node) CHECK(sim.AllSee(node, MemberState::kAlive));
}

TEST_CASE("a node that hears all but one peer keeps that peer alive with the help of others") {
  GossipSim sim({.nodes = 6, .seed = 11});
  sim.Split([](int a, int b) { return (a == 0 && b == 1) || (a == 1 && b == 0); });
  sim.RunFor(60 * kSecond);
  CHECK(sim.AllSee(0, MemberState::kAlive));
  CHECK(sim.AllSee(1, MemberState::kAlive));
}

TEST_CASE("a restarted node with its state is the same, also at another address") {
  GossipSim sim({.nodes = 5, .seed = 12});
  sim.RunFor(kSecond);
  sim.Kill(4, true);
  sim.RunFor(3 * kSecond);
  CHECK(sim.AllSee(4, MemberState::kDead));
  NodeAddress moved = GossipSim::AddressOf(4);
  moved.host = "10.9.9.9";
  sim.Restart(4, Incarnation(1), moved);
  sim.RunFor(3 * kSecond);
  CHECK(sim.AllSee(4, MemberState::kAlive));
  const MemberTable& members = sim.node(2).members();
  CHECK(members.size() == 5);
  CHECK(members.at(members.Find(GossipSim::IdOf(4))).record.address == moved);
}

TEST_CASE("a node that restarts before anybody missed it is found at its new address") {
  GossipSim sim({.nodes = 5, .seed = 13});
  sim.RunFor(kSecond);
  sim.Kill(4, false);
  NodeAddress moved = GossipSim::AddressOf(4);
  moved.host = "node-4.example";
  sim.Restart(4, Incarnation(1), moved);
  sim.RunFor(3 * kSecond);
  CHECK(sim.AllSee(4, MemberState::kAlive));
  const MemberTable& members = sim.node(0).members();
  CHECK(members.at(members.Find(GossipSim::IdOf(4))).record.address.host == "node-4.example");
}

TEST_CASE("a node that comes back empty is a new incarnation, and every peer reports it") {
  GossipSim sim({.nodes = 5, .seed = 14});
  sim.RunFor(kSecond);
  sim.Kill(4, false);
  int renewals = 0;
  sim.on_change = [&](int, const MemberChange& change) {
    if (change.before && change.before->incarnation < change.after.incarnation) ++renewals;
  };
  sim.Restart(4, Incarnation(2), GossipSim::AddressOf(4));
  sim.RunFor(3 * kSecond);
  CHECK(renewals == 4);
  CHECK(sim.AllSee(4, MemberState::kAlive));
}

TEST_CASE("somebody with our id and a newer incarnation is reported, not fought") {
  Gossip gossip({}, {.id = NodeId(1), .incarnation = Incarnation(1)}, 1);
  gossip.Step(GossipStart{}, {MonoUs(1), UnixMs(1)});
  GossipMessage news;
  news.updates = {MemberUpdate{{.id = NodeId(1), .incarnation = Incarnation(2)}, NodeId()}};
  const auto out = gossip.Step(GossipReceive{NodeId(2), {}, news}, {MonoUs(2), UnixMs(1)});
  CHECK(out.identity_conflict);
  CHECK(gossip.self().version == 0);
}

TEST_CASE("a node that leaves is gone at once and is not called dead") {
  GossipSim sim({.nodes = 8, .seed = 15});
  sim.RunFor(kSecond);
  int deaths = 0;
  sim.on_change = [&](int, const MemberChange& change) {
    if (change.after.state == MemberState::kDead) ++deaths;
  };
  sim.Feed(3, GossipLeave{});
  sim.RunFor(500 * kMs);
  CHECK(sim.AllSee(3, MemberState::kLeft));
  sim.Kill(3, true);
  sim.RunFor(5 * kSecond);
  CHECK(sim.AllSee(3, MemberState::kLeft));
  CHECK(deaths == 0);
}

TEST_CASE("a forgotten node is not resurrected by what others still know") {
  GossipSim sim({.nodes = 4, .seed = 16});
  sim.RunFor(kSecond);
  sim.Kill(3, false);
  sim.RunFor(4 * kSecond);
  sim.Feed(0, GossipForget{GossipSim::IdOf(3)});
  sim.RunFor(40 * kSecond);
  CHECK(sim.node(0).members().Find(GossipSim::IdOf(3)) == MemberTable::kNone);
  CHECK(sim.node(1).members().Find(GossipSim::IdOf(3)) != MemberTable::kNone);
}

TEST_CASE("the highest term and version of a partition win, whatever the order") {
  GossipSim sim({.nodes = 10, .seed = 17});
  sim.RunFor(kSecond);
  const auto announce = [&](int node, uint64_t term, uint64_t version) {
    sim.Feed(node, GossipAnnounce{{{PartitionId(7), Term(term), ConfigVersion(version),
                                    GossipSim::IdOf(node)}}});
  };
  announce(1, 5, 1);
  announce(2, 4, 9);
  announce(3, 5, 2);
  sim.Feed(4, GossipAnnounceEpoch{Epoch(12)});
  sim.RunFor(300 * kMs);
  for (int node = 0; node < 10; ++node) {
    const auto known = sim.node(node).board().Of(PartitionId(7));
    REQUIRE(known.has_value());
    CHECK(known->primary == GossipSim::IdOf(3));
    CHECK(sim.node(node).board().epoch().epoch == Epoch(12));
    CHECK(sim.node(node).board().epoch().holder == GossipSim::IdOf(4));
  }
}

TEST_CASE("a change is everywhere within 0.3 s at 10 nodes and 0.5 s at 100") {
  for (const auto& [nodes, limit_us] : {std::pair(10, 300 * kMs), std::pair(100, 500 * kMs)}) {
    CAPTURE(nodes);
    GossipSim sim({.nodes = nodes, .seed = 18});
    sim.RunFor(kSecond);
    for (uint64_t term = 1; term <= 10; ++term) {
      int heard = 0;
      sim.on_announcement = [&](int, const Announcement&) { ++heard; };
      const int from = static_cast<int>(term) - 1;
      sim.Feed(from, GossipAnnounce{
                         {{PartitionId(1), Term(term), ConfigVersion(1), GossipSim::IdOf(from)}}});
      sim.RunFor(limit_us);
      CHECK(heard == nodes - 1);
    }
  }
}

TEST_CASE("many announcements at once arrive everywhere too, in packets of bounded size") {
  GossipSim sim({.nodes = 12, .seed = 19, .loss = 0.05});
  sim.RunFor(kSecond);
  GossipAnnounce announce;
  for (uint16_t p = 0; p < 1024; ++p) {
    announce.announcements.push_back(
        {PartitionId(p), Term(1), ConfigVersion(1), GossipSim::IdOf(0)});
  }
  sim.Feed(0, announce);
  sim.RunFor(30 * kSecond);
  for (int node = 0; node < 12; ++node) {
    int known = 0;
    for (uint16_t p = 0; p < 1024; ++p) {
      if (sim.node(node).board().Of(PartitionId(p))) ++known;
    }
    CHECK(known == 1024);
  }
}

TEST_CASE("an idle cluster costs each node less than 2.8 KB a second at 10 and at 100 nodes") {
  for (const int nodes : {10, 100}) {
    GossipSim sim({.nodes = nodes, .seed = 20});
    sim.RunFor(kSecond);
    const uint64_t before = sim.bytes_sent_in_all();
    sim.RunFor(20 * kSecond);
    const uint64_t per_second =
        (sim.bytes_sent_in_all() - before) / 20 / static_cast<uint64_t>(nodes);
    CHECK(per_second < 2800);
    CHECK(per_second > 500);
  }
}

TEST_CASE("differences of clocks are measured to within the round trip") {
  GossipSim sim({.nodes = 4, .seed = 21, .delay_us_min = 200, .delay_us_max = 900});
  sim.set_wall_skew_ms(2, 1500);
  sim.RunFor(10 * kSecond);
  const MemberTable& members = sim.node(0).members();
  const GossipMember& ahead = members.at(members.Find(GossipSim::IdOf(2)));
  CHECK(ahead.skew_ms >= 1498);
  CHECK(ahead.skew_ms <= 1502);
  CHECK(sim.node(0).SkewMsMax() >= 1490);
  CHECK(sim.node(0).SkewMsMax() <= 1500);
  const GossipMember& same = members.at(members.Find(GossipSim::IdOf(3)));
  CHECK(std::abs(same.skew_ms) <= 2);
}

TEST_CASE("a node that hears nobody blames itself and slows its probes") {
  GossipSim sim({.nodes = 6, .seed = 22});
  sim.RunFor(kSecond);
  CHECK(sim.node(0).health_score() == 0);
  sim.Split([](int, int to) { return to == 0; });
  sim.RunFor(1500 * kMs);
  CHECK(sim.node(0).health_score() >= 3);
  sim.Split(nullptr);
  sim.RunFor(20 * kSecond);
  CHECK(sim.node(0).health_score() == 0);
  for (int node = 0; node < 6; ++node) CHECK(sim.AllSee(node, MemberState::kAlive));
}

TEST_CASE("a full table takes no more members and goes on working") {
  GossipSimOptions options{.nodes = 4, .seed = 23};
  options.config.members_max = 3;
  GossipSim sim(options);
  sim.RunFor(5 * kSecond);
  for (int node = 0; node < 4; ++node) CHECK(sim.node(node).members().size() == 3);
}

TEST_CASE("messages with nonsense in them change nothing") {
  Gossip gossip({}, {.id = NodeId(1), .incarnation = Incarnation(1)}, 1);
  gossip.Step(GossipStart{}, {MonoUs(1), UnixMs(1)});
  GossipMessage message{.kind = GossipKind::kAck, .seq = 99, .target = NodeId(77)};
  message.updates = {Announcement{PartitionId(16000), Term(9), ConfigVersion(9), NodeId(2)},
                     Announcement{PartitionId(3), Term(9), ConfigVersion(9), NodeId()},
                     MemberUpdate{{.id = NodeId(5), .state = MemberState::kDead}, NodeId(2)}};
  const auto out = gossip.Step(GossipReceive{NodeId(2), {}, message}, {MonoUs(2), UnixMs(1)});
  CHECK(out.changes.empty());
  CHECK(out.announcements.empty());
  CHECK(gossip.members().size() == 1);
  // A message that claims to come from ourselves, or from nobody, is none.
  message.updates = {MemberUpdate{{.id = NodeId(6)}, NodeId()}};
  gossip.Step(GossipReceive{NodeId(1), {}, message}, {MonoUs(3), UnixMs(1)});
  gossip.Step(GossipReceive{NodeId(), {}, message}, {MonoUs(4), UnixMs(1)});
  CHECK(gossip.members().size() == 1);
}

}  // namespace
}  // namespace torc
