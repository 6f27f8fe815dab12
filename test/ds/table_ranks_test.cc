// Ranks: the segment with the lowest one is always known, through growth, splits, merges and moved
// entries.
#include "ds/table_ranks.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

using Visit = ItemTable::Visit;

// Erases everything of rank `now` or less through visits, as a keyspace expires its keys.
void Sweep(ItemModel& model, uint64_t now, size_t budget) {
  uint64_t calls = 0;
  while (model.table.least_rank() <= now) {
    REQUIRE(++calls < 1'000'000);
    model.table.VisitLowest(
        budget,
        [now](const Item* item) { return item->rank <= now ? Visit::kErase : Visit::kKeep; },
        [&](Item* item) {
          REQUIRE(model.items.erase(item->key) == 1);
          delete item;
        });
  }
}

TEST_CASE(
    "sweeps find all that is due and nothing else, while entries change and the table with them") {
  const uint64_t seed = TestSeed("table ranks");
  for (const size_t budget : {1, 20, 10'000}) {
    Rng rng(seed);
    ItemModel model(HashKind::kGood);
    uint64_t now = 0;
    uint64_t next_key = 0;
    for (int round = 0; round < 60; ++round) {
      const uint64_t steps = rng.Below(2'000);
      for (uint64_t step = 0; step < steps; ++step) {
        if (model.items.empty() || rng.Chance(0.7)) {
          model.Insert(next_key++, rng.Chance(0.5) ? now + rng.Below(500) : kNoRank);
          continue;
        }
        const uint64_t key = model.items.begin()->first;
        if (rng.Chance(0.3)) {
          model.Erase(key);
        } else if (Item* item = model.items.at(key); rng.Chance(0.5)) {
          item->rank = kNoRank;
        } else {
          item->rank = now + rng.Below(700);
          model.table.NoteRank(model.HashKey(key), item->rank);
        }
      }
      now += rng.Below(60);
      Sweep(model, now, budget);
      const auto due = std::count_if(model.items.begin(), model.items.end(),
                                     [&](const auto& pair) { return pair.second->rank <= now; });
      REQUIRE(due == 0);
      REQUIRE(model.table.size() == model.items.size());
      model.table.CheckInvariants();
    }
    Sweep(model, kNoRank - 1, budget);
    CHECK(model.table.least_rank() == kNoRank);
    model.table.CheckInvariants();
  }
}

TEST_CASE("the least rank is exact after a visit that erased nothing") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 50; ++key) model.Insert(key, 100 + key);
  CHECK(model.table.least_rank() == 100);
  model.items.at(0)->rank = kNoRank;
  model.items.at(1)->rank = 1'000;
  CHECK(model.table.least_rank() == 100);
  CHECK(model.table.LowestRanked().size() == 50);
  model.table.VisitLowest(
      1'000, [](const Item*) { return Visit::kKeep; }, [](Item*) {});
  CHECK(model.table.least_rank() == 102);
}

TEST_CASE("a visit is cut at its budget, resumed, and hears of ranks noted in between") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 200; ++key) model.Insert(key, 1'000 + key);
  size_t visited = 0;
  const auto keep = [&](const Item*) { return Visit::kKeep; };
  visited += model.table.VisitLowest(100, keep, [](Item*) {});
  CHECK(visited >= 100);
  CHECK(visited < 110);
  // Half of the segment has been seen; whichever half this entry is in, its new rank counts.
  for (uint64_t key = 0; key < 200; ++key) {
    model.items.at(key)->rank = 500 - key;
    model.table.NoteRank(model.HashKey(key), 500 - key);
  }
  visited += model.table.VisitLowest(1'000, keep, [](Item*) {});
  CHECK(visited == 200);
  CHECK(model.table.least_rank() == 301);
  model.table.CheckInvariants();
}

TEST_CASE("a heap of segments orders them under random changes") {
  Rng rng(TestSeed("segment ranks"));
  std::vector<TableSegment> segments(3'000);
  SegmentRanks ranks;
  CHECK(ranks.lowest() == nullptr);
  std::multimap<uint64_t, TableSegment*> model;
  for (int step = 0; step < 60'000; ++step) {
    // The population swings so that blocks are added and given back.
    const bool leave = step / 15'000 % 2 == 1 ? rng.Chance(0.8) : rng.Chance(0.2);
    TableSegment* segment = &segments[rng.Below(segments.size())];
    for (auto [it, end] = model.equal_range(segment->lowest_rank); it != end; ++it) {
      if (it->second == segment) {
        model.erase(it);
        break;
      }
    }
    segment->lowest_rank = leave ? kNoRank : rng.Below(100'000);
    if (!leave) model.emplace(segment->lowest_rank, segment);
    ranks.Update(segment);
    REQUIRE(ranks.count() == model.size());
    REQUIRE(ranks.lowest_rank() == (model.empty() ? kNoRank : model.begin()->first));
    if (step % 5'000 == 0) ranks.CheckInvariants();
  }
  for (TableSegment& segment : segments) ranks.Remove(&segment);
  CHECK(ranks.lowest_rank() == kNoRank);
  CHECK(ranks.size_bytes() < 8'192);
}

}  // namespace
}  // namespace torc
