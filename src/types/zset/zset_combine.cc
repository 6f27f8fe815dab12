#include "types/zset/zset_combine.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <utility>

#include "types/set/set.h"

namespace torc {
namespace {

// What it takes to look a member up, as Pace counts.
constexpr uint64_t kUnitsOfLookup = 16;

// A sum of infinities of both signs, or infinity times zero, is 0.
double OrZero(double score) {
  return std::isnan(score) ? 0 : score;
}

double Joined(double a, double b, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kSum:
      return OrZero(a + b);
    case Aggregate::kMin:
      return b < a ? b : a;
    case Aggregate::kMax:
      return b > a ? b : a;
  }
  return a;
}

bool IsPlainSet(const Entry& entry) {
  return entry.type() == ValueType::kSet;
}

void SmallestFirst(std::vector<ScoredSource>* sources) {
  std::stable_sort(
      sources->begin(), sources->end(),
      [](const ScoredSource& a, const ScoredSource& b) { return a.size() < b.size(); });
}

std::vector<ScoredText> Union(const std::vector<ScoredSource>& sources, Aggregate aggregate) {
  std::unordered_map<std::string, double> scores;
  for (const ScoredSource& source : sources) {
    source.ForEach([&](std::string_view member, double score) {
      const double weighted = OrZero(source.weight * score);
      const auto [at, added] = scores.try_emplace(std::string(member), weighted);
      if (!added) at->second = Joined(at->second, weighted, aggregate);
      return true;
    });
  }
  std::vector<ScoredText> out;
  out.reserve(scores.size());
  for (auto& [member, score] : scores) out.push_back({member, score});
  return out;
}

// The same where there is much: no table that is enlarged at once, nothing that is sorted at once.
void UniteInto(LargeZset* result, const std::vector<ScoredSource>& sources, Aggregate aggregate,
               Pace& pace) {
  for (const ScoredSource& source : sources) {
    source.ForEach([&](std::string_view member, double score) {
      const double weighted = OrZero(source.weight * score);
      LargeZset::Place place = result->Find(member);
      if (place.member == nullptr) {
        result->Insert(place, member, weighted);
      } else {
        result->SetScore(place, Joined(place.member->score, weighted, aggregate));
      }
      pace.Step(kZsetChangeUnits);
      return true;
    });
  }
}

// Calls fn(member, score) -> bool for what all sources have; the smallest is the first.
template <class Fn>
void ForCommon(const std::vector<ScoredSource>& sources, Aggregate aggregate, Pace& pace, Fn&& fn) {
  sources[0].ForEach([&](std::string_view member, double first) {
    pace.Step(kUnitsOfLookup * sources.size());
    double score = OrZero(sources[0].weight * first);
    for (size_t i = 1; i < sources.size(); ++i) {
      const auto other = sources[i].Score(member);
      if (!other) return true;
      score = Joined(score, *other * sources[i].weight, aggregate);
    }
    return fn(member, score);
  });
}

// Calls fn(member, score) for what only the first source has.
template <class Fn>
void ForDifference(const std::vector<ScoredSource>& sources, Pace& pace, Fn&& fn) {
  sources[0].ForEach([&](std::string_view member, double score) {
    pace.Step(kUnitsOfLookup * sources.size());
    const bool elsewhere =
        std::any_of(sources.begin() + 1, sources.end(),
                    [&](const ScoredSource& source) { return source.Score(member).has_value(); });
    if (!elsewhere) fn(member, score);
    return true;
  });
}

}  // namespace

bool ScoredSource::Takes(const Entry& entry) {
  return entry.type() == ValueType::kSortedSet || entry.type() == ValueType::kSet;
}

uint64_t ScoredSource::size() const {
  if (entry == nullptr) return 0;
  return IsPlainSet(*entry) ? SetView(*entry).size() : ZsetView(*entry).size();
}

std::optional<double> ScoredSource::Score(std::string_view member) const {
  if (entry == nullptr) return std::nullopt;
  if (!IsPlainSet(*entry)) return ZsetView(*entry).Score(member);
  if (!SetView(*entry).Contains(CompactNeedle(member))) return std::nullopt;
  return 1;
}

template <class Fn>
void ScoredSource::ForEach(Fn&& fn) const {
  if (entry == nullptr) return;
  if (IsPlainSet(*entry)) {
    SetView(*entry).ForEach(
        [&](const CompactElement& member) { return fn(CompactText(member).view(), 1.0); });
    return;
  }
  for (ZsetWalk walk(ZsetView(*entry), 0, ZsetWalk::Direction::kForward); !walk.AtEnd();
       walk.Next()) {
    const ZsetElement element = walk.element();
    if (!fn(CompactText(element.member).view(), element.score)) return;
  }
}

std::vector<ScoredText> Combine(std::vector<ScoredSource> sources, Combination combination,
                                Aggregate aggregate, Pace& pace) {
  std::vector<ScoredText> out;
  const auto add = [&](std::string_view member, double score) {
    out.push_back({std::string(member), score});
    return true;
  };
  if (combination == Combination::kDifference) {
    ForDifference(sources, pace, add);
  } else {
    SmallestFirst(&sources);
    if (combination == Combination::kUnion) {
      out = Union(sources, aggregate);
    } else {
      ForCommon(sources, aggregate, pace, add);
    }
  }
  SortScored(&out);
  return out;
}

void CombineInto(LargeZset* result, std::vector<ScoredSource> sources, Combination combination,
                 Aggregate aggregate, Pace& pace) {
  const auto add = [&](std::string_view member, double score) {
    LargeZset::Place place = result->Find(member);
    result->Insert(place, member, score);
    pace.Step(kZsetChangeUnits);
    return true;
  };
  if (combination == Combination::kDifference) return ForDifference(sources, pace, add);
  SmallestFirst(&sources);
  if (combination == Combination::kUnion) return UniteInto(result, sources, aggregate, pace);
  ForCommon(sources, aggregate, pace, add);
}

uint64_t CountCommon(std::vector<ScoredSource> sources, uint64_t limit, Pace& pace) {
  SmallestFirst(&sources);
  uint64_t count = 0;
  ForCommon(sources, Aggregate::kSum, pace,
            [&](std::string_view, double) { return ++count < limit; });
  return count;
}

}  // namespace torc
