// The parts of gossip: records, queue, suspicion, announcements.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/rng.h"
#include "cluster/gossip_codec.h"
#include "cluster/gossip_members.h"
#include "cluster/gossip_queue.h"
#include "cluster/gossip_suspicion.h"

namespace torc {
namespace {

MemberRecord Record(uint64_t id, uint64_t incarnation, uint32_t version, MemberState state) {
  return {.id = NodeId(id),
          .incarnation = Incarnation(incarnation),
          .version = version,
          .state = state,
          .address = {.host = "10.0.0.1", .bus_port = 1}};
}

TEST_CASE("a newer life beats a version, a version beats a state, and states have an order") {
  const auto alive = MemberState::kAlive;
  const auto suspect = MemberState::kSuspect;
  const auto dead = MemberState::kDead;
  CHECK(IsNewer(Record(1, 2, 0, alive), Record(1, 1, 9, dead)));
  CHECK(IsNewer(Record(1, 1, 2, alive), Record(1, 1, 1, dead)));
  CHECK(IsNewer(Record(1, 1, 1, suspect), Record(1, 1, 1, alive)));
  CHECK(IsNewer(Record(1, 1, 1, dead), Record(1, 1, 1, suspect)));
  CHECK(IsNewer(Record(1, 1, 1, MemberState::kLeft), Record(1, 1, 1, dead)));
  CHECK_FALSE(IsNewer(Record(1, 1, 1, dead), Record(1, 1, 1, dead)));
}

TEST_CASE("digests depend on what is known, not on the order in which it was learnt") {
  Rng rng(1);
  MemberTable a(100);
  MemberTable b(100);
  std::vector<MemberRecord> records;
  for (uint64_t id = 1; id <= 50; ++id) records.push_back(Record(id, 1, 3, MemberState::kAlive));
  for (const MemberRecord& record : records) a.Add(record);
  for (size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[rng.Below(i)]);
  for (const MemberRecord& record : records) b.Add(Record(record.id.value(), 1, 1, record.state));
  CHECK(a.digests() != b.digests());
  for (const MemberRecord& record : records) b.Set(b.Find(record.id), record);
  CHECK(a.digests() == b.digests());
  CHECK(b.live_count() == 50);
  a.Remove(a.Find(NodeId(3)));
  CHECK(a.Find(NodeId(3)) == MemberTable::kNone);
  CHECK(a.at(a.Find(NodeId(50))).record.id == NodeId(50));
  b.Remove(b.Find(NodeId(3)));
  CHECK(a.digests() == b.digests());
  MemberTable full(1);
  CHECK(full.Add(records[0]) == 0);
  CHECK(full.Add(records[1]) == MemberTable::kNone);
}

TEST_CASE("a suspicion changes no digest, a death does") {
  MemberTable table(10);
  table.Add(Record(1, 1, 1, MemberState::kAlive));
  const Digests before = table.digests();
  table.Set(0, Record(1, 1, 1, MemberState::kSuspect));
  CHECK(table.digests() == before);
  CHECK(table.live_count() == 1);
  table.Set(0, Record(1, 1, 1, MemberState::kDead));
  CHECK(table.digests() != before);
  CHECK(table.live_count() == 0);
}

TEST_CASE("the queue hands out the least told first, each a bounded number of times") {
  BroadcastQueue queue;
  const EpochUpdate epoch{Epoch(1), NodeId(1)};
  const Announcement announcement{PartitionId(1), Term(1), ConfigVersion(1), NodeId(1)};
  queue.Push(epoch);
  std::vector<GossipUpdate> out;
  CHECK(queue.Take(3, 1000, &out) == 1);
  queue.Push(announcement);
  out.clear();
  // Only one fits: the one that nobody has heard.
  CHECK(queue.Take(3, EncodedBytes(announcement), &out) == 1);
  CHECK(std::holds_alternative<Announcement>(out[0]));
  int epochs = 1;
  int announcements = 1;
  while (!queue.empty()) {
    out.clear();
    REQUIRE(queue.Take(3, 1000, &out) > 0);
    for (const GossipUpdate& update : out) {
      ++(std::holds_alternative<EpochUpdate>(update) ? epochs : announcements);
    }
  }
  CHECK(epochs == 3);
  CHECK(announcements == 3);
}

TEST_CASE("newer news about the same subject replaces the older") {
  BroadcastQueue queue;
  for (uint32_t version = 1; version <= 5; ++version) {
    queue.Push(MemberUpdate{Record(9, 1, version, MemberState::kAlive), NodeId()});
  }
  CHECK(queue.size() == 1);
  std::vector<GossipUpdate> out;
  queue.Take(1, 1000, &out);
  CHECK(std::get<MemberUpdate>(out.at(0)).record.version == 5);
  queue.Push(out[0]);
  queue.Forget(NodeId(9));
  CHECK(queue.empty());
}

TEST_CASE("further accusers shorten a suspicion down to its minimum, each counting once") {
  Suspicion suspicion(NodeId(1), MonoUs(1000), 100, 500, 3);
  CHECK(suspicion.Deadline() == MonoUs(1500));
  CHECK_FALSE(suspicion.Confirm(NodeId(1)));
  CHECK(suspicion.Confirm(NodeId(2)));
  CHECK(suspicion.Deadline() == MonoUs(1300));
  CHECK(suspicion.Confirm(NodeId(3)));
  CHECK(suspicion.Confirm(NodeId(4)));
  CHECK(suspicion.Deadline() == MonoUs(1100));
  CHECK_FALSE(suspicion.Confirm(NodeId(5)));
  suspicion.Postpone(1000);
  CHECK(suspicion.Deadline() == MonoUs(2100));
  suspicion.Hurry(MonoUs(2050));
  CHECK(suspicion.Deadline() == MonoUs(2050));
  // Of two nodes nobody can confirm anything.
  CHECK(Suspicion(NodeId(1), MonoUs(0), 100, 500, 0).Deadline() == MonoUs(500));
}

TEST_CASE("local health stays between 0 and its maximum") {
  LocalHealth health(2);
  health.Better();
  CHECK(health.multiplier() == 1);
  for (int i = 0; i < 5; ++i) health.Worse();
  CHECK(health.multiplier() == 3);
}

TEST_CASE(
    "a board keeps the highest announcement of each partition and digests tell boards apart") {
  AnnouncementBoard a(8);
  AnnouncementBoard b(8);
  const Announcement first{PartitionId(2), Term(1), ConfigVersion(5), NodeId(1)};
  const Announcement later{PartitionId(2), Term(2), ConfigVersion(1), NodeId(2)};
  CHECK(a.Post(first));
  CHECK(a.Post(later));
  CHECK_FALSE(a.Post(first));
  CHECK(a.Of(PartitionId(2)) == later);
  CHECK_FALSE(a.Of(PartitionId(3)).has_value());
  CHECK_FALSE(a.Of(PartitionId(9)).has_value());
  CHECK(b.Post(later));
  CHECK(a.digests() == b.digests());
  CHECK(b.Post(EpochUpdate{Epoch(4), NodeId(1)}));
  CHECK_FALSE(b.Post(EpochUpdate{Epoch(3), NodeId(1)}));
  CHECK(a.digests() != b.digests());
  std::vector<GossipUpdate> updates;
  a.AppendBucket(AnnouncementBoard::BucketOf(PartitionId(2)), &updates);
  CHECK(updates == std::vector<GossipUpdate>{later});
}

}  // namespace
}  // namespace torc
