#include "cluster/gossip_queue.h"

#include "cluster/gossip_codec.h"

namespace torc {

BroadcastQueue::Subject BroadcastQueue::SubjectOf(const GossipUpdate& update) {
  const auto kind = static_cast<uint8_t>(update.index());
  if (const auto* member = std::get_if<MemberUpdate>(&update)) {
    return {kind, member->record.id.value()};
  }
  if (const auto* announcement = std::get_if<Announcement>(&update)) {
    return {kind, announcement->partition.value()};
  }
  return {kind, 0};
}

void BroadcastQueue::Erase(Subject subject) {
  const auto at = items_.find(subject);
  if (at == items_.end()) return;
  ranks_.erase({at->second.sent, at->second.order, subject});
  items_.erase(at);
}

void BroadcastQueue::Push(const GossipUpdate& update) {
  const Subject subject = SubjectOf(update);
  Erase(subject);
  --next_order_;
  items_.emplace(subject, Item{update, 0, next_order_});
  ranks_.insert({0, next_order_, subject});
}

void BroadcastQueue::Forget(NodeId id) {
  Erase(SubjectOf(MemberUpdate{{.id = id}, {}}));
}

int BroadcastQueue::Take(int limit, size_t bytes_max, std::vector<GossipUpdate>* updates) {
  std::vector<Rank> taken;
  size_t bytes = 0;
  for (const Rank& rank : ranks_) {
    if (updates->size() >= kGossipUpdatesMax) break;
    const Item& item = items_.at(std::get<2>(rank));
    const size_t item_bytes = EncodedBytes(item.update);
    // A smaller one further back may fit, but skipping would let large ones starve.
    if (bytes + item_bytes > bytes_max) break;
    bytes += item_bytes;
    updates->push_back(item.update);
    taken.push_back(rank);
  }
  for (const Rank& rank : taken) {
    ranks_.erase(rank);
    const Subject subject = std::get<2>(rank);
    Item& item = items_.at(subject);
    if (++item.sent >= limit) {
      items_.erase(subject);
    } else {
      ranks_.insert({item.sent, item.order, subject});
    }
  }
  return static_cast<int>(taken.size());
}

}  // namespace torc
