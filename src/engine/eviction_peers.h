#pragma once

// Which of the process's shards evicts: the one with the most bytes of keys. A shard that is much
// lighter asks it by a notice, and is told whether there was anything that may go.

#include "command/services.h"
#include "store/eviction.h"

namespace torc {

class ShardEvictionPeers final : public EvictionPeers {
 public:
  // `services`: the shard's own; they must outlive it, and notices to the shard, too.
  explicit ShardEvictionPeers(const Services* services) : services_(services) {}

  Asked AskFattest(size_t bytes, size_t own_bytes, bool at_any_rate) override;
  // Now and then: what was in vain may be asked again.
  void Forget() {
    if (state_ == State::kInVain) state_ = State::kIdle;
  }

 private:
  enum class State : uint8_t { kIdle, kAsked, kInVain };

  const Services* services_;
  State state_ = State::kIdle;
};

}  // namespace torc
