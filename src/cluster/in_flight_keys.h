#pragma once

// Which keys have writes that are not committed yet: a strong read of such a key has to wait for
// them. The table keeps, for each of a few hash buckets, the index of the last write in it. A
// collision only makes a read wait for a neighbour's write; an index at or below the commit index
// is no longer in flight, so nothing is ever removed.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "cluster/ids.h"

namespace torc {

class InFlightKeys {
 public:
  void Wrote(uint64_t key_hash, LogIndex index) { last_write_[Bucket(key_hash)] = index; }
  // A write that touches every key (FLUSHALL).
  void WroteAll(LogIndex index) { all_keys_ = index; }
  // The last write to any of these keys; index 0 if none is known.
  LogIndex LastWrite(std::span<const uint64_t> key_hashes) const {
    LogIndex last = all_keys_;
    for (const uint64_t hash : key_hashes) last = std::max(last, last_write_[Bucket(hash)]);
    return last;
  }
  void Clear() { *this = InFlightKeys(); }

 private:
  static constexpr size_t kBuckets = 256;
  static size_t Bucket(uint64_t hash) { return static_cast<size_t>(hash % kBuckets); }
  std::array<LogIndex, kBuckets> last_write_{};
  LogIndex all_keys_;
};

}  // namespace torc
