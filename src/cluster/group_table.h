#pragma once

// All replicas of one node (or of one of its shards): routes events to them, lets all their
// heartbeats fall due together, and gathers what they answer in one Output per turn, so that a turn
// costs one append to the disk and one frame per peer however many groups were touched.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "cluster/replica.h"

namespace torc {

// What one node says to another in one frame.
struct Parcel {
  NodeId from;
  NodeId to;
  std::vector<Message> messages;
};

// Messages grouped by their destination, in order within each.
std::vector<Parcel> Bundle(std::vector<Message> messages);

class GroupTable {
 public:
  static constexpr int64_t kTickUs = 10'000;

  GroupTable(NodeId node, Incarnation incarnation, const ReplicaOptions& options, uint64_t seed);

  // Puts a replica found on disk at start, or remembers that it was retired.
  void Restore(GroupId group, Recovered recovered, MonoUs now);
  // Begins a group whose founding members are in `membership`, this node among them.
  void Found(GroupId group, const Membership& membership, MonoUs now);
  // Drops a replica whose group has moved away. Its term and vote stay on record.
  void Retire(GroupId group);

  void Receive(const Message& message, MonoUs now);
  // Every kTickUs while AnyAwake(); may be left out otherwise.
  void Tick(MonoUs now);
  void Persisted(GroupId group, WriteSeq seq, Durability level, MonoUs now);
  void PeerLost(NodeId node, MonoUs now);
  // Ends a turn in which Propose, Read, Change or Transfer were called on these replicas.
  void Flush(Replica* replica, MonoUs now) { replica->Flush(now, &output_); }

  // Null if there is none. Valid until the group is retired or born again.
  Replica* Find(GroupId group);
  const std::map<GroupId, std::unique_ptr<Replica>>& replicas() const { return replicas_; }
  bool AnyAwake() const;
  // What has been answered since it was last cleared; the driver clears it when done.
  Output* output() { return &output_; }
  NodeId node() const { return node_; }
  Incarnation incarnation() const { return incarnation_; }

 private:
  Replica* FindOrBear(const Message& message, MonoUs now);
  Replica* Put(GroupId group, Recovered recovered, MonoUs now);

  NodeId node_;
  Incarnation incarnation_;
  ReplicaOptions options_;
  Rng rng_;
  MonoUs heartbeat_at_{INT64_MIN};
  std::map<GroupId, std::unique_ptr<Replica>> replicas_;
  std::map<GroupId, Recovered> retired_;  // only self, term and vote
  Output output_;
};

}  // namespace torc
