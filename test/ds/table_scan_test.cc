// The promise of Scan: an entry that is there from the first call to the last is visited, and once
// only, whatever else is inserted, erased, grown, split, shrunk or merged between the calls.
#include <doctest/doctest.h>

#include <set>
#include <unordered_set>

#include "ds/table_fixture.h"

namespace torc {
namespace {

constexpr uint64_t kCursorEnd = uint64_t{1} << 39;

// Keys below `stay` are there all the time; the others come and go between the calls, so that the
// table is between `stay` and `stay + others` entries large.
void ScanWhileChanging(HashKind kind, uint64_t stay, uint64_t others, uint64_t seed) {
  CAPTURE(static_cast<int>(kind));
  CAPTURE(stay);
  CAPTURE(others);
  Rng rng(seed);
  ItemModel model(kind);
  for (uint64_t key = 0; key < stay; ++key) model.Insert(key);
  if (rng.Chance(0.5)) {
    for (uint64_t key = stay; key < stay + others; ++key) model.Insert(key);
  }
  std::unordered_set<uint64_t> seen;
  uint64_t cursor = 0;
  uint64_t calls = 0;
  bool growing = rng.Chance(0.5);
  do {
    const uint64_t next = model.table.Scan(cursor, [&](const Item* item) {
      if (item->key < stay) REQUIRE(seen.insert(item->key).second);
    });
    REQUIRE(next < kCursorEnd);
    REQUIRE((next == 0 || next > cursor));
    cursor = next;
    ++calls;
    if (rng.Chance(0.01)) growing = !growing;
    for (uint64_t change = others == 0 ? 0 : rng.Below(60); change > 0; --change) {
      const uint64_t key = stay + rng.Below(others);
      const bool present = model.items.contains(key);
      if (growing && !present) model.Insert(key);
      if (!growing && present) model.Erase(key);
    }
  } while (cursor != 0);
  CHECK(seen.size() == stay);
  CHECK(calls <= (stay + others) * 10 + 10);
  model.table.CheckInvariants();
}

TEST_CASE("a scan visits each entry that stays, while others come and go") {
  const uint64_t seed = TestSeed("table scan");
  for (uint64_t round = 0; round < (kSlowBuild ? 3 : 12); ++round) {
    ScanWhileChanging(HashKind::kGood, 0, 50, seed + round);
    ScanWhileChanging(HashKind::kGood, 10, 0, seed + round);
    ScanWhileChanging(HashKind::kGood, 20, 500, seed + round);
    ScanWhileChanging(HashKind::kGood, 300, 3'000, seed + round);
    ScanWhileChanging(HashKind::kGood, 5'000, 20'000, seed + round);
    ScanWhileChanging(HashKind::kAscending, 500, 2'000, seed + round);
  }
}

TEST_CASE("a scan keeps its promise with hostile hashes") {
  const uint64_t seed = TestSeed("table scan, hostile hashes");
  for (uint64_t round = 0; round < 3; ++round) {
    ScanWhileChanging(HashKind::kSharedTop, 200, 2'000, seed + round);
    ScanWhileChanging(HashKind::kSharedTop20, 200, 4'000, seed + round);
    ScanWhileChanging(HashKind::kFewValues, 100, 300, seed + round);
    ScanWhileChanging(HashKind::kIdentical, 100, 500, seed + round);
  }
}

TEST_CASE(
    "one call of a scan does little, and an unchanged table is scanned in about as many calls as "
    "buckets") {
  ItemModel model(HashKind::kGood);
  const uint64_t keys = 20'000;
  for (uint64_t key = 0; key < keys; ++key) model.Insert(key);
  uint64_t cursor = 0;
  uint64_t calls = 0;
  uint64_t visited = 0;
  do {
    uint64_t in_this_call = 0;
    cursor = model.table.Scan(cursor, [&](const Item*) { ++in_this_call; });
    CHECK(in_this_call < 40);
    visited += in_this_call;
    ++calls;
  } while (cursor != 0);
  CHECK(visited == keys);
  CHECK(calls < keys / 5);
}

TEST_CASE("a cursor that no scan returned is taken as a place to go on from") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 2'000; ++key) model.Insert(key);
  Rng rng(5);
  for (int round = 0; round < 100; ++round) {
    const uint64_t from = rng.Below(kCursorEnd);
    std::set<uint64_t> seen;
    for (uint64_t cursor = from;;) {
      cursor = model.table.Scan(cursor, [&](const Item* item) { seen.insert(item->key); });
      if (cursor == 0) break;
    }
    uint64_t expected = 0;
    for (const auto& [key, item] : model.items)
      expected += (model.HashKey(key) >> 25) >= from ? 1 : 0;
    REQUIRE(seen.size() == expected);
  }
}

}  // namespace
}  // namespace torc
