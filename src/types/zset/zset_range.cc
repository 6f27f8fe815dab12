#include "types/zset/zset_range.h"

#include <algorithm>

#include "base/scan_double.h"

namespace torc {
namespace {

struct ScoreBound {
  double value = 0;
  bool excluded = false;
};

std::optional<ScoreBound> ParseScoreBound(std::string_view text) {
  const bool excluded = !text.empty() && text[0] == '(';
  const auto number = ScanDouble(text.substr(excluded ? 1 : 0));
  if (!number) return std::nullopt;
  return ScoreBound{number->value, excluded};
}

std::optional<LexBound> ParseLexBound(std::string_view text) {
  const char first = text.empty() ? '\0' : text[0];
  const bool alone = text.size() < 2 || text[1] == '\0';
  if (first == '-' && alone) return LexBound{LexBound::Kind::kLowest, {}, true};
  if (first == '+' && alone) return LexBound{LexBound::Kind::kHighest, {}, true};
  if (first != '(' && first != '[') return std::nullopt;
  return LexBound{LexBound::Kind::kMember, text.substr(1), first == '('};
}

bool AboveMin(std::string_view member, const LexBound& min) {
  if (min.kind != LexBound::Kind::kMember) return min.kind == LexBound::Kind::kLowest;
  return min.excluded ? member > min.member : member >= min.member;
}

bool BelowMax(std::string_view member, const LexBound& max) {
  if (max.kind != LexBound::Kind::kMember) return max.kind == LexBound::Kind::kHighest;
  return max.excluded ? member < max.member : member <= max.member;
}

bool IsEmpty(const LexRange& range) {
  if (range.min.kind != range.max.kind) return range.min.kind > range.max.kind;
  if (range.min.kind != LexBound::Kind::kMember) return true;
  const int compared = range.min.member.compare(range.max.member);
  return compared > 0 || (compared == 0 && (range.min.excluded || range.max.excluded));
}

std::string MemberAt(const ZsetView& zset, uint64_t rank) {
  const ZsetWalk walk(zset, rank, ZsetWalk::Direction::kForward);
  return std::string(CompactText(walk.element().member).view());
}

// By walking from the side where the order begins to the first member in range, and on to the first
// that is not.
RankSpan WalkedSpan(const ZsetView& zset, const LexRange& range, ZsetOrder order) {
  const bool forward = order == ZsetOrder::kAscending;
  const uint64_t size = zset.size();
  uint64_t skipped = 0;
  uint64_t count = 0;
  ZsetWalk walk(zset, forward ? 0 : size - 1,
                forward ? ZsetWalk::Direction::kForward : ZsetWalk::Direction::kBackward);
  for (; !walk.AtEnd(); walk.Next()) {
    const CompactText text(walk.element().member);
    const bool above = AboveMin(text.view(), range.min);
    const bool below = BelowMax(text.view(), range.max);
    if (count == 0 && !(forward ? above : below)) {
      ++skipped;
    } else if (forward ? below : above) {
      ++count;
    } else {
      break;
    }
  }
  return {forward ? skipped : size - skipped - count, count};
}

}  // namespace

RankSpan SpanOfIndexes(uint64_t size, int64_t start, int64_t stop, ZsetOrder order) {
  const auto length = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (stop < 0) stop += length;
  stop = std::min(stop, length - 1);
  if (start > stop) return {};
  const auto count = static_cast<uint64_t>(stop - start + 1);
  return {static_cast<uint64_t>(order == ZsetOrder::kAscending ? start : length - 1 - stop), count};
}

std::optional<ScoreRange> ParseScoreRange(std::string_view min, std::string_view max) {
  const auto low = ParseScoreBound(min);
  const auto high = ParseScoreBound(max);
  if (!low || !high) return std::nullopt;
  return ScoreRange{low->value, high->value, low->excluded, high->excluded};
}

RankSpan SpanOfScores(const ZsetView& zset, const ScoreRange& range) {
  using Equal = ZsetView::Equal;
  if (range.min > range.max) return {};
  const uint64_t first =
      zset.CountBelow(range.min, range.min_excluded ? Equal::kCounted : Equal::kNotCounted);
  const uint64_t last =
      zset.CountBelow(range.max, range.max_excluded ? Equal::kNotCounted : Equal::kCounted);
  if (first >= last) return {};
  return {first, last - first};
}

std::optional<LexRange> ParseLexRange(std::string_view min, std::string_view max) {
  const auto low = ParseLexBound(min);
  const auto high = ParseLexBound(max);
  if (!low || !high) return std::nullopt;
  return LexRange{*low, *high};
}

RankSpan SpanOfMembers(const ZsetView& zset, const LexRange& range, ZsetOrder order) {
  using Equal = ZsetView::Equal;
  const uint64_t size = zset.size();
  if (size == 0 || IsEmpty(range)) return {};
  // As Redis does first: the outermost members must allow for any in range.
  if (!AboveMin(MemberAt(zset, size - 1), range.min)) return {};
  if (!BelowMax(MemberAt(zset, 0), range.max)) return {};
  if (zset.small()) return WalkedSpan(zset, range, order);
  uint64_t first = 0;
  uint64_t last = size;
  if (range.min.kind == LexBound::Kind::kMember) {
    first = zset.CountBelow(range.min.member,
                            range.min.excluded ? Equal::kCounted : Equal::kNotCounted);
  }
  if (range.max.kind == LexBound::Kind::kMember) {
    last = zset.CountBelow(range.max.member,
                           range.max.excluded ? Equal::kNotCounted : Equal::kCounted);
  }
  if (first >= last) return {};
  return {first, last - first};
}

RankSpan Limited(RankSpan span, ZsetLimit limit, ZsetOrder order) {
  if (limit.offset < 0 || static_cast<uint64_t>(limit.offset) >= span.count) return {};
  const auto offset = static_cast<uint64_t>(limit.offset);
  uint64_t count = span.count - offset;
  if (limit.count >= 0) count = std::min(count, static_cast<uint64_t>(limit.count));
  if (order == ZsetOrder::kAscending) return {span.first + offset, count};
  return {span.first + span.count - offset - count, count};
}

}  // namespace torc
