// Random edits of a sorted set beside a std::map and a std::set, small and large, and of its
// copies.

#include "types/zset/zset.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/rng.h"
#include "types/zset/zset_range.h"

namespace torc {
namespace {

class Fixture {
 public:
  explicit Fixture(ValueLimits limits) : limits_(limits) {
    entry_ = Entry::New("k", {.type = ValueType::kSortedSet, .boxed = true, .inline_bytes = 8});
    entry_->set_value_box(nullptr);
  }
  Fixture(const Fixture& other) : scores(other.scores), order(other.order), limits_(other.limits_) {
    entry_ = Entry::New("k", {.type = ValueType::kSortedSet,
                              .encoding = other.entry_->encoding(),
                              .boxed = true,
                              .inline_bytes = 8});
    kZsetType.copy_value(*other.entry_, entry_);
  }
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() {
    kZsetType.free_value(entry_);
    Entry::Delete(entry_);
  }
  Zset zset() { return {entry_, limits_, 1}; }

  void Put(const std::string& member, double score) {
    Zset set = zset();
    const Zset::Slot slot = set.Find(member);
    const auto at = scores.find(member);
    REQUIRE(slot.score.has_value() == (at != scores.end()));
    if (at != scores.end()) {
      REQUIRE(*slot.score == at->second);
      order.erase({at->second, member});
    }
    set.Put(slot, member, score);
    scores[member] = score;
    order.insert({score, member});
  }
  void Erase(const std::string& member) {
    Zset set = zset();
    const Zset::Slot slot = set.Find(member);
    const auto at = scores.find(member);
    REQUIRE(slot.score.has_value() == (at != scores.end()));
    if (at == scores.end()) return;
    set.Erase(slot);
    order.erase({at->second, member});
    scores.erase(at);
  }
  void EraseRanks(uint64_t first, uint64_t count) {
    SteadyPace pace;
    zset().EraseRanks(first, count, pace);
    for (auto at = std::next(order.begin(), static_cast<std::ptrdiff_t>(first)); count > 0;
         --count) {
      scores.erase(at->second);
      at = order.erase(at);
    }
  }
  void Check() {
    Zset set = zset();
    REQUIRE(set.size() == order.size());
    if (!set.small()) set.large().CheckInvariants();
    uint64_t rank = 0;
    ZsetWalk walk(set, 0, ZsetWalk::Direction::kForward);
    for (const auto& [score, member] : order) {
      REQUIRE(CompactText(walk.element().member).view() == member);
      REQUIRE(walk.element().score == score);
      const auto ranked = set.Rank(member);
      REQUIRE(ranked.has_value());
      REQUIRE(ranked->rank == rank++);
      walk.Next();
    }
    REQUIRE(walk.AtEnd());
    ZsetWalk back(set, rank - 1, ZsetWalk::Direction::kBackward);
    for (auto at = order.rbegin(); at != order.rend(); ++at, back.Next()) {
      REQUIRE(CompactText(back.element().member).view() == at->second);
    }
    REQUIRE(back.AtEnd());
    for (double bound = -6; bound <= 6; bound += 0.5) {
      const auto below = std::distance(order.begin(), order.lower_bound({bound, ""}));
      REQUIRE(set.CountBelow(bound, ZsetView::Equal::kNotCounted) == static_cast<uint64_t>(below));
    }
  }

  std::map<std::string, double> scores;
  std::set<std::pair<double, std::string>> order;

 private:
  ValueLimits limits_;
  Entry* entry_ = nullptr;
};

std::string RandomMember(Rng& rng, uint64_t kinds) {
  if (rng.Chance(0.5)) return std::to_string(rng.Between(-5, static_cast<int64_t>(kinds)));
  return "m" + std::string(rng.Below(20), 'x') + std::to_string(rng.Below(kinds));
}

void RandomEdit(Fixture& fixture, Rng& rng, uint64_t kinds) {
  const double score =
      rng.Chance(0.7) ? static_cast<double>(rng.Between(-5, 5)) : rng.Unit() * 10 - 5;
  const uint64_t form = rng.Below(10);
  if (form < 6 || fixture.order.empty()) {
    fixture.Put(RandomMember(rng, kinds), score);
  } else if (form < 9) {
    fixture.Erase(RandomMember(rng, kinds));
  } else {
    const uint64_t first = rng.Below(fixture.order.size());
    fixture.EraseRanks(first, std::min<uint64_t>(rng.Below(4), fixture.order.size() - first));
  }
}

TEST_CASE("a sorted set does what a set of pairs does, small and large, and so do its copies") {
  const uint64_t seed = 77;
  CAPTURE(seed);
  Rng rng(seed);
  for (const uint64_t kinds : {10U, 60U, 2000U}) {
    Fixture fixture({.zset_listpack_entries = 50});
    for (uint64_t i = 0; i < 3000; ++i) {
      RandomEdit(fixture, rng, kinds);
      if (i % 100 == 0) fixture.Check();
      if (i % 500 == 0) {
        Fixture copy(fixture);
        for (int j = 0; j < 30; ++j) {
          RandomEdit(copy, rng, kinds);
          RandomEdit(fixture, rng, kinds);
        }
        copy.Check();
        fixture.Check();
      }
    }
    fixture.Check();
  }
}

TEST_CASE("members whose hashes begin alike are told apart") {
  Fixture fixture({.zset_listpack_entries = 0});
  // 2^20 tags and 3000 members: some pairs share one.
  for (int i = 0; i < 3000; ++i) fixture.Put("member:" + std::to_string(i), i % 7);
  fixture.Check();
  for (int i = 0; i < 3000; i += 2) fixture.Erase("member:" + std::to_string(i));
  fixture.Check();
}

TEST_CASE("spans are what Redis's ranges say") {
  CHECK(SpanOfIndexes(10, 0, -1, ZsetOrder::kAscending).count == 10);
  CHECK(SpanOfIndexes(10, 0, 2, ZsetOrder::kDescending).first == 7);
  CHECK(SpanOfIndexes(10, 5, 4, ZsetOrder::kAscending).count == 0);
  CHECK(SpanOfIndexes(10, INT64_MIN, INT64_MAX, ZsetOrder::kAscending).count == 10);
  CHECK(Limited({3, 5}, {1, 2}, ZsetOrder::kAscending).first == 4);
  CHECK(Limited({3, 5}, {1, 2}, ZsetOrder::kDescending).first == 5);
  CHECK(Limited({3, 5}, {-1, 2}, ZsetOrder::kAscending).count == 0);
  CHECK(Limited({3, 5}, {1, -7}, ZsetOrder::kAscending).count == 4);
  CHECK(ParseScoreRange("(1.5", "+inf")->min_excluded);
  CHECK(ParseScoreRange("", " 1")->max == 1);
  CHECK_FALSE(ParseScoreRange("1 ", "2").has_value());
  CHECK_FALSE(ParseScoreRange("nan", "2").has_value());
  CHECK(ParseLexRange("-", "+").has_value());
  CHECK_FALSE(ParseLexRange("a", "+").has_value());
  CHECK_FALSE(ParseLexRange("-x", "+").has_value());
}

}  // namespace
}  // namespace torc
