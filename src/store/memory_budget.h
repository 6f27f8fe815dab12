#pragma once

// What one shard's memory may be and what it is. With one shard both are the process's; with more,
// whoever deals out the process's limit leases each shard a part of it through set_limit_bytes.

#include <cstddef>

#include "base/memory.h"

namespace torc {

class MemoryBudget {
 public:
  // Now and then, by the shard's own thread: see MemoryMeter.
  void Sync() { meter_.Sync(); }

  // 0: no limit.
  void set_limit_bytes(size_t limit_bytes) { limit_bytes_ = limit_bytes; }
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
    const size_t allowed = limit_bytes_ + uncounted_bytes_;
    return !limited() || counted <= allowed ? 0 : counted - allowed;
  }

 private:
  MemoryMeter meter_;
  size_t limit_bytes_ = 0;
  size_t uncounted_bytes_ = 0;
};

}  // namespace torc
