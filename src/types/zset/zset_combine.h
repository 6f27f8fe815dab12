#pragma once

// Unions, intersections and differences of sorted sets; plain sets take part with a score of 1.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/pace.h"
#include "store/entry.h"
#include "types/zset/zset.h"

namespace torc {

enum class Combination : uint8_t { kUnion, kIntersection, kDifference };
enum class Aggregate : uint8_t { kSum, kMin, kMax };

// A value that takes part. A null entry is an empty set.
struct ScoredSource {
  const Entry* entry = nullptr;
  double weight = 1;

  static bool Takes(const Entry& entry);
  uint64_t size() const;
  std::optional<double> Score(std::string_view member) const;
  // fn(std::string_view member, double score) -> bool for all; it ends the walk by returning false.
  template <class Fn>
  void ForEach(Fn&& fn) const;
};

// The result in order. As in Redis, the smallest source comes first, which decides the last bits of
// sums.
std::vector<ScoredText> Combine(std::vector<ScoredSource> sources, Combination combination,
                                Aggregate aggregate, Pace& pace);
// The same for much, into a set that is empty.
void CombineInto(LargeZset* result, std::vector<ScoredSource> sources, Combination combination,
                 Aggregate aggregate, Pace& pace);
// How many members are in all sources, at most `limit`.
uint64_t CountCommon(std::vector<ScoredSource> sources, uint64_t limit, Pace& pace);

}  // namespace torc
