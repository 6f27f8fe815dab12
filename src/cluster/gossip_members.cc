#include "cluster/gossip_members.h"

#include <tuple>

#include "base/bytes.h"
#include "base/hash.h"

namespace torc {
namespace {

constexpr uint64_t kDigestSeed = 0x676f73736970;

bool IsLive(MemberState state) {
  return state == MemberState::kAlive || state == MemberState::kSuspect;
}

uint64_t DigestOf(const MemberRecord& record) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(record.id.value());
  writer.U64(record.incarnation.value());
  writer.U32(record.version);
  const bool suspect = record.state == MemberState::kSuspect;
  writer.U8(static_cast<uint8_t>(suspect ? MemberState::kAlive : record.state));
  writer.Blob(record.address.host);
  writer.U16(record.address.bus_port);
  writer.U16(record.address.port);
  writer.U16(record.address.tls_port);
  return HashBytes(bytes, kDigestSeed);
}

uint64_t DigestOf(const Announcement& announcement) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U16(announcement.partition.value());
  writer.U64(announcement.term.value());
  writer.U64(announcement.version.value());
  writer.U64(announcement.primary.value());
  return HashBytes(bytes, kDigestSeed);
}

auto Age(const MemberRecord& record) {
  return std::tuple(record.incarnation, record.version, record.state);
}

}  // namespace

bool IsNewer(const MemberRecord& a, const MemberRecord& b) {
  return Age(a) > Age(b);
}

int MemberTable::Find(NodeId id) const {
  const auto at = index_.find(id);
  return at == index_.end() ? kNone : at->second;
}

void MemberTable::Count(const MemberRecord& record, int change) {
  digests_[BucketOf(record.id)] ^= DigestOf(record);
  if (IsLive(record.state)) live_count_ += change;
}

int MemberTable::Add(const MemberRecord& record) {
  if (members_.size() >= members_max_) return kNone;
  const int index = size();
  members_.push_back({.record = record});
  index_[record.id] = index;
  Count(record, 1);
  return index;
}

void MemberTable::Set(int index, const MemberRecord& record) {
  GossipMember& member = at(index);
  Count(member.record, -1);
  if (member.record.incarnation != record.incarnation) member.round_trip_us = 0;
  member.record = record;
  Count(record, 1);
}

void MemberTable::Remove(int index) {
  Count(at(index).record, -1);
  index_.erase(at(index).record.id);
  if (index != size() - 1) {
    at(index) = std::move(members_.back());
    index_[at(index).record.id] = index;
  }
  members_.pop_back();
}

bool AnnouncementBoard::Post(const Announcement& announcement) {
  if (announcement.partition.value() >= posted_.size()) return false;
  if (announcement.primary == NodeId()) return false;
  Announcement& known = posted_[announcement.partition.value()];
  const auto age = [](const Announcement& a) { return std::tuple(a.term, a.version, a.primary); };
  if (age(announcement) <= age(known)) return false;
  uint64_t& digest = digests_[BucketOf(announcement.partition)];
  if (known.primary != NodeId()) digest ^= DigestOf(known);
  digest ^= DigestOf(announcement);
  known = announcement;
  return true;
}

bool AnnouncementBoard::Post(const EpochUpdate& update) {
  if (update.epoch <= epoch_.epoch) return false;
  epoch_ = update;
  return true;
}

std::optional<Announcement> AnnouncementBoard::Of(PartitionId partition) const {
  if (partition.value() >= posted_.size()) return std::nullopt;
  const Announcement& known = posted_[partition.value()];
  if (known.primary == NodeId()) return std::nullopt;
  return known;
}

Digests AnnouncementBoard::digests() const {
  Digests digests = digests_;
  for (uint64_t& digest : digests) digest ^= epoch_.epoch.value() * 0x9e3779b97f4a7c15ULL;
  return digests;
}

void AnnouncementBoard::AppendBucket(size_t bucket, std::vector<GossipUpdate>* updates) const {
  for (size_t p = bucket; p < posted_.size(); p += kDigestBuckets) {
    if (posted_[p].primary != NodeId()) updates->push_back(posted_[p]);
  }
}

}  // namespace torc
