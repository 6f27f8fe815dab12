// The copy-on-write tree against plain vectors: random writes to several clones at once, items
// whose references are counted, order, weights, and freeing in slices.
#include "ds/cow_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

// What an item refers to: counts the leaves that hold it.
struct Record {
  uint64_t value;
  uint64_t weight;
  uint32_t refs;
  size_t* alive;
};
struct RecordTraits {
  using Item = Record*;
  static uint64_t Weight(const Item& item) { return item->weight; }
  static void Retain(const Item& item) { ++item->refs; }
  static void Release(const Item& item) {
    if (--item->refs != 0) return;
    --*item->alive;
    delete item;
  }
};
using RecordTree = CowTree<RecordTraits>;

// Makes records and knows how many are left.
struct Records {
  ~Records() { CHECK(alive == 0); }
  Record* New(uint64_t value, uint64_t weight = 1) {
    ++alive;
    return new Record{value, weight, 1, &alive};
  }
  size_t alive = 0;
};

// A plain number with its order: what a sorted set's index would hold.
struct Scored {
  double score;
  uint64_t member;
};
struct ScoredTraits {
  using Item = Scored;
  static uint64_t Weight(const Item&) { return 1; }
  static void Retain(const Item&) {}
  static void Release(const Item&) {}
};
using ScoredTree = CowTree<ScoredTraits>;

// A tree and what it should hold.
struct Version {
  RecordTree tree;
  std::vector<std::pair<uint64_t, uint64_t>> model;  // value, weight

  uint64_t PositionOf(size_t index) const {
    uint64_t position = 0;
    for (size_t i = 0; i < index; ++i) position += model[i].second;
    return position;
  }
};

void CheckSame(const Version& version) {
  version.tree.CheckInvariants();
  std::vector<std::pair<uint64_t, uint64_t>> held;
  version.tree.ForEach([&](const Record* item) { held.emplace_back(item->value, item->weight); });
  CHECK(held == version.model);
  // Backwards as well, and each place knows its position.
  auto at = version.tree.End();
  uint64_t position = version.tree.weight();
  for (size_t i = held.size(); i-- > 0;) {
    REQUIRE(version.tree.PositionOf(at) == position);
    REQUIRE(version.tree.Prev(at));
    REQUIRE(at.item()->value == held[i].first);
    position -= held[i].second;
  }
  CHECK_FALSE(version.tree.Prev(at));
  CHECK(position == 0);
}

// Where the next write goes: anywhere, or at an end, where nodes split in another way.
size_t RandomPlace(Rng& rng, size_t count, uint64_t mode) {
  if (mode == 1) return count;
  if (mode == 2) return 0;
  return rng.Below(count + 1);
}

void WriteRandomly(Version& version, Records& records, Rng& rng, uint64_t weight_max) {
  const uint64_t mode = rng.Below(4);
  const double grow = rng.Unit();
  for (uint64_t step = rng.Below(300); step > 0; --step) {
    const size_t count = version.model.size();
    const size_t index = RandomPlace(rng, count, mode);
    // Anywhere within the item's weight leads to it.
    const uint64_t inside = index < count ? rng.Below(version.model[index].second) : 0;
    auto at = version.tree.At(version.PositionOf(index) + inside);
    REQUIRE(at.at_end() == (index == count));
    const uint64_t value = rng.Next();
    const uint64_t weight = 1 + rng.Below(weight_max);
    if (index == count || rng.Chance(grow)) {
      version.tree.Insert(at, records.New(value, weight));
      version.model.insert(version.model.begin() + static_cast<ptrdiff_t>(index), {value, weight});
      REQUIRE(at.item()->value == value);
    } else if (rng.Chance(0.2)) {
      RecordTraits::Release(version.tree.Replace(at, records.New(value, weight)));
      version.model[index] = {value, weight};
      REQUIRE(at.item()->value == value);
    } else {
      RecordTraits::Release(version.tree.Erase(at));
      version.model.erase(version.model.begin() + static_cast<ptrdiff_t>(index));
      REQUIRE(at.at_end() == (index == version.model.size()));
      if (!at.at_end()) REQUIRE(at.item()->value == version.model[index].first);
    }
  }
}

TEST_CASE("a tree and its clones do what vectors do, each by itself") {
  const uint64_t seed = TestSeed("cow tree");
  for (const uint64_t weight_max : {uint64_t{1}, uint64_t{5}}) {
    Rng rng(seed + weight_max);
    Records records;
    std::vector<Version> versions(1);
    for (int round = 0; round < (kSlowBuild ? 60 : 300); ++round) {
      Version& version = versions[rng.Below(versions.size())];
      WriteRandomly(version, records, rng, weight_max);
      if (versions.size() < 6 && rng.Chance(0.3)) {
        versions.push_back({version.tree.Clone(), version.model});
      } else if (versions.size() > 1 && rng.Chance(0.2)) {
        versions.erase(versions.begin() + static_cast<ptrdiff_t>(rng.Below(versions.size())));
      }
      if (round % 10 == 0) std::for_each(versions.begin(), versions.end(), CheckSame);
    }
    std::for_each(versions.begin(), versions.end(), CheckSame);
    // Nothing but what the versions hold is alive.
    std::set<const Record*> held;
    for (const Version& version : versions) {
      version.tree.ForEach([&](const Record* item) { held.insert(item); });
    }
    CHECK(records.alive == held.size());
    versions.clear();
    CHECK(records.alive == 0);
  }
}

TEST_CASE("a tree shrinks to nothing from either end and from the middle") {
  for (const int where : {0, 1, 2}) {
    CAPTURE(where);
    Records records;
    Version version;
    for (uint64_t value = 0; value < 20'000; ++value) {
      auto at = version.tree.End();
      version.tree.Insert(at, records.New(value));
      version.model.emplace_back(value, 1);
    }
    while (!version.model.empty()) {
      const size_t count = version.model.size();
      const size_t index = where == 0 ? 0 : where == 1 ? count - 1 : count / 2;
      auto at = version.tree.At(index);
      REQUIRE(at.item()->value == version.model[index].first);
      RecordTraits::Release(version.tree.Erase(at));
      version.model.erase(version.model.begin() + static_cast<ptrdiff_t>(index));
      if (count % 500 == 0 || count < 100) version.tree.CheckInvariants();
    }
    CHECK(version.tree.empty());
    CHECK(version.tree.weight() == 0);
    CHECK(version.tree.size_bytes() == 0);
    CHECK(records.alive == 0);
  }
}

TEST_CASE("ordered items are found by order, and their position is their rank") {
  Rng rng(TestSeed("cow tree, ordered"));
  ScoredTree tree;
  std::set<std::pair<double, uint64_t>> model;
  const auto before = [](const std::pair<double, uint64_t>& key) {
    return [key](const Scored& item) { return std::pair(item.score, item.member) < key; };
  };
  for (int step = 0; step < 40'000; ++step) {
    const std::pair key(static_cast<double>(rng.Below(300)), rng.Below(200));
    auto at = tree.LowerBound(before(key));
    const bool present = !at.at_end() && std::pair(at.item().score, at.item().member) == key;
    REQUIRE(present == model.contains(key));
    // Grows for three quarters of the time, then shrinks.
    if (!present && step < 30'000) {
      tree.Insert(at, {key.first, key.second});
      model.insert(key);
    } else if (present && rng.Chance(step < 30'000 ? 0.3 : 1.0)) {
      tree.Erase(at);
      model.erase(key);
    }
  }
  tree.CheckInvariants();
  REQUIRE(tree.weight() == model.size());
  uint64_t rank = 0;
  for (const auto& key : model) {
    const auto at = tree.LowerBound(before(key));
    REQUIRE(std::pair(at.item().score, at.item().member) == key);
    REQUIRE(tree.PositionOf(at) == rank);
    REQUIRE(tree.At(rank).item().member == key.second);
    ++rank;
  }
  CHECK(tree.LowerBound([](const Scored&) { return true; }).at_end());
  CHECK(tree.PositionOf(tree.LowerBound([](const Scored&) { return false; })) == 0);
}

TEST_CASE("an empty tree has one place, the end") {
  RecordTree tree;
  auto at = tree.Begin();
  CHECK(at.at_end());
  CHECK_FALSE(tree.Next(at));
  CHECK_FALSE(tree.Prev(at));
  CHECK(tree.PositionOf(at) == 0);
  CHECK(tree.LowerBound([](const Record*) { return true; }).at_end());
  CHECK(tree.Clone().empty());
  CHECK_FALSE(tree.FreeSome(1));
  tree.ForEach([](const Record*) { FAIL("nothing to visit"); });
}

TEST_CASE("moving a tree empties its source and lets go of what the target held") {
  Records records;
  RecordTree a, b;
  for (uint64_t value = 0; value < 100; ++value) {
    auto at = a.End();
    a.Insert(at, records.New(value));
    at = b.End();
    b.Insert(at, records.New(value));
  }
  b = std::move(a);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): what a moved tree is, is said here
  CHECK(a.weight() == 0);
  CHECK(b.weight() == 100);
  CHECK(records.alive == 100);
}

TEST_CASE("a clone costs nothing, and a write to it copies one path") {
  ScoredTree tree;
  for (uint64_t i = 0; i < 100'000; ++i) {
    auto at = tree.End();
    tree.Insert(at, {static_cast<double>(i), i});
  }
  const size_t before = AllocatedBytes();
  ScoredTree clone = tree.Clone();
  if (!kSlowBuild) CHECK(AllocatedBytes() - before < 256);
  auto at = clone.At(50'000);
  clone.Replace(at, {50'000.0, 1});
  CHECK(tree.At(50'000).item().member == 50'000);
  CHECK(clone.At(50'000).item().member == 1);
  // Leaf, two branches and the root; the allocator's statistics are rounded by its caches.
  if (!kSlowBuild) CHECK(AllocatedBytes() - before < 64 * 1024);
  tree.CheckInvariants();
  clone.CheckInvariants();
}

TEST_CASE(
    "a tree is freed in slices, each of bounded work, and leaves to its clones what they share") {
  Records records;
  RecordTree tree;
  const uint64_t count = 30'000;
  for (uint64_t value = 0; value < count; ++value) {
    auto at = tree.End();
    tree.Insert(at, records.New(value));
  }
  std::optional<RecordTree> clone = tree.Clone();
  for (uint64_t i = 0; i < 300; ++i) {
    auto at = clone->At(i * 100);
    RecordTraits::Release(clone->Replace(at, records.New(count + i)));
  }
  CHECK(records.alive == count + 300);
  size_t slices = 0;
  size_t last = records.alive;
  while (tree.FreeSome(50)) {
    CHECK(last - records.alive <= 50);
    last = records.alive;
    ++slices;
  }
  CHECK(slices > 3);
  CHECK(records.alive == count);
  clone->CheckInvariants();
  CHECK(clone->weight() == count);
  slices = 0;
  while (clone->FreeSome(100)) ++slices;
  CHECK(slices >= count / 100 - 1);
  CHECK(records.alive == 0);
  CHECK(clone->empty());
  auto at = clone->End();
  clone->Insert(at, records.New(1));
  CHECK(clone->weight() == 1);
  // Half freed and then destroyed.
  for (uint64_t value = 0; value < 5'000; ++value) {
    at = tree.Begin();
    tree.Insert(at, records.New(value));
  }
  CHECK(tree.FreeSome(2'000));
}

TEST_CASE("a clone is drained in order and in slices while its tree goes on being written") {
  Records records;
  Rng rng(3);
  Version live;
  const uint64_t count = 30'000;
  for (uint64_t value = 0; value < count; ++value) {
    auto at = live.tree.End();
    live.tree.Insert(at, records.New(value));
    live.model.emplace_back(value, 1);
  }
  const auto expected = live.model;
  RecordTree clone = live.tree.Clone();
  std::vector<std::pair<uint64_t, uint64_t>> drained;
  const auto take = [&](const Record* item) { drained.emplace_back(item->value, item->weight); };
  bool more = true;
  while (more) {
    for (int i = 0; i < 20; ++i) {
      const auto index = static_cast<size_t>(rng.Below(live.model.size()));
      auto at = live.tree.At(index);
      if (i % 3 == 0) {
        RecordTraits::Release(live.tree.Erase(at));
        live.model.erase(live.model.begin() + static_cast<ptrdiff_t>(index));
      } else {
        live.tree.Insert(at, records.New(count + index));
        live.model.insert(live.model.begin() + static_cast<ptrdiff_t>(index), {count + index, 1});
      }
    }
    const size_t before = drained.size();
    more = clone.DrainSome(200, take);
    CHECK(drained.size() - before <= 200);
    // What the clone has passed belongs to the tree alone: nothing but the tree and the rest of the
    // clone is alive.
    CHECK(records.alive <= live.model.size() + count - drained.size());
  }
  CHECK(drained == expected);
  CHECK(clone.empty());
  CHECK(clone.size_bytes() == 0);
  CheckSame(live);
  CHECK(records.alive == live.model.size());
  // Given up half way.
  clone = live.tree.Clone();
  CHECK(clone.DrainSome(1'000, take));
  while (clone.FreeSome(500)) {
  }
  CheckSame(live);
}

TEST_CASE("items appended or prepended leave full nodes behind, items anywhere well filled ones") {
  Rng rng(7);
  const uint64_t count = 100'000;
  for (const int mode : {0, 1, 2}) {
    CAPTURE(mode);
    ScoredTree tree;
    for (uint64_t i = 0; i < count; ++i) {
      auto at = mode == 0 ? tree.End() : mode == 1 ? tree.Begin() : tree.At(rng.Below(i + 1));
      tree.Insert(at, {0, i});
    }
    const double each = static_cast<double>(tree.size_bytes()) / static_cast<double>(count);
    MESSAGE("bytes per item of 16: " << each);
    CHECK(each < (mode == 2 ? 24 : 18.5));
  }
}

}  // namespace
}  // namespace torc
