// Replica and GroupTable in single situations that random runs meet seldom. The traps that have a
// name of their own are in replica_traps_test.cc.
#include <doctest/doctest.h>

#include "cluster/tiny_cluster.h"

namespace torc {
namespace {

using Kind = MembershipChange::Kind;

constexpr MembershipChange kAdmit4{Kind::kAddLearner, NodeId(4), Incarnation(1), {}};
constexpr MembershipChange kPromote4{Kind::kPromote, NodeId(4), Incarnation(1), {}};

TEST_CASE("a learner that alone has the newest log stands, and the group lives on") {
  TinyCluster cluster(3, 1);
  const uint64_t first = cluster.RunUntilAnyPrimary();
  REQUIRE(cluster.Change(first, kAdmit4) == Result::kOk);
  cluster.Run(300'000);
  // The first primary makes it a voter, and nobody hears of that.
  cluster.Isolate(first);
  REQUIRE(cluster.Change(first, kPromote4) == Result::kOk);
  // The second reaches nobody but the learner with its entries, and is gone for good.
  cluster.loses = [](const Message& message) {
    return message.kind == Message::Kind::kAppend && message.to.node != NodeId(4);
  };
  uint64_t second = 0;
  for (int i = 0; i < 1000 && second == 0; ++i) {
    cluster.Run(GroupTable::kTickUs);
    for (uint64_t node = 1; node <= 3; ++node) {
      if (node != first && cluster.at(node).role() == Role::kPrimary) second = node;
    }
  }
  REQUIRE(second != 0);
  REQUIRE(cluster.at(4).log().last_term() == cluster.at(second).term());
  cluster.stopped = {second};
  cluster.loses = nullptr;
  cluster.Heal();
  cluster.Isolate(second);
  // Of three voters two are left, but the log of neither is current: only the learner can lead.
  cluster.Run(10'000'000);
  const uint64_t next = cluster.Primary();
  REQUIRE(next != 0);
  CHECK(cluster.ResultOf(cluster.Propose(next, "x")) == Result::kOk);
  if (!cluster.at(next).membership().IsVoter(cluster.at(4).self())) {
    CHECK(cluster.Change(next, kPromote4) == Result::kOk);
  }
  cluster.Run(200'000);
  for (uint64_t node = 1; node <= 4; ++node) {
    if (node != second) CHECK(cluster.at(node).membership().IsVoter(cluster.at(4).self()));
  }
}

Message FromPrimary(Message::Kind kind, uint64_t birth) {
  Message message;
  message.kind = kind;
  message.group = GroupId(1);
  message.from = {NodeId(1), Incarnation(1), 0};
  message.to = {NodeId(4), Incarnation(1), birth};
  message.term = Term(1);
  return message;
}

TEST_CASE("a replica that begins anew does not take its former self's writes for its own") {
  GroupTable table(NodeId(4), Incarnation(1), {.durability = Durability::kOs}, 1);
  const MonoUs now(10'000'000);
  Message append = FromPrimary(Message::Kind::kAppend, 1);
  for (int i = 0; i < 10; ++i) {
    append.entries.push_back({Term(1), Entry::Kind::kEffects, {}, {}, "x"});
    table.Receive(append, now);
  }
  const WriteSeq former_last = table.output()->writes.back().seq;
  append.to.birth = 5;
  table.Receive(append, now);
  table.output()->Clear();
  // The disk gets on, but only with what the former self had asked for.
  table.Persisted(GroupId(1), former_last, Durability::kDisk, now);
  CHECK(table.Find(GroupId(1))->durable() == LogIndex(0));
  CHECK(table.output()->messages.empty());
}

TEST_CASE("an acknowledgement waits until the term it is given in is kept") {
  Recovered recovered;
  recovered.self = {NodeId(4), Incarnation(1), 0};
  recovered.term = Term(1);
  recovered.checkpoint.membership.voters = {{NodeId(1), Incarnation(1), 0}, recovered.self};
  recovered.entries.push_back({Term(1), Entry::Kind::kEffects, {}, {}, "x"});
  MonoUs now(10'000'000);
  Replica replica(GroupId(1), {.durability = Durability::kDisk}, recovered, 1, now);
  Output out;
  Message heartbeat = FromPrimary(Message::Kind::kHeartbeat, 0);
  heartbeat.term = Term(3);
  heartbeat.index = LogIndex(1);
  heartbeat.index_term = Term(1);
  replica.Receive(heartbeat, now, &out);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].index == LogIndex(0));
  REQUIRE(out.writes.size() == 1);
  replica.Persisted(out.writes[0].seq, Durability::kDisk, now, &out);
  out.Clear();
  replica.Receive(heartbeat, now, &out);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].index == LogIndex(1));
}

TEST_CASE("what a member lacks behind a state on its way to it stays in the log") {
  TinyCluster cluster(3, 1, {.log_entries_kept = 0});
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  Replica& source = cluster.at(primary);
  const auto write_and_checkpoint = [&] {
    for (int i = 0; i < 10; ++i) cluster.Propose(primary, "x");
    source.CheckpointTaken(source.committed(), cluster.now(), cluster.table(primary).output());
    cluster.Settle();
  };
  write_and_checkpoint();
  REQUIRE(source.log().base_index() > LogIndex(0));
  cluster.hold_states = true;
  REQUIRE(cluster.Change(primary, kAdmit4) == Result::kOk);
  cluster.Run(200'000);
  REQUIRE(cluster.held_states.size() == 1);
  write_and_checkpoint();
  cluster.DeliverStates();
  cluster.Run(200'000);
  CHECK(cluster.states_sent == 1);
  CHECK(cluster.at(4).committed() == source.committed());
  // Once nobody needs it, it goes.
  write_and_checkpoint();
  CHECK(source.log().base_index() == source.checkpoint().index);
}

TEST_CASE("a member that is gone, or lacks too much, does not hold the log") {
  for (const bool is_gone : {false, true}) {
    TinyCluster cluster(3, 0, {.log_entries_kept = 0, .log_bytes_kept_max = is_gone ? 1000U : 5U});
    const uint64_t primary = cluster.RunUntilAnyPrimary();
    const uint64_t other = primary % 3 + 1;
    cluster.Cut(primary, other);
    if (is_gone) cluster.Run(3'000'000);
    for (int i = 0; i < 10; ++i) cluster.Propose(primary, "x");
    Replica& source = cluster.at(primary);
    source.CheckpointTaken(source.committed(), cluster.now(), cluster.table(primary).output());
    CHECK(source.log().base_index() == source.checkpoint().index);
  }
}

TEST_CASE("lost acknowledgements do not close the window once a heartbeat tells what they said") {
  TinyCluster cluster(3, 0, {.appends_in_flight_max = 2});
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const uint64_t other = primary % 3 + 1;
  cluster.Run(200'000);
  cluster.loses = [&](const Message& message) {
    return message.kind == Message::Kind::kAppendReply && message.from.node == NodeId(other);
  };
  cluster.Propose(primary, "a");
  cluster.Propose(primary, "b");
  cluster.Run(100'000);
  REQUIRE(cluster.at(primary).MatchOf(cluster.at(other).self()) ==
          cluster.at(primary).log().last_index());
  cluster.Propose(primary, "c");
  CHECK(cluster.at(other).log().last_index() == cluster.at(primary).log().last_index());
}

TEST_CASE("a silent group is not woken by who is no member") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(2'500'000);
  REQUIRE(cluster.at(primary).quiescent());
  Message doubt;
  doubt.kind = Message::Kind::kPreVoteRequest;
  doubt.group = TinyCluster::kGroup;
  doubt.from = {NodeId(9), Incarnation(1), 1};
  doubt.term = Term(50);
  doubt.index_term = Term(50);
  for (uint64_t node = 1; node <= 3; ++node) {
    doubt.to = cluster.at(node).self();
    cluster.table(node).Receive(doubt, cluster.now());
    CHECK(cluster.at(node).quiescent());
  }
  doubt.from = cluster.at(primary % 3 + 1).self();
  doubt.to = cluster.at(primary).self();
  cluster.table(primary).Receive(doubt, cluster.now());
  CHECK_FALSE(cluster.at(primary).quiescent());
}

}  // namespace
}  // namespace torc
