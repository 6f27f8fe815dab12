// Parcels and their bytes; the membership an entry carries; the log's own rules.
#include "cluster/replication_codec.h"

#include <doctest/doctest.h>

#include "base/rng.h"

namespace torc {
namespace {

Parcel Sample() {
  Parcel parcel{NodeId(1), NodeId(2), {}};
  Membership membership;
  membership.version = 3;
  membership.epoch = Epoch(9);
  membership.voters = {{NodeId(1), Incarnation(1), 0}, {NodeId(2), Incarnation(5), 3}};
  membership.learners = {{NodeId(3), Incarnation(1), 2}};
  Message append;
  append.kind = Message::Kind::kAppend;
  append.group = GroupId(7);
  append.from = membership.voters[0];
  append.to = membership.voters[1];
  append.term = Term(300);
  append.index = LogIndex(1'000'000);
  append.index_term = Term(299);
  append.commit = LogIndex(999'999);
  append.round = Round(77);
  append.entries.push_back({Term(300), Entry::Kind::kReign, {}, {}, ""});
  append.entries.push_back({Term(300), Entry::Kind::kEffects, Epoch(9), {5, 6}, "SET a b"});
  append.entries.push_back(
      {Term(300), Entry::Kind::kMembership, Epoch(9), {}, EncodeMembership(membership)});
  parcel.messages.push_back(append);
  Message beat;
  beat.kind = Message::Kind::kHeartbeatReply;
  beat.from = append.from;
  beat.to = append.to;
  beat.yes = beat.quiesce = true;
  parcel.messages.push_back(beat);
  return parcel;
}

TEST_CASE("a parcel survives its bytes") {
  const Parcel parcel = Sample();
  std::string bytes;
  EncodeParcel(parcel, &bytes);
  const std::optional<Parcel> twin = DecodeParcel(NodeId(1), NodeId(2), bytes);
  REQUIRE(twin.has_value());
  CHECK(twin->messages == parcel.messages);
}

TEST_CASE("a heartbeat in a parcel is small") {
  Parcel parcel = Sample();
  parcel.messages.erase(parcel.messages.begin());
  std::string bytes;
  EncodeParcel(parcel, &bytes);
  CHECK(bytes.size() <= 40);
}

TEST_CASE("a parcel cut short anywhere, or longer than it says, is refused") {
  std::string bytes;
  EncodeParcel(Sample(), &bytes);
  for (size_t n = 0; n < bytes.size(); ++n) {
    CHECK_FALSE(DecodeParcel(NodeId(1), NodeId(2), bytes.substr(0, n)).has_value());
  }
  CHECK_FALSE(DecodeParcel(NodeId(1), NodeId(2), bytes + "x").has_value());
}

TEST_CASE("damaged parcels are refused or read as something whole, never worse") {
  std::string bytes;
  EncodeParcel(Sample(), &bytes);
  Rng rng(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    damaged[rng.Below(damaged.size())] = static_cast<char>(rng.Next());
    const auto parcel = DecodeParcel(NodeId(1), NodeId(2), damaged);
    if (!parcel.has_value()) continue;
    std::string again;
    EncodeParcel(*parcel, &again);
    CHECK(DecodeParcel(NodeId(1), NodeId(2), again)->messages == parcel->messages);
  }
}

TEST_CASE("counts beyond their limits are refused before anything is reserved") {
  CHECK_FALSE(DecodeParcel(NodeId(1), NodeId(2), "\x01\xff\xff\xff\xff\x0f").has_value());
  Membership crowd;
  for (uint64_t n = 0; n <= Membership::kMembersMax; ++n) {
    crowd.voters.push_back({NodeId(n + 1), Incarnation(1), 0});
  }
  CHECK_FALSE(DecodeMembership(EncodeMembership(crowd)).has_value());
  crowd.voters.pop_back();
  CHECK(DecodeMembership(EncodeMembership(crowd)) == crowd);
}

TEST_CASE("a log forgets the membership and the units of what is cut off") {
  Membership first;
  first.voters = {{NodeId(1), Incarnation(1), 0}};
  Membership second = first;
  second.version = 1;
  second.voters.push_back({NodeId(2), Incarnation(1), 0});
  ReplicatedLog log(LogIndex(0), Term(0), first);
  log.Append({Term(1), Entry::Kind::kEffects, {}, {9, 1}, "a"});
  log.Append({Term(1), Entry::Kind::kMembership, {}, {}, EncodeMembership(second)});
  log.Append({Term(1), Entry::Kind::kEffects, {}, {9, 2}, "bc"});
  CHECK(log.membership() == second);
  CHECK(log.MembershipAt(LogIndex(1)) == first);
  CHECK(log.FindUnit({9, 2}) == LogIndex(3));
  log.TruncateFrom(LogIndex(2));
  CHECK(log.membership() == first);
  CHECK_FALSE(log.FindUnit({9, 2}).has_value());
  CHECK(log.FindUnit({9, 1}) == LogIndex(1));
  CHECK(log.size_bytes() == 1);
}

TEST_CASE("a trimmed log still knows the term of its base and the membership in force there") {
  Membership first;
  Membership second;
  second.version = 1;
  ReplicatedLog log(LogIndex(0), Term(0), first);
  log.Append({Term(1), Entry::Kind::kMembership, {}, {}, EncodeMembership(second)});
  log.Append({Term(2), Entry::Kind::kEffects, {}, {}, "a"});
  log.Append({Term(3), Entry::Kind::kEffects, {}, {}, "b"});
  log.TrimTo(LogIndex(2));
  CHECK(log.base_index() == LogIndex(2));
  CHECK(log.TermAt(LogIndex(2)) == Term(2));
  CHECK(log.Matches(LogIndex(2), Term(2)));
  CHECK_FALSE(log.Matches(LogIndex(1), Term(1)));
  CHECK(log.membership() == second);
  CHECK(log.last_index() == LogIndex(3));
}

}  // namespace
}  // namespace torc
