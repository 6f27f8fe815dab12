#pragma once

// Eviction: makes room in one shard's keyspace when its budget is spent.
//
// No order is kept between keys: it would cost two links each. Instead a few entries are sampled
// where they lie side by side in the table, the best candidates of all samples so far wait in a
// small pool, and the best of those goes (the idea is Redis's; with 5 samples and a pool of 16 it
// comes within some tenths of a percent of an exact order). A candidate that was used since it was
// sampled is passed over. volatile-ttl needs no luck: the table knows the segment with the earliest
// deadline.
//
// Flushed databases and dropped large values are freed before any key is evicted for their sake.
//
// A slice of work is bounded by time (maxmemory-eviction-tenacity, as Redis documents it); what is
// left then is done by and by through Continue.
//
// With several shards the one with the most to give evicts: one that has much less, or nothing that
// may go, asks it to, and goes on meanwhile.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/ids.h"
#include "store/eviction_policy.h"
#include "store/keyspace.h"
#include "store/memory_budget.h"
#include "torc/env.h"

namespace torc {

struct EvictionOptions {
  EvictionPolicy policy = EvictionPolicy::kNoEviction;
  int64_t samples = 5;    // effective up to kSamplesMax
  int64_t tenacity = 10;  // 0 to 100: how long a slice may take; 100: as long as it needs
};

struct EvictionStats {
  int64_t exceeded_ns = 0;       // for how long memory was above the limit, in all
  int64_t longest_slice_ns = 0;  // since whoever watches it set it to 0
};

// The other shards of the process, as one that lacks room sees them.
class EvictionPeers {
 public:
  virtual ~EvictionPeers() = default;
  enum class Asked : uint8_t {
    kNobody,   // none has more to give
    kWill,     // the fattest will make room, soon
    kHasNone,  // it had nothing that may go, when asked lately
  };
  // `own_bytes`: of the asking shard's keys. With `at_any_rate` it has nothing that may go.
  virtual Asked AskFattest(size_t bytes, size_t own_bytes, bool at_any_rate) = 0;
};

class Eviction {
 public:
  static constexpr size_t kSamplesMax = 64;

  enum class Outcome : uint8_t {
    kFits,
    kBehind,  // the slice is over; Continue goes on
    kLater,   // there is nothing here that may go, but another shard will make room soon
    kFull,    // there is nothing that may go
  };

  // All must outlive the object.
  Eviction(const EvictionOptions* options, Keyspace* keyspace, MemoryBudget* budget, Clock* clock)
      : options_(options), keyspace_(keyspace), budget_(budget), clock_(clock) {}

  // Whether there is any limit: only then is the rest worth asking.
  bool limited() const { return budget_->limited(); }
  // Whether keys may go at all.
  bool may_evict() const { return options_->policy != EvictionPolicy::kNoEviction; }
  // Evicts until `wanted_bytes` more would fit, or the slice is over.
  Outcome MakeRoom(size_t wanted_bytes);
  // After each command: see MemoryBudget.
  void EndCommand() {
    if (budget_->limited()) budget_->SettleOverdraft();
  }
  // Another shard wants so many bytes of this one's; false if there is nothing that may go.
  bool Shed(size_t bytes);
  // The peers must outlive the object, or be taken away by null.
  void set_peers(EvictionPeers* peers) { peers_ = peers; }
  // Bytes of the shard's keys, as of the last Remind or Shed. Any thread.
  size_t weight_bytes() const { return weight_bytes_.load(std::memory_order_relaxed); }
  // The next slice, if one was cut short; true if there is still more to do.
  bool Continue() { return behind_ && MakeRoom(0) == Outcome::kBehind; }
  // Let Continue look whether memory is above the limit: that may have shrunk.
  void Remind() {
    behind_ |= budget_->ExcessBytes() > 0;
    NoteWeight();
  }
  // While suspended (CLIENT PAUSE, a log that is read or cannot be written) nothing is evicted and
  // everything fits.
  void Suspend(bool suspended) { suspended_ = suspended; }

  MemoryBudget& budget() { return *budget_; }
  const MemoryBudget& budget() const { return *budget_; }
  const EvictionOptions& options() const { return *options_; }
  EvictionStats& stats() { return stats_; }
  UnixMs now() const { return keyspace_->now(); }
  // For how long memory has been above the limit now; 0 if it is not.
  int64_t ExceededNs() const {
    return exceeded_since_ns_ == 0 ? 0 : clock_->MonoNs() - exceeded_since_ns_;
  }

 private:
  struct Candidate {
    uint64_t score = 0;  // the higher, the sooner it goes
    uint64_t hash = 0;
    SampledKey key;  // its entry may be gone: it is compared, never read
  };
  static constexpr size_t kPoolSize = 16;

  void NoteWeight() { weight_bytes_.store(keyspace_->data_bytes(), std::memory_order_relaxed); }
  // Evicts while there is an excess, within a slice.
  Outcome Work(size_t wanted_bytes);
  Outcome WorkSlice(size_t wanted_bytes, int64_t begin_ns);
  bool EvictOne();
  bool EvictAny();
  bool EvictS3Fifo();
  // Decides about the oldest key on trial; true if it went.
  bool EndTrial();
  // The best candidate there is now; false if samples gave none.
  bool TakeBest(Candidate* best);
  bool FillPool();
  void Offer(const SampledKey& key);
  uint64_t Score(const Entry& entry) const;
  int64_t SliceNs() const;
  void NoteExceeded(bool exceeded);

  const EvictionOptions* options_;
  Keyspace* keyspace_;
  MemoryBudget* budget_;
  Clock* clock_;
  std::array<Candidate, kPoolSize> pool_;  // by descending score
  size_t pool_count_ = 0;
  EvictionPolicy pool_policy_ = EvictionPolicy::kNoEviction;
  EvictionPeers* peers_ = nullptr;  // null: there is one shard
  std::atomic<size_t> weight_bytes_{0};
  bool behind_ = false;
  bool suspended_ = false;
  int64_t exceeded_since_ns_ = 0;
  EvictionStats stats_;
};

}  // namespace torc
