#include "store/access_clock.h"

#include <algorithm>

#include "store/s3_fifo.h"

namespace torc {

void AccessClock::SetNow(UnixMs now, ClockKind kind) {
  now_ = now;
  kind_ = kind;
  ticks_ = static_cast<uint32_t>(now.value() * kTicksPerSecond / 1000) & kMask;
  fresh_ = kind == ClockKind::kLfu ? ClockForCount(kLfuStart) : ticks_;
}

uint32_t AccessClock::DecayedParts(const Entry& entry) const {
  const uint32_t parts = entry.clock() & ((1U << kPartsBits) - 1);
  if (options_->lfu_decay_minutes <= 0) return parts;
  const uint32_t elapsed = (MinutesNow() - (entry.clock() >> kPartsBits)) & 0xffff;
  const int64_t decay = elapsed / options_->lfu_decay_minutes * kPartsPerCount;
  return decay >= parts ? 0 : parts - static_cast<uint32_t>(decay);
}

// The same growth on the average as if whole counts were added by chance, but in smaller steps.
uint32_t AccessClock::Increment(uint32_t parts) {
  const uint32_t begun = kLfuStart * kPartsPerCount;
  const double counts = parts > begun ? static_cast<double>(parts - begun) / kPartsPerCount : 0;
  const double step = kPartsPerCount / (counts * static_cast<double>(options_->lfu_log_factor) + 1);
  const auto whole = static_cast<uint32_t>(step);
  const uint32_t chance = rng_.Chance(step - whole) ? 1 : 0;
  return std::min(parts + whole + chance, kPartsMax);
}

void AccessClock::TouchCounted(Entry* entry) {
  if (kind_ == ClockKind::kS3Fifo) {
    const uint32_t used = S3Fifo::Used(entry->clock());
    if (used != entry->clock()) entry->set_clock(used);
    return;
  }
  if (kind_ != ClockKind::kLfu) return;
  entry->set_clock(MinutesNow() << kPartsBits | Increment(DecayedParts(*entry)));
}

uint64_t AccessClock::Dispensability(const Entry& entry) const {
  if (kind_ == ClockKind::kLfu) return kPartsMax - std::min(DecayedParts(entry), kPartsMax);
  return (TicksNow() - entry.clock()) & kMask;
}

}  // namespace torc
