#pragma once

// Latencies in fixed space: buckets grow with the value, 64 to each doubling, so a quantile is at
// most 1.6 % above the truth. Recording is an index computation and an increment. The largest value
// is kept exactly.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace torc::bench {

class Histogram {
 public:
  void Record(uint64_t value, uint64_t times = 1) {
    buckets_[BucketOf(value)] += times;
    count_ += times;
    max_ = std::max(max_, value);
  }

  // The value that `fraction` of all recorded ones do not exceed; 0 when nothing was recorded.
  uint64_t Quantile(double fraction) const {
    const auto wanted = static_cast<uint64_t>(static_cast<double>(count_) * fraction);
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) return std::min(LastOf(i), max_);
    }
    return max_;
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }

 private:
  static constexpr unsigned kSteps = 64;  // per doubling
  static constexpr unsigned kStepBits = 6;

  static size_t BucketOf(uint64_t value) {
    if (value < kSteps) return static_cast<size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kStepBits;
    return (shift + 1) * kSteps + static_cast<size_t>((value >> shift) - kSteps);
  }

  // The largest value that falls into bucket `index`.
  static uint64_t LastOf(size_t index) {
    if (index < kSteps) return index;
    const auto shift = static_cast<unsigned>(index / kSteps - 1);
    return ((kSteps + index % kSteps + 1) << shift) - 1;
  }

  std::array<uint64_t, (64 - kStepBits + 1) * kSteps> buckets_{};
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace torc::bench
