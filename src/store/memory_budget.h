#pragma once

// What one shard's memory may be and what it is. With one shard both are the process's.
//
// With several, each knows exactly what its own thread takes, and what the others take as of its
// last look at the allocator. So at each look it leases an equal part of what is still free, and is
// over its budget when that is used up. A lease that is worth it is renewed then; the shards
// together stay below the limit without a lock, but for what others have leased since the look: it
// lapses at the next tick. Over the limit, each has to give up an equal part of what is too much.

#include <cstddef>
#include <limits>

#include "base/memory.h"

namespace torc {

class MemoryBudget {
 public:
  // A lease below this is not renewed: looking at the allocator has a price, too.
  static constexpr size_t kRenewedBytesMin = size_t{64} << 10;

  // Now and then, by the shard's own thread: see MemoryMeter.
  void Sync() {
    meter_.Sync();
    TakeLease();
  }
  // How many shards share the limit.
  void set_sharers(size_t count) {
    sharers_ = count;
    TakeLease();
  }

  // 0: no limit.
  void set_limit_bytes(size_t limit_bytes) {
    if (limit_bytes == limit_bytes_) [[likely]]
      return;
    limit_bytes_ = limit_bytes;
    TakeLease();
  }
  size_t limit_bytes() const { return limit_bytes_; }
  bool limited() const { return limit_bytes_ != 0; }
  // Buffers of the log and of replicas: they empty by themselves and no eviction shrinks them, so
  // they do not count.
  void set_uncounted_bytes(size_t bytes) { uncounted_bytes_ = bytes; }
  size_t uncounted_bytes() const { return uncounted_bytes_; }

  size_t used_bytes() const { return meter_.allocated_bytes(); }
  // By how much the limit would be exceeded if so many bytes were added.
  size_t ExcessBytes(size_t wanted_bytes = 0) const {
    const size_t counted = used_bytes() + wanted_bytes;
    const size_t allowed = sharers_ == 1 ? limit_bytes_ + uncounted_bytes_ : leased_to_;
    return !limited() || counted <= allowed ? 0 : counted - allowed;
  }
  // To be called when there is an excess: true if a new lease may have ended it.
  bool Renew() {
    if (sharers_ == 1 || lease_bytes_ < kRenewedBytesMin) return false;
    Sync();
    return true;
  }

 private:
  void TakeLease() {
    if (sharers_ == 1 || !limited()) return;
    const size_t used = used_bytes();
    const size_t allowed = limit_bytes_ + uncounted_bytes_;
    lease_bytes_ = used < allowed ? (allowed - used) / sharers_ : 0;
    leased_to_ = used < allowed ? used + lease_bytes_ : used - (used - allowed) / sharers_;
  }

  MemoryMeter meter_;
  size_t limit_bytes_ = 0;
  size_t uncounted_bytes_ = 0;
  size_t sharers_ = 1;
  size_t lease_bytes_ = 0;  // when it was taken
  size_t leased_to_ = 0;    // what is used when it is spent
};

}  // namespace torc
