#pragma once

// Defrag: activedefrag, Redis's active defragmentation, for one shard.
//
// After much was deleted, pages are left with a few blocks each, and cannot be given back. When the
// allocator's active pages exceed what is allocated by more than active-defrag-threshold-lower
// percent (and active-defrag-ignore-bytes), all entries are walked over, and what lies in sparsely
// used slabs moves to fuller ones. It takes active-defrag-cycle-min to -cycle-max percent of the
// thread's time, more the more there is to win, in slices between commands.
//
// Values of more than active-defrag-max-scan-fields items are remembered by their key and done
// afterwards, some items a slice. What it does is told in KeyspaceStats.

#include <cstdint>
#include <deque>
#include <string>

#include "base/config.h"
#include "base/ids.h"
#include "base/memory.h"
#include "store/keyspace.h"
#include "torc/env.h"

namespace torc {

// Names as in redis.conf, with active-defrag- before them.
struct DefragOptions {
  bool enabled = false;
  int64_t ignore_bytes = 100 << 20;
  int64_t threshold_lower = 10;  // percent
  int64_t threshold_upper = 100;
  int64_t cycle_min = 1;  // percent of the time
  int64_t cycle_max = 25;
  int64_t max_scan_fields = 1000;
};
void DeclareDefragOptions(ConfigRegistry& config, DefragOptions* options);

class Defrag {
 public:
  // All must outlive it.
  Defrag(const DefragOptions* options, Keyspace* keyspace, Clock* clock)
      : options_(options), keyspace_(keyspace), clock_(clock) {}

  // A slice, once per turn; true if there is more to do at once.
  bool Step() {
    if (allowance_ns_ <= 0) [[likely]]
      return false;
    return StepSlice();
  }
  // `hz` times a second.
  void EveryTick();

  // How much of the time it takes now, in percent; 0 while there is nothing to do.
  int64_t running_percent() const { return running_percent_; }

 private:
  // A value that is done in several slices.
  struct LargeValue {
    DbIndex db;
    std::string key;
    uint64_t place = 0;
  };

  int64_t WantedPercent() const;
  bool StepSlice();
  // About 100 microseconds of work at most; false when the walk is at its end.
  bool WalkOn();
  void FinishWalk();
  Entry* Visit(DbIndex db, Entry* entry);
  void RelocateSome(LargeValue* value, bool* more);
  void Note(uint64_t moved_before);

  const DefragOptions* options_;
  Keyspace* keyspace_;
  Clock* clock_;
  BlockMover mover_;
  Keyspace::WalkPlace place_;
  std::deque<LargeValue> large_values_;
  int64_t running_percent_ = 0;
  int64_t allowance_ns_ = 0;  // what may still be spent until the next tick
  int64_t last_tick_ns_ = 0;
  int64_t last_look_ns_ = 0;
  int64_t rests_until_ns_ = 0;  // a walk moved next to nothing: another would not either
  uint64_t walk_moved_ = 0;     // mover_'s counts when the walk began
  uint64_t walk_kept_ = 0;
};

}  // namespace torc
