#pragma once

// Ranges of a sorted set: by rank, by score, by member. All become a span of ranks, which commands
// then walk, count or remove.

#include <cstdint>
#include <optional>
#include <string_view>

#include "types/zset/zset.h"

namespace torc {

// Elements first, first + 1, … first + count - 1, counted from the lowest.
struct RankSpan {
  uint64_t first = 0;
  uint64_t count = 0;
};

enum class ZsetOrder : uint8_t { kAscending, kDescending };

// From index `start` to `stop`, both included, negative ones from the end, in this order.
RankSpan SpanOfIndexes(uint64_t size, int64_t start, int64_t stop, ZsetOrder order);

struct ScoreRange {
  double min = 0;
  double max = 0;
  bool min_excluded = false;
  bool max_excluded = false;
};
// "1.5", "(1.5", "-inf". As Redis reads them: no text at all is 0.
std::optional<ScoreRange> ParseScoreRange(std::string_view min, std::string_view max);
RankSpan SpanOfScores(const ZsetView& zset, const ScoreRange& range);

struct LexBound {
  enum class Kind : uint8_t { kLowest, kMember, kHighest };
  Kind kind = Kind::kMember;
  std::string_view member;
  bool excluded = false;
};
struct LexRange {
  LexBound min;
  LexBound max;
};
// "-", "+", "[member", "(member".
std::optional<LexRange> ParseLexRange(std::string_view min, std::string_view max);
// Meant for sets of one score. Of others this finds what Redis finds in a small set: the members in
// range that follow the first such one without a gap, from the side where a walk begins.
RankSpan SpanOfMembers(const ZsetView& zset, const LexRange& range, ZsetOrder order);

// What LIMIT leaves of a span that is walked in this order. A negative count is no limit, a
// negative offset leaves nothing.
struct ZsetLimit {
  int64_t offset = 0;
  int64_t count = -1;
};
RankSpan Limited(RankSpan span, ZsetLimit limit, ZsetOrder order);

// Calls fn(const ZsetElement&) for the elements of the span, in this order.
template <class Fn>
void ForSpan(const ZsetView& zset, RankSpan span, ZsetOrder order, Fn&& fn) {
  if (span.count == 0) return;
  const bool forward = order == ZsetOrder::kAscending;
  ZsetWalk walk(zset, forward ? span.first : span.first + span.count - 1,
                forward ? ZsetWalk::Direction::kForward : ZsetWalk::Direction::kBackward);
  for (uint64_t i = 0; i < span.count; ++i, walk.Next()) fn(walk.element());
}

}  // namespace torc
