#pragma once

// What the policy allkeys-s3fifo remembers beside the entries (the idea: Yang, Zhang, Qiu, Yue,
// Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023).
//
// New keys are on trial: their hashes stand in a ring in order of arrival, no more than a tenth
// of all keys. One that was used again when it comes to the ring's end is established, the others
// go at once and leave a byte of their hash; a new key whose byte is found is established from the
// start. Among established keys the one with the oldest stamp of some samples is looked at: if it
// was used since, it gets a new stamp and loses a use, else it goes. So keys that are asked for
// once pass through without displacing any other.
//
// An entry's 28-bit clock: bit 0: established; bits 1 and 2: uses, up to 3; 25 bits: a stamp that
// counts arrivals. Beside it the ring takes 16 bytes for each tenth key and the bytes of hashes one
// per key: 2.6 bytes per key while the policy is selected, else nothing.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/ids.h"

namespace torc {

class S3Fifo {
 public:
  struct Arrival {
    uint64_t hash;
    uint32_t stamp;
    uint16_t db;
    uint16_t partition;
  };

  S3Fifo() = default;

  // Whether the policy is selected. Not selected, nothing is remembered.
  void SetActive(bool active) {
    if (active != active_) *this = S3Fifo(active);
  }
  bool active() const { return active_; }

  // --- Clocks
  // The clock of a key that has just come; `key_count`: of all there are.
  uint32_t Arrive(DbIndex db, PartitionId partition, uint64_t hash, size_t key_count);
  static bool Established(uint32_t clock) { return (clock & 1) != 0; }
  static uint32_t Uses(uint32_t clock) { return clock >> 1 & kUsesMax; }
  static uint32_t Used(uint32_t clock) { return Uses(clock) < kUsesMax ? clock + 2 : clock; }
  // Of a key that has passed its trial.
  uint32_t Establish() { return Clock(true, 0); }
  // Of an established key that was looked at and had been used.
  uint32_t PassOver(uint32_t clock) { return Clock(true, Uses(clock) - 1); }
  // How long an established key has stood; 0 for one on trial. Keys whose clock was made under
  // another policy seem to be something, too: they do not get stuck.
  uint64_t Age(uint32_t clock) const;

  // --- The ring
  bool trial_is_full(size_t key_count) const {
    constexpr size_t kTrialPart = 10;
    return ring_.size() > key_count / kTrialPart;
  }
  // The oldest on trial; it may be gone by now.
  std::optional<Arrival> TakeOldest();
  // It was evicted.
  void Remember(uint64_t hash) { prints_[PlaceOf(hash)] = PrintOf(hash); }

 private:
  static constexpr uint32_t kUsesMax = 3;
  static constexpr int kClockShift = 3;
  static constexpr int kStampBits = 25;
  static constexpr uint32_t kStampMask = (1U << kStampBits) - 1;

  explicit S3Fifo(bool active) : active_(active), prints_(active ? kPrintsMin : 0) {}

  static constexpr size_t kPrintsMin = 1024;

  // Arrivals are counted by eights: a stamp comes round after 268 million.
  uint32_t StampNow() const { return static_cast<uint32_t>(arrivals_ >> 3) & kStampMask; }
  uint32_t AgeOf(uint32_t stamp) const { return (StampNow() - stamp) & kStampMask; }
  uint32_t Clock(bool established, uint32_t uses) {
    ++arrivals_;
    return StampNow() << kClockShift | uses << 1 | (established ? 1 : 0);
  }
  size_t PlaceOf(uint64_t hash) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<size_t>((static_cast<Wide>(hash) * prints_.size()) >> 64);
  }
  // Not 0, and of other bits than the place.
  static uint8_t PrintOf(uint64_t hash) { return static_cast<uint8_t>((hash >> 8) | 1); }

  bool active_ = false;
  uint64_t arrivals_ = 0;
  std::deque<Arrival> ring_;
  std::vector<uint8_t> prints_;
};

}  // namespace torc
