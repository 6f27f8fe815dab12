#pragma once

// What an entry's 24-bit clock means: for LRU (and FIFO) a coarse time of last use, for LFU
// Morris's approximate counter as Redis documents it: 16 bits of minutes since the last decay and
// an 8-bit logarithmic count that starts at 5, grows with probability 1/((count-5)*log_factor+1),
// and loses one per decay_minutes of silence.

#include <cstdint>

#include "base/ids.h"
#include "base/rng.h"
#include "store/entry.h"

namespace torc {

enum class ClockKind : uint8_t { kLru, kLfu };

struct AccessClockOptions {
  ClockKind kind = ClockKind::kLru;
  int64_t lfu_log_factor = 10;
  int64_t lfu_decay_minutes = 1;
};

class AccessClock {
 public:
  static constexpr uint32_t kMask = (1U << 24) - 1;
  static constexpr uint32_t kLfuStart = 5;

  AccessClock(const AccessClockOptions* options, uint64_t seed) : options_(options), rng_(seed) {}

  // Once per turn of the loop.
  void SetNow(UnixMs now) { now_ = now; }
  UnixMs now() const { return now_; }

  // The clock of an entry made now.
  uint32_t Fresh() const {
    if (options_->kind == ClockKind::kLru) return LruNow();
    return MinutesNow() << 8 | kLfuStart;
  }
  void Touch(Entry* entry) {
    if (__builtin_expect(options_->kind == ClockKind::kLru, 1)) {
      const uint32_t now = LruNow();
      if (entry->clock() != now) entry->set_clock(now);
      return;
    }
    const uint32_t count = Increment(DecayedCount(*entry));
    entry->set_clock(MinutesNow() << 8 | count);
  }
  // Milliseconds since the last use. Meaningful under LRU.
  int64_t IdleMs(const Entry& entry) const {
    return static_cast<int64_t>((LruNow() - entry.clock()) & kMask) * kLruResolutionMs;
  }
  // The access count after decay, 0..255. Meaningful under LFU.
  uint32_t DecayedCount(const Entry& entry) const {
    const uint32_t count = entry.clock() & 0xff;
    if (options_->lfu_decay_minutes <= 0) return count;
    const uint32_t elapsed = (MinutesNow() - (entry.clock() >> 8)) & 0xffff;
    const int64_t periods = elapsed / options_->lfu_decay_minutes;
    return periods >= count ? 0 : count - static_cast<uint32_t>(periods);
  }
  uint32_t ClockForIdleMs(int64_t idle_ms) const {
    return static_cast<uint32_t>(LruNow() - static_cast<uint32_t>(idle_ms / kLruResolutionMs)) &
           kMask;
  }
  uint32_t ClockForCount(uint32_t count) const { return MinutesNow() << 8 | (count & 0xff); }
  ClockKind kind() const { return options_->kind; }

 private:
  static constexpr int64_t kLruResolutionMs = 1000;

  uint32_t LruNow() const { return static_cast<uint32_t>(now_.value() / kLruResolutionMs) & kMask; }
  uint32_t MinutesNow() const { return static_cast<uint32_t>(now_.value() / 60000) & 0xffff; }
  uint32_t Increment(uint32_t count) {
    if (count == 255) return 255;
    const double base = count > kLfuStart ? count - kLfuStart : 0;
    const double probability = 1.0 / (base * static_cast<double>(options_->lfu_log_factor) + 1);
    return rng_.Chance(probability) ? count + 1 : count;
  }

  const AccessClockOptions* options_;
  UnixMs now_;
  Rng rng_;
};

}  // namespace torc
