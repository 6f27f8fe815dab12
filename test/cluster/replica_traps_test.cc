// The traps that replicated stores fall into, one test each, under its own name.
#include <doctest/doctest.h>

#include "cluster/tiny_cluster.h"

namespace torc {
namespace {

using Kind = MembershipChange::Kind;

TEST_CASE("an unknown outcome has a word of its own that never means no effect") {
  TinyCluster cluster(3);
  const uint64_t old_primary = cluster.RunUntilAnyPrimary();
  cluster.Isolate(old_primary);
  const Token token = cluster.Propose(old_primary, "x");
  CHECK(cluster.ResultOf(token) == Result::kNone);
  cluster.Run(3'000'000);
  CHECK(cluster.ResultOf(token) == Result::kUnknown);
  CHECK_FALSE(HasNoEffect(Result::kUnknown));
  CHECK(HasNoEffect(cluster.at(old_primary).CanPropose()));
}

TEST_CASE("a deposed primary that already applied its tail reports it lost and reloads") {
  TinyCluster cluster(3);
  const uint64_t old_primary = cluster.RunUntilAnyPrimary();
  cluster.Isolate(old_primary);
  cluster.Propose(old_primary, "never agreed on", Acks::kOne);
  CHECK(cluster.at(old_primary).applied() > cluster.at(old_primary).committed());
  cluster.Run(4'000'000);
  CHECK(cluster.at(old_primary).Dirty());
  const uint64_t new_primary = cluster.Primary();
  REQUIRE(new_primary != 0);
  cluster.Propose(new_primary, "agreed on");
  cluster.steps.clear();
  cluster.Heal();
  cluster.Run(2'000'000);
  REQUIRE(cluster.lost.size() == 1);
  CHECK(cluster.lost[0].entry.payload == "never agreed on");
  REQUIRE_FALSE(cluster.steps[old_primary].empty());
  CHECK(cluster.steps[old_primary][0].kind == StoreStep::Kind::kReload);
  CHECK(cluster.at(old_primary).applied() == cluster.at(new_primary).committed());
  CHECK_FALSE(cluster.at(old_primary).Dirty());
}

TEST_CASE("entries of an old term are not committed by counting copies") {
  // A primary of term 9 finds an entry of term 2 on a majority; only its own entry may commit both.
  Recovered recovered;
  recovered.self = {NodeId(1), Incarnation(1), 0};
  recovered.term = Term(8);
  recovered.checkpoint.membership.voters = {{NodeId(1), Incarnation(1), 0},
                                            {NodeId(2), Incarnation(1), 0},
                                            {NodeId(3), Incarnation(1), 0}};
  recovered.entries.push_back({Term(2), Entry::Kind::kEffects, {}, {}, "old"});
  Output out;
  MonoUs now(10'000'000);
  Replica replica(GroupId(1), {}, recovered, 1, now);
  now += 3'000'000;
  replica.Tick(now, true, &out);
  const auto reply = [&](Message::Kind kind, uint64_t from) {
    Message message;
    message.kind = kind;
    message.group = GroupId(1);
    message.from = {NodeId(from), Incarnation(1), 0};
    message.to = recovered.self;
    message.term = Term(9);
    message.yes = true;
    return message;
  };
  replica.Receive(reply(Message::Kind::kPreVoteReply, 2), now, &out);
  replica.Receive(reply(Message::Kind::kVoteReply, 2), now, &out);
  replica.Persisted(out.writes.back().seq, Durability::kDisk, now, &out);
  REQUIRE(replica.role() == Role::kPrimary);
  replica.Persisted(out.writes.back().seq, Durability::kDisk, now, &out);
  Message kept = reply(Message::Kind::kAppendReply, 2);
  kept.index = LogIndex(1);
  replica.Receive(kept, now, &out);
  CHECK(replica.committed() == LogIndex(0));
  kept.index = LogIndex(2);
  replica.Receive(kept, now, &out);
  CHECK(replica.committed() == LogIndex(2));
}

TEST_CASE("two changes of voters are never in flight") {
  TinyCluster cluster(3, 2);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Isolate(primary);
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(4), Incarnation(1), {}}) == Result::kOk);
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(5), Incarnation(1), {}}) ==
        Result::kNotReady);
}

TEST_CASE("a change of voters that was cut off is in force no more") {
  TinyCluster cluster(3);
  const uint64_t old_primary = cluster.RunUntilAnyPrimary();
  const uint64_t other = old_primary % 3 + 1;
  cluster.Isolate(old_primary);
  CHECK(cluster.Change(old_primary, {Kind::kRemove, NodeId(other), Incarnation(1), {}}) ==
        Result::kOk);
  CHECK(cluster.at(old_primary).membership().voters.size() == 2);
  cluster.Run(3'000'000);
  const uint64_t next = cluster.Primary();
  REQUIRE(next != 0);
  cluster.Heal();
  cluster.Run(500'000);
  CHECK(cluster.at(old_primary).membership().voters.size() == 3);
  CHECK(cluster.at(old_primary).membership() == cluster.at(next).membership());
}

TEST_CASE("no change of voters is begun that too few of the next voters could agree to") {
  TinyCluster cluster(4);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  std::vector<uint64_t> others;
  for (uint64_t n = 1; n <= 4; ++n) {
    if (n != primary) others.push_back(n);
  }
  cluster.stopped = {others[0]};
  cluster.Propose(primary, "x");  // the others are heard of, and this one is not
  cluster.Run(300'000);
  const auto remove = [&](uint64_t node) {
    return cluster.Change(
        primary, {MembershipChange::Kind::kRemove, NodeId(node), Incarnation(1), Epoch(1)});
  };
  // Of four voters three answer; without one of those, two of three would.
  CHECK(remove(others[1]) == Result::kOk);
  cluster.Run(100'000);
  CHECK(cluster.at(primary).membership().voters.size() == 3);
  // Without another, one of two.
  CHECK(remove(others[2]) == Result::kNotReady);
  CHECK(remove(others[0]) == Result::kOk);
  cluster.Run(100'000);
  CHECK(cluster.at(primary).membership().voters.size() == 2);
}

TEST_CASE("a silent group asks who is there before it changes voters") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(3'000'000);
  REQUIRE(cluster.at(primary).quiescent());
  const MembershipChange remove{MembershipChange::Kind::kRemove, NodeId(primary % 3 + 1),
                                Incarnation(1), Epoch(1)};
  CHECK(cluster.Change(primary, remove) == Result::kNotReady);
  cluster.Run(100'000);
  CHECK(cluster.Change(primary, remove) == Result::kOk);
}

TEST_CASE("a new primary changes no voters before it has committed an entry of its term") {
  TinyCluster cluster(3, 1);
  cluster.slow_disks = {2, 3};
  cluster.Run(500'000);
  for (uint64_t node : {2, 3}) {
    CHECK(cluster.Change(node, {Kind::kAddLearner, NodeId(4), Incarnation(1), {}}) ==
          Result::kNotPrimary);
  }
  cluster.slow_disks.clear();
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Isolate(primary);
  cluster.Run(3'000'000);
  const uint64_t next = cluster.Primary();
  REQUIRE(next != 0);
  CHECK(next != primary);
  CHECK(cluster.at(next).Established());
}

TEST_CASE("move and failover: a plan made for an older topology is refused") {
  TinyCluster cluster(3, 2);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(4), Incarnation(1), Epoch(7)}) ==
        Result::kOk);
  cluster.Run(100'000);
  cluster.Isolate(primary);
  cluster.Run(3'000'000);
  const uint64_t next = cluster.Primary();
  REQUIRE(next != 0);
  CHECK(cluster.Change(next, {Kind::kAddLearner, NodeId(5), Incarnation(1), Epoch(6)}) ==
        Result::kStaleEpoch);
}

TEST_CASE("an acknowledged write means the commit index, not a count of copies") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const Token token = cluster.Propose(primary, "x");
  REQUIRE(cluster.ResultOf(token) == Result::kOk);
  CHECK(cluster.outcomes[token.value()].index <= cluster.at(primary).committed());
}

TEST_CASE("a keyspace event is not published before its write is committed") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const LogIndex before = cluster.published[primary];
  cluster.Isolate(primary);
  cluster.Propose(primary, "x", Acks::kOne);
  CHECK(cluster.published[primary] == before);
  cluster.Heal();
  cluster.Run(300'000);
  CHECK(cluster.published[primary] > before);
}

TEST_CASE("a process suspended for a minute wakes as primary and answers nothing by lease") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(200'000);
  const Token before = cluster.Read(primary, 1);
  REQUIRE(cluster.ResultOf(before) == Result::kOk);
  REQUIRE(cluster.outcomes[before.value()].by_lease);
  const Term term = cluster.outcomes[before.value()].term;
  CHECK(cluster.at(primary).LeaseStillHolds(term, cluster.now()));
  cluster.stopped = {primary};
  cluster.Run(60'000'000);
  // The reply that was computed before the pause may not go any more.
  CHECK_FALSE(cluster.at(primary).LeaseStillHolds(term, cluster.now()));
  CHECK(cluster.Primary() != 0);
  cluster.stopped.clear();
  cluster.Isolate(primary);
  const Token after = cluster.Read(primary, 1);
  CHECK(cluster.ResultOf(after) == Result::kNone);
  cluster.Run(2'000'000);
  CHECK(cluster.ResultOf(after) == Result::kNotPrimary);
}

TEST_CASE(
    "a strong read of a key with an uncommitted write waits for it, one of another key does not") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(200'000);
  cluster.Isolate(primary);
  cluster.Propose(primary, "x", Acks::kMajority, 5);
  const Token same = cluster.Read(primary, 5);
  const Token other = cluster.Read(primary, 6);
  CHECK(cluster.ResultOf(same) == Result::kNone);
  CHECK(cluster.ResultOf(other) == Result::kOk);
  cluster.Heal();
  cluster.Run(300'000);
  CHECK(cluster.ResultOf(same) == Result::kOk);
}

TEST_CASE("a strong read of any key waits for an uncommitted write of all keys") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(200'000);
  cluster.Isolate(primary);
  Proposal flush;
  flush.token = Token(1000);
  flush.all_keys = true;
  flush.effects = "FLUSHALL";
  cluster.at(primary).Propose(std::move(flush), cluster.now(), cluster.table(primary).output());
  cluster.table(primary).Flush(&cluster.at(primary), cluster.now());
  cluster.Settle();
  const Token read = cluster.Read(primary, 17);
  CHECK(cluster.ResultOf(read) == Result::kNone);
  cluster.Heal();
  cluster.Run(300'000);
  CHECK(cluster.ResultOf(read) == Result::kOk);
}

TEST_CASE("a snapshot is installed together with its term and index") {
  TinyCluster cluster(3, 1, {.log_entries_kept = 0});
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  for (int i = 0; i < 20; ++i) cluster.Propose(primary, "x");
  Replica& source = cluster.at(primary);
  source.CheckpointTaken(source.committed(), cluster.now(), cluster.table(primary).output());
  cluster.Settle();
  REQUIRE(source.log().base_index() == source.checkpoint().index);
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(4), Incarnation(1), {}}) == Result::kOk);
  cluster.Run(1'000'000);
  const Replica& learner = cluster.at(4);
  CHECK(learner.checkpoint() == source.checkpoint());
  CHECK(learner.log().Matches(source.checkpoint().index, source.checkpoint().term));
  CHECK(learner.applied() == source.committed());
  REQUIRE(cluster.steps[4].size() >= 2);
  CHECK(cluster.steps[4][0].kind == StoreStep::Kind::kClear);
  CHECK(cluster.steps[4][1].kind == StoreStep::Kind::kInstall);
  cluster.Restart(4);
  CHECK(cluster.at(4).log().Matches(source.checkpoint().index, source.checkpoint().term));
}

TEST_CASE("a learner's copy counts for nothing until it is a voter, and it must be full by then") {
  TinyCluster cluster(3, 1);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(4), Incarnation(1), {}}) == Result::kOk);
  cluster.Run(200'000);
  for (uint64_t node = 1; node <= 3; ++node) {
    if (node != primary) cluster.Cut(primary, node);
  }
  const Token token = cluster.Propose(primary, "x");
  CHECK(cluster.ResultOf(token) == Result::kNone);
}

TEST_CASE("a node that lost its state is nobody's voter") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const uint64_t wiped = primary == 1 ? 2 : 1;
  cluster.RestartEmpty(wiped);
  cluster.Run(500'000);
  CHECK(cluster.table(wiped).Find(TinyCluster::kGroup) == nullptr);
  CHECK(cluster.Change(primary, {Kind::kAddLearner, NodeId(wiped), Incarnation(2), {}}) ==
        Result::kOk);
  cluster.Run(500'000);
  CHECK(cluster.at(primary).membership().IsLearner(cluster.at(wiped).self()));
  CHECK(cluster.at(wiped).committed() == cluster.at(primary).committed());
}

TEST_CASE("a restarted voter keeps the promise that it may have made") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const uint64_t voter = primary % 3 + 1;
  const uint64_t rival = voter % 3 + 1;
  cluster.Restart(voter);
  Message message;
  message.kind = Message::Kind::kVoteRequest;
  message.group = TinyCluster::kGroup;
  message.from = cluster.at(rival).self();
  message.to = cluster.at(voter).self();
  message.term = cluster.at(voter).term() + 1;
  message.index = LogIndex(1000);
  message.index_term = message.term;
  cluster.table(voter).Receive(message, cluster.now());
  cluster.Settle();
  CHECK(cluster.at(voter).term() < message.term);
  cluster.Sleep(400'000);
  cluster.table(voter).Receive(message, cluster.now());
  CHECK(cluster.at(voter).term() == message.term);
}

TEST_CASE("after a hand-over the old primary answers nothing by lease") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(200'000);
  const uint64_t heir = primary % 3 + 1;
  const Term term = cluster.at(primary).term();
  CHECK(cluster.at(primary).Transfer(cluster.at(heir).self(), cluster.now()) == Result::kOk);
  CHECK(cluster.at(primary).CanPropose() == Result::kTransferring);
  cluster.table(primary).Flush(&cluster.at(primary), cluster.now());
  CHECK_FALSE(cluster.at(primary).LeaseStillHolds(term, cluster.now()));
  cluster.Settle();
  CHECK(cluster.Primary() == heir);
}

TEST_CASE("a group without requests falls silent, holds no lease, and wakes when asked") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(2'500'000);
  for (uint64_t node = 1; node <= 3; ++node) CHECK(cluster.at(node).quiescent());
  const uint64_t parcels = cluster.parcels;
  const Term term = cluster.at(primary).term();
  cluster.Run(60'000'000);
  CHECK(cluster.parcels == parcels);
  CHECK(cluster.at(primary).term() == term);
  CHECK_FALSE(cluster.at(primary).LeaseStillHolds(term, cluster.now()));
  const Token token = cluster.Read(primary, 1);
  CHECK(cluster.ResultOf(token) == Result::kOk);
  CHECK_FALSE(cluster.outcomes[token.value()].by_lease);
}

TEST_CASE("the loss of a silent group's primary is noticed when somebody tells") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  cluster.Run(2'500'000);
  cluster.stopped = {primary};
  for (uint64_t node = 1; node <= 3; ++node) {
    if (node != primary) cluster.table(node).PeerLost(NodeId(primary), cluster.now());
  }
  cluster.Run(500'000);
  CHECK(cluster.Primary() != 0);
}

TEST_CASE("a retried unit takes effect once") {
  TinyCluster cluster(3);
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  const UnitId unit{7, 1};
  const LogIndex asked_at = cluster.at(primary).committed();
  cluster.Propose(primary, "x", Acks::kMajority, 0, unit);
  const auto retry = [&](UnitId again, LogIndex since) {
    return cluster.at(primary).Retry(again, since, Acks::kMajority, Token(99),
                                     cluster.table(primary).output());
  };
  CHECK(retry(unit, asked_at) == Result::kDuplicate);
  CHECK(retry({7, 2}, asked_at) == Result::kNone);
}

TEST_CASE("a retry that the log no longer reaches back to is unknown, not executed again") {
  TinyCluster cluster(3, 0, {.log_entries_kept = 0});
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  Replica& replica = cluster.at(primary);
  const LogIndex asked_at = replica.committed();
  for (int i = 0; i < 5; ++i) cluster.Propose(primary, "x");
  replica.CheckpointTaken(replica.committed(), cluster.now(), cluster.table(primary).output());
  CHECK(replica.Retry({7, 1}, asked_at, Acks::kMajority, Token(99),
                      cluster.table(primary).output()) == Result::kUnknown);
}

TEST_CASE("an owner counts only at its own level of durability") {
  TinyCluster cluster(3, 0, {.durability = Durability::kDisk});
  const uint64_t primary = cluster.RunUntilAnyPrimary();
  for (uint64_t node = 1; node <= 3; ++node) {
    if (node != primary) cluster.slow_disks.insert(node);
  }
  const Token token = cluster.Propose(primary, "x");
  cluster.Run(200'000);
  CHECK(cluster.ResultOf(token) == Result::kNone);
}

TEST_CASE("what survives a crash depends on the level and on what crashed") {
  CHECK_FALSE(SurvivesWhole(Durability::kMem, Demise::kProcess));
  CHECK(SurvivesWhole(Durability::kOs, Demise::kProcess));
  CHECK_FALSE(SurvivesWhole(Durability::kOs, Demise::kMachine));
  CHECK(SurvivesWhole(Durability::kDisk, Demise::kMachine));
}

TEST_CASE("heartbeats of many groups travel together") {
  Membership membership;
  for (uint64_t n = 1; n <= 3; ++n) membership.voters.push_back({NodeId(n), Incarnation(1), 0});
  std::vector<Message> messages;
  for (uint32_t group = 0; group < 100; ++group) {
    for (uint64_t to : {2, 3}) {
      Message message;
      message.kind = Message::Kind::kHeartbeat;
      message.group = GroupId(group);
      message.to = membership.voters[to - 1];
      messages.push_back(message);
    }
  }
  const std::vector<Parcel> parcels = Bundle(messages);
  REQUIRE(parcels.size() == 2);
  CHECK(parcels[0].messages.size() == 100);
  CHECK(parcels[1].messages.size() == 100);
}

}  // namespace
}  // namespace torc
