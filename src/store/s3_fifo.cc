#include "store/s3_fifo.h"

namespace torc {

uint32_t S3Fifo::Arrive(DbIndex db, PartitionId partition, uint64_t hash, size_t key_count) {
  // As many bytes as keys, about: what is remembered is worth as much as what is there.
  if (key_count > prints_.size() * 2) prints_.assign(key_count, 0);
  const bool returned = prints_[PlaceOf(hash)] == PrintOf(hash);
  const bool on_trial = !returned && db.value() <= UINT16_MAX;
  const uint32_t clock = Clock(!on_trial, 0);
  if (on_trial) {
    ring_.push_back({hash, clock >> kClockShift, static_cast<uint16_t>(db.value()),
                     static_cast<uint16_t>(partition.value())});
  }
  return clock;
}

uint64_t S3Fifo::Age(uint32_t clock) const {
  const uint32_t age = AgeOf(clock >> kClockShift);
  if (Established(clock)) return uint64_t{age} + 1;
  const uint32_t oldest = ring_.empty() ? 0 : AgeOf(ring_.front().stamp);
  return age > oldest + 1 ? uint64_t{age} + 1 : 0;
}

std::optional<S3Fifo::Arrival> S3Fifo::TakeOldest() {
  if (ring_.empty()) return std::nullopt;
  const Arrival oldest = ring_.front();
  ring_.pop_front();
  return oldest;
}

}  // namespace torc
