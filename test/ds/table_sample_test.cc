// Samples are fair, whatever the segments look like; runs are neighbours without repetition.
#include <doctest/doctest.h>

#include <cmath>
#include <unordered_set>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

// Draws `draws_each` samples for each entry and returns how many standard deviations chi-square is
// off its mean.
double ChiSquareDeviation(const ItemModel& model, uint64_t keys, uint64_t draws_each, Rng& rng) {
  std::vector<uint64_t> drawn(keys, 0);
  const uint64_t draws = model.items.size() * draws_each;
  for (uint64_t i = 0; i < draws; ++i) ++drawn[model.table.Sample(rng)->key];
  double chi_square = 0;
  for (const auto& [key, item] : model.items) {
    const double off = static_cast<double>(drawn[key]) - static_cast<double>(draws_each);
    chi_square += off * off / static_cast<double>(draws_each);
  }
  const auto freedom = static_cast<double>(model.items.size() - 1);
  return (chi_square - freedom) / std::sqrt(2 * freedom);
}

TEST_CASE("each entry is sampled equally often: small, growing, and after most were erased") {
  Rng rng(20'240'601);
  for (const uint64_t keys : {5, 25, 300, 1'000, 1'300, 4'000}) {
    CAPTURE(keys);
    ItemModel model(HashKind::kGood);
    for (uint64_t key = 0; key < keys; ++key) model.Insert(key);
    CHECK(std::abs(ChiSquareDeviation(model, keys, 200, rng)) < 5);
    for (uint64_t key = 0; key < keys; ++key) {
      if (key % 5 != 0 && model.items.size() > 3) model.Erase(key);
    }
    CHECK(std::abs(ChiSquareDeviation(model, keys, 200, rng)) < 5);
  }
}

TEST_CASE("sampling is fair when hashes crowd one corner") {
  Rng rng(20'240'602);
  for (const HashKind kind : {HashKind::kSharedTop, HashKind::kSharedTop20, HashKind::kIdentical}) {
    ItemModel model(kind);
    for (uint64_t key = 0; key < 1'200; ++key) model.Insert(key);
    CHECK(std::abs(ChiSquareDeviation(model, 1'200, 50, rng)) < 5);
  }
}

TEST_CASE("a run gives as many different entries as asked for, or all there are") {
  Rng rng(TestSeed("table runs"));
  for (const uint64_t keys : {1, 8, 100, 3'000}) {
    ItemModel model(HashKind::kGood);
    for (uint64_t key = 0; key < keys; ++key) model.Insert(key);
    for (const size_t wanted : {0, 1, 10, 200, 10'000}) {
      for (int round = 0; round < 20; ++round) {
        std::unordered_set<uint64_t> seen;
        const size_t given = model.table.SampleRun(
            rng, wanted, [&](const Item* item) { REQUIRE(seen.insert(item->key).second); });
        REQUIRE(given == seen.size());
        REQUIRE(given == std::min<size_t>(wanted, keys));
      }
    }
  }
}

TEST_CASE("runs reach all entries about equally") {
  Rng rng(20'240'603);
  ItemModel model(HashKind::kGood);
  const uint64_t keys = 2'000;
  for (uint64_t key = 0; key < keys; ++key) model.Insert(key);
  std::vector<uint64_t> given(keys, 0);
  for (int round = 0; round < 40'000; ++round) {
    model.table.SampleRun(rng, 10, [&](const Item* item) { ++given[item->key]; });
  }
  // 200 on the average; an entry's share follows how its neighbourhood is filled.
  for (uint64_t key = 0; key < keys; ++key) {
    CHECK(given[key] > 60);
    CHECK(given[key] < 700);
  }
}

}  // namespace
}  // namespace torc
