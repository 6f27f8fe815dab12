// The table against std::unordered_map: random operations with good and with hostile hashes.
#include "ds/table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

// Each key of the range is found exactly when the model has it, and then it is the model's item.
void CheckAgainstModel(const ItemModel& model, uint64_t keys) {
  REQUIRE(model.table.size() == model.items.size());
  uint64_t wrong = 0;
  for (uint64_t key = 0; key < keys; ++key) {
    const auto slot = model.Find(key);
    const auto it = model.items.find(key);
    if (it == model.items.end() ? static_cast<bool>(slot) : !slot || slot.entry() != it->second)
      ++wrong;
  }
  CHECK(wrong == 0);
  size_t walked = 0;
  model.table.ForEach([&](const Item* item) {
    ++walked;
    if (model.items.at(item->key) != item) ++wrong;
  });
  CHECK(walked == model.items.size());
  CHECK(wrong == 0);
  model.table.CheckInvariants();
}

// Batches of random inserts, erases and replacements whose balance swings, so that the table grows
// to about `keys` entries and shrinks to nothing, several times.
void RunRandom(HashKind kind, uint64_t keys, int batches, uint64_t seed) {
  Rng rng(seed);
  ItemModel model(kind);
  for (int batch = 0; batch < batches; ++batch) {
    const double insert_share = batch % 4 == 3 ? 0.02 : rng.Unit();
    const uint64_t steps = rng.Below(keys * 2) + 1;
    for (uint64_t step = 0; step < steps; ++step) {
      const uint64_t key = rng.Below(keys);
      const bool present = model.items.contains(key);
      if (present && rng.Chance(0.1)) {
        model.Replace(key);
      } else if (rng.Chance(insert_share)) {
        if (!present) model.Insert(key, rng.Chance(0.2) ? rng.Below(1000) : kNoRank);
      } else if (present) {
        model.Erase(key);
      }
    }
    CheckAgainstModel(model, keys);
  }
  while (!model.items.empty()) model.Erase(model.items.begin()->first);
  CheckAgainstModel(model, std::min<uint64_t>(keys, 1000));
  CHECK(model.table.size_bytes() == 0);
}

TEST_CASE("a table does what an unordered_map does, from nothing to a hundred thousand entries") {
  const uint64_t seed = TestSeed("table model");
  RunRandom(HashKind::kGood, 3, 40, seed);
  RunRandom(HashKind::kGood, 30, 60, seed);
  RunRandom(HashKind::kGood, 600, 40, seed);
  RunRandom(HashKind::kGood, 10'000, 20, seed);
  RunRandom(HashKind::kGood, kSlowBuild ? 20'000 : 200'000, 6, seed);
}

TEST_CASE("hashes that share their first bits, or all of them, cost time but not correctness") {
  const uint64_t seed = TestSeed("table model, hostile hashes");
  RunRandom(HashKind::kAscending, 5'000, 10, seed);
  RunRandom(HashKind::kSharedTop20, 10'000, 8, seed);
  RunRandom(HashKind::kSharedTop, 10'000, 8, seed);
  RunRandom(HashKind::kFewValues, 400, 8, seed);
  RunRandom(HashKind::kIdentical, 1'000, 8, seed);
}

TEST_CASE("a table without entries owns no memory and finds nothing") {
  ItemTable table;
  static_assert(sizeof(table) <= 64);
  CHECK(table.size_bytes() == 0);
  CHECK_FALSE(table.Find(42, [](const Item*) { return true; }));
  CHECK(table.Scan(0, [](Item*) { FAIL("nothing to visit"); }) == 0);
  Rng rng(1);
  CHECK(table.Sample(rng) == nullptr);
  CHECK(table.SampleRun(rng, 10, [](Item*) { FAIL("nothing to give"); }) == 0);
  CHECK(table.least_rank() == kNoRank);
  CHECK_FALSE(table.SegmentAt(0));
  table.CheckInvariants();
}

TEST_CASE("a search asks only about entries whose fingerprint and place match") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 100'000; ++key) model.Insert(key);
  uint64_t asked = 0;
  for (uint64_t key = 100'000; key < 200'000; ++key) {
    model.table.Find(model.HashKey(key), [&](const Item*) {
      ++asked;
      return false;
    });
  }
  // Eight entries a bucket, one in 255 of them with the same fingerprint, in about two buckets.
  CHECK(asked > 1'000);
  CHECK(asked < 12'000);
}

TEST_CASE("prefetching changes nothing, in a table of any size") {
  for (const uint64_t keys : {0, 1, 100, 5'000}) {
    ItemModel model(HashKind::kGood);
    for (uint64_t key = 0; key < keys; ++key) model.Insert(key);
    for (uint64_t key = 0; key < 2 * keys + 2; ++key) {
      model.table.Prefetch(model.HashKey(key));
      model.table.PrefetchEntry(model.HashKey(key));
    }
    CheckAgainstModel(model, keys);
  }
}

TEST_CASE("moving a table moves its entries and leaves an empty one") {
  for (const uint64_t keys : {0, 1, 5, 100, 5'000}) {
    CAPTURE(keys);
    ItemModel model(HashKind::kGood);
    for (uint64_t key = 0; key < keys; ++key) model.Insert(key, key);
    ItemTable moved(std::move(model.table));
    CHECK(moved.size() == keys);
    CHECK(model.table.size() == 0);
    CHECK(model.table.size_bytes() == 0);
    moved.CheckInvariants();
    model.table.CheckInvariants();
    std::swap(model.table, moved);
    CheckAgainstModel(model, keys);
    CHECK(moved.size_bytes() == 0);
  }
}

TEST_CASE("a table is freed in slices that hand over each entry once") {
  for (const size_t budget : {1, 7, 100, 100'000}) {
    CAPTURE(budget);
    ItemModel model(HashKind::kGood);
    const uint64_t keys = 3'000;
    for (uint64_t key = 0; key < keys; ++key) model.Insert(key, key % 3 == 0 ? key : kNoRank);
    size_t last = keys;
    while (last > 0) {
      size_t given = 0;
      const size_t left = model.table.FreeSome(budget, [&](Item* item) {
        ++given;
        CHECK(model.items.erase(item->key) == 1);
        delete item;
      });
      REQUIRE(given == std::min(budget, last));
      REQUIRE(left == last - given);
      REQUIRE(model.table.size() == left);
      last = left;
    }
    CHECK(model.table.size_bytes() == 0);
    model.table.CheckInvariants();
    model.Insert(1);
    CheckAgainstModel(model, 10);
  }
}

TEST_CASE("a table half freed can be destroyed or moved") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 5'000; ++key) model.Insert(key);
  ItemTable moved(std::move(model.table));
  CHECK(moved.FreeSome(1'234, [](Item*) {}) == 5'000 - 1'234);
  ItemTable again(std::move(moved));
  CHECK(again.FreeSome(1'000, [](Item*) {}) == 5'000 - 2'234);
}

TEST_CASE("segments follow one another, cover all hashes, and keep their version through growth") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 400; ++key) model.Insert(key);
  auto only = model.table.SegmentAt(0);
  CHECK(only.last_hash() == ~uint64_t{0});
  only.set_version(7);
  for (uint64_t key = 400; key < 5'000; ++key) model.Insert(key);
  uint64_t hash = 0;
  size_t entries = 0;
  size_t segments = 0;
  do {
    const auto segment = model.table.SegmentAt(hash);
    REQUIRE(segment.first_hash() == hash);
    CHECK(segment.version() == 7);
    segment.ForEach([&](const Item* item) {
      ++entries;
      CHECK(model.HashKey(item->key) >= segment.first_hash());
      CHECK(model.HashKey(item->key) <= segment.last_hash());
    });
    ++segments;
    hash = segment.last_hash() + 1;
  } while (hash != 0);
  CHECK(entries == 5'000);
  CHECK(segments >= 8);
}

TEST_CASE("segments of different versions are not merged until the versions agree") {
  ItemModel model(HashKind::kGood);
  for (uint64_t key = 0; key < 1'500; ++key) model.Insert(key);
  model.table.SegmentAt(0).set_version(1);
  const uint64_t boundary = model.table.SegmentAt(0).last_hash();
  REQUIRE(boundary != ~uint64_t{0});
  for (uint64_t key = 0; key < 1'490; ++key) model.Erase(key);
  CHECK(model.table.SegmentAt(0).version() == 1);
  CHECK(model.table.SegmentAt(0).last_hash() == boundary);
  model.table.CheckInvariants();
}

TEST_CASE("portable and vector comparison of fingerprints agree") {
  Rng rng(3);
  for (int round = 0; round < 20'000; ++round) {
    TableBucket bucket{};
    for (uint32_t slot = 0; slot < TableBucket::kSlots; ++slot) {
      if (rng.Chance(0.7)) {
        bucket.Occupy(slot, std::bit_cast<void*>(rng.Next() >> 16),
                      static_cast<uint8_t>(rng.Below(4) * 85));
      }
    }
    for (const int byte : {0, 1, 84, 85, 86, 170, 254, 255}) {
      const auto fingerprint = static_cast<uint8_t>(byte);
      REQUIRE(bucket.Match(fingerprint) == bucket.MatchPortable(fingerprint));
    }
  }
}

}  // namespace
}  // namespace torc
