#pragma once

// A log-linear histogram of durations: 16 steps per power of two, so a reading is within 6.25 %. It
// allocates its 3 KB at the first sample. One thread.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace torc {

class LatencyHistogram {
 public:
  void Add(uint64_t ns);
  // The duration in nanoseconds that `percent` of the samples do not exceed; 0 without samples.
  uint64_t PercentileNs(double percent) const;
  uint64_t count() const { return count_; }
  void Merge(const LatencyHistogram& other);
  void Clear();
  // Calls visit(upper bound in ns, samples up to there) for each power of two of microseconds that
  // has new samples: LATENCY HISTOGRAM's form.
  template <typename Visit>
  void ForEachPowerOfTwoUs(Visit&& visit) const {
    uint64_t reported = 0;
    for (uint64_t bound_us = 1; bound_us != 0 && reported < count_; bound_us *= 2) {
      const uint64_t upto = CountUpTo(bound_us * 1000);
      if (upto > reported) visit(bound_us, upto);
      reported = upto;
    }
  }

 private:
  static constexpr int kStepBits = 4;
  static constexpr size_t kBuckets = 48U << kStepBits;
  static size_t BucketOf(uint64_t ns);
  static uint64_t UpperBound(size_t bucket);
  uint64_t CountUpTo(uint64_t ns) const;

  std::unique_ptr<uint32_t[]> buckets_;
  uint64_t count_ = 0;
};

}  // namespace torc
