#include "engine/eviction_peers.h"

namespace torc {

EvictionPeers::Asked ShardEvictionPeers::AskFattest(size_t bytes, size_t own_bytes,
                                                    bool at_any_rate) {
  // Equal shards each evict for themselves.
  constexpr size_t kMuchFatter = 2;
  if (services_->router == nullptr) return Asked::kNobody;
  const size_t self = services_->keyspace->shard_index();
  const std::vector<Services*>& shards = *services_->shards;
  size_t fattest = self;
  size_t most_bytes = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const size_t weight_bytes = i == self ? 0 : shards[i]->eviction->weight_bytes();
    if (weight_bytes <= most_bytes) continue;
    most_bytes = weight_bytes;
    fattest = i;
  }
  if (fattest == self || (!at_any_rate && most_bytes / kMuchFatter <= own_bytes)) {
    return Asked::kNobody;
  }
  if (state_ == State::kInVain) return Asked::kHasNone;
  if (state_ == State::kAsked) return Asked::kWill;
  state_ = State::kAsked;
  const Services* const there = shards[fattest];
  services_->router->Notify(fattest, [this, there, self, bytes] {
    const bool shed = there->eviction->Shed(bytes);
    there->router->Notify(self, [this, there, shed] {
      // One that has become empty is not asked again: another is the fattest now.
      const bool has_keys = there->eviction->weight_bytes() > 0;
      state_ = shed || !has_keys ? State::kIdle : State::kInVain;
      services_->eviction->budget().Sync();
    });
  });
  return Asked::kWill;
}

}  // namespace torc
