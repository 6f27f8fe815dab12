#include "base/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace torc {

size_t LatencyHistogram::BucketOf(uint64_t ns) {
  constexpr uint64_t kLinear = 1U << kStepBits;
  if (ns < kLinear) return ns;
  const auto magnitude = static_cast<int>(std::bit_width(ns)) - 1;  // at least kStepBits
  const uint64_t step = (ns >> (magnitude - kStepBits)) & (kLinear - 1);
  const size_t bucket = static_cast<size_t>(magnitude - kStepBits + 1) * kLinear + step;
  return std::min(bucket, kBuckets - 1);
}

uint64_t LatencyHistogram::UpperBound(size_t bucket) {
  constexpr uint64_t kLinear = 1U << kStepBits;
  if (bucket < kLinear) return bucket;
  const size_t shift = bucket / kLinear - 1;
  return ((kLinear + bucket % kLinear + 1) << shift) - 1;
}

void LatencyHistogram::Add(uint64_t ns) {
  if (buckets_ == nullptr) buckets_ = std::make_unique<uint32_t[]>(kBuckets);
  ++buckets_[BucketOf(ns)];
  ++count_;
}

uint64_t LatencyHistogram::PercentileNs(double percent) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(percent / 100 * static_cast<double>(count_));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (static_cast<double>(seen) >= std::max(wanted, 1.0)) return UpperBound(i);
  }
  return UpperBound(kBuckets - 1);
}

uint64_t LatencyHistogram::CountUpTo(uint64_t ns) const {
  if (buckets_ == nullptr) return 0;
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets && UpperBound(i) <= ns; ++i) seen += buckets_[i];
  // The last bucket has no upper end: beyond it everything counts.
  return ns >= UpperBound(kBuckets - 1) ? count_ : seen;
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  if (other.buckets_ == nullptr) return;
  if (buckets_ == nullptr) buckets_ = std::make_unique<uint32_t[]>(kBuckets);
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
}

void LatencyHistogram::Clear() {
  buckets_.reset();
  count_ = 0;
}

}  // namespace torc
