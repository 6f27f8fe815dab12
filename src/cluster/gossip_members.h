#pragma once

// Everybody a node has heard of, and the rule which of two statements about a node is newer.

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "cluster/gossip_types.h"

namespace torc {

// Whether `a` says something newer about its node than `b`.
bool IsNewer(const MemberRecord& a, const MemberRecord& b);

struct GossipMember {
  MemberRecord record;
  // Clock of this member minus ours, from the exchange with the shortest round trip of late; error
  // below half of that round trip.
  int64_t skew_ms = 0;
  int64_t round_trip_us = 0;  // 0: never measured
};

// Members keep their index as long as they are known; others move when one is forgotten.
class MemberTable {
 public:
  explicit MemberTable(int members_max) : members_max_(static_cast<size_t>(members_max)) {}

  static constexpr int kNone = -1;
  // kNone when unknown.
  int Find(NodeId id) const;
  const GossipMember& at(int index) const { return members_[static_cast<size_t>(index)]; }
  GossipMember& at(int index) { return members_[static_cast<size_t>(index)]; }
  int size() const { return static_cast<int>(members_.size()); }
  std::span<const GossipMember> all() const { return members_; }

  // Adds an unknown node; kNone when the table is full.
  int Add(const MemberRecord& record);
  // Replaces what is known of a node.
  void Set(int index, const MemberRecord& record);
  void Remove(int index);

  // Members alive or suspect: those that count for time-outs and retransmissions.
  int live_count() const { return live_count_; }

  static size_t BucketOf(NodeId id) { return static_cast<size_t>(id.value() % kDigestBuckets); }
  // XOR of the digests of the records of each bucket. A suspicion is not part of it: it passes.
  const Digests& digests() const { return digests_; }

 private:
  void Count(const MemberRecord& record, int change);

  size_t members_max_;
  std::vector<GossipMember> members_;
  std::unordered_map<NodeId, int> index_;
  Digests digests_{};
  int live_count_ = 0;
};

// Who leads which partition, as announced, and the newest topology epoch.
class AnnouncementBoard {
 public:
  explicit AnnouncementBoard(int partition_count) : posted_(static_cast<size_t>(partition_count)) {}

  // True when it is news. An announcement for a partition that does not exist is none.
  bool Post(const Announcement& announcement);
  bool Post(const EpochUpdate& update);

  // Nothing when nobody has announced the partition yet.
  std::optional<Announcement> Of(PartitionId partition) const;
  const EpochUpdate& epoch() const { return epoch_; }

  static size_t BucketOf(PartitionId partition) { return partition.value() % kDigestBuckets; }
  // The epoch is in every bucket.
  Digests digests() const;
  void AppendBucket(size_t bucket, std::vector<GossipUpdate>* updates) const;

 private:
  std::vector<Announcement> posted_;  // by partition; primary 0: none
  EpochUpdate epoch_;
  Digests digests_{};
};

}  // namespace torc
