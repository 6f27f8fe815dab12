#pragma once

// What an entry's 28-bit clock means.
//
//   LRU    time of the last use, in sixteenths of a second (wraps after 194 days)
//   FIFO   time of the last write, in the same unit: being read changes nothing
//   LFU    16 bits: minute of the last use or decay; 12 bits: Morris's approximate counter as Redis
//          documents it, in sixteenths: it starts at 5, grows by 1 with probability
//          1/((count-5)*log_factor+1), and loses one per decay_minutes of silence
//   S3-FIFO  see s3_fifo.h
//
// Redis has 24 bits: seconds, and a counter without fractions. The four bits more are what lets
// a few samples tell neighbours apart: with seconds, all keys of a busy cache were used in the last
// few; with whole counts, keys used two times and eight times look the same.

#include <cstdint>

#include "base/ids.h"
#include "base/rng.h"
#include "store/entry.h"
#include "store/eviction_policy.h"

namespace torc {

struct AccessClockOptions {
  int64_t lfu_log_factor = 10;
  int64_t lfu_decay_minutes = 1;
};

class AccessClock {
 public:
  static constexpr uint32_t kMask = (1U << 28) - 1;
  static constexpr uint32_t kLfuStart = 5;

  AccessClock(const AccessClockOptions* options, uint64_t seed) : options_(options), rng_(seed) {
    SetNow(UnixMs(0), ClockKind::kLru);
  }

  // Once per turn of the loop.
  void SetNow(UnixMs now, ClockKind kind);
  UnixMs now() const { return now_; }
  ClockKind kind() const { return kind_; }

  // The clock of an entry made now.
  uint32_t Fresh() const { return fresh_; }
  // The clock of an entry whose value is replaced: where uses are counted, they still count.
  uint32_t Rewritten(const Entry& entry) const {
    return kind_ == ClockKind::kLfu || kind_ == ClockKind::kS3Fifo ? entry.clock() : fresh_;
  }
  void Touch(Entry* entry) {
    if (kind_ == ClockKind::kLru) [[likely]] {
      if (entry->clock() != fresh_) entry->set_clock(fresh_);
      return;
    }
    TouchCounted(entry);
  }
  // How little an entry would be missed, compared with others under the same kind of clock.
  uint64_t Dispensability(const Entry& entry) const;

  // Milliseconds since the last use (for FIFO: the last write). Meaningful under LRU and FIFO.
  int64_t IdleMs(const Entry& entry) const {
    return static_cast<int64_t>((TicksNow() - entry.clock()) & kMask) * 1000 / kTicksPerSecond;
  }
  // The access count after decay, 0..255. Meaningful under LFU.
  uint32_t DecayedCount(const Entry& entry) const { return DecayedParts(entry) / kPartsPerCount; }
  // What RESTORE and RDB files give.
  uint32_t ClockForIdleMs(int64_t idle_ms) const {
    return (TicksNow() - static_cast<uint32_t>(idle_ms * kTicksPerSecond / 1000)) & kMask;
  }
  uint32_t ClockForCount(uint32_t count) const {
    return MinutesNow() << kPartsBits | (count & 0xff) * kPartsPerCount;
  }

 private:
  static constexpr int64_t kTicksPerSecond = 16;
  static constexpr int kPartsBits = 12;
  static constexpr uint32_t kPartsPerCount = 16;
  static constexpr uint32_t kPartsMax = 255 * kPartsPerCount;

  uint32_t TicksNow() const { return ticks_; }
  uint32_t MinutesNow() const { return static_cast<uint32_t>(now_.value() / 60000) & 0xffff; }
  uint32_t DecayedParts(const Entry& entry) const;
  uint32_t Increment(uint32_t parts);
  void TouchCounted(Entry* entry);

  const AccessClockOptions* options_;
  UnixMs now_;
  ClockKind kind_ = ClockKind::kLru;
  uint32_t ticks_ = 0;  // of now_
  uint32_t fresh_ = 0;  // of now_ and kind_
  Rng rng_;
};

}  // namespace torc
