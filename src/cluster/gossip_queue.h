#pragma once

// News waiting to be passed on. An update about one subject replaces an older one about the same
// subject; each is handed out a bounded number of times, those handed out least first. So the queue
// is bounded by the number of nodes and partitions, and a message by its bytes.

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "cluster/gossip_types.h"

namespace torc {

class BroadcastQueue {
 public:
  // Replaces what is queued about the same node, partition or epoch.
  void Push(const GossipUpdate& update);
  // Nothing more is said about a node.
  void Forget(NodeId id);

  // Appends updates to `message` while they fit into `bytes_max` bytes in all, counts them as sent,
  // and drops those that have now been sent `limit` times. Returns how many were appended.
  int Take(int limit, size_t bytes_max, std::vector<GossipUpdate>* updates);

  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }

 private:
  // Kind of subject and its number.
  using Subject = std::pair<uint8_t, uint64_t>;
  // Least sent first, then newest first.
  using Rank = std::tuple<int, int64_t, Subject>;
  struct Item {
    GossipUpdate update;
    int sent = 0;
    int64_t order = 0;
  };

  static Subject SubjectOf(const GossipUpdate& update);
  void Erase(Subject subject);

  std::map<Subject, Item> items_;
  std::set<Rank> ranks_;
  int64_t next_order_ = 0;  // counts down: newer items rank first
};

}  // namespace torc
