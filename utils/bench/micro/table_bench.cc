// The table beside absl::flat_hash_set and std::unordered_set, all holding pointers to the same
// entries: a header, a 16-byte key and an 8-byte value in 32 bytes, hashed with the server's hash.
//
//   build/bench/utils/bench/micro/micro_table_bench --benchmark_filter=/1000000
//
// Keys are looked up in an order unrelated to where they lie, so at ten million each look-up misses
// the cache about as often as its structure makes it.

#include <absl/container/flat_hash_set.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "ds/table.h"

namespace torc {
namespace {

constexpr uint64_t kSeed = 42;

struct Key {
  char text[16];
  std::string_view view() const { return {text, sizeof(text)}; }
  uint64_t Hash() const { return HashBytes(view(), kSeed); }
};

Key KeyOf(uint64_t number) {
  Key key;
  for (char& c : key.text) {
    c = static_cast<char>('a' + (number & 15));
    number >>= 4;
  }
  return key;
}

struct Item {
  uint64_t header = 0;
  Key key;
  uint64_t value = 0;
};

struct ItemTraits {
  using Entry = Item;
  uint64_t Hash(const Item* item) const { return item->key.Hash(); }
  uint64_t Rank(const Item* item) const { return item->value == 0 ? kNoRank : item->value; }
};

bool Same(const Key& a, const Key& b) {
  return std::memcmp(a.text, b.text, sizeof(a.text)) == 0;
}

struct ItemHash {
  using is_transparent = void;
  size_t operator()(const Item* item) const { return item->key.Hash(); }
  size_t operator()(const Key& key) const { return key.Hash(); }
};
struct ItemEqual {
  using is_transparent = void;
  bool operator()(const Item* a, const Item* b) const { return Same(a->key, b->key); }
  bool operator()(const Key& a, const Item* b) const { return Same(a, b->key); }
  bool operator()(const Item* a, const Key& b) const { return Same(a->key, b); }
};

// One face for the three.
struct Torc {
  void Insert(Item* item) { table.Insert(item->key.Hash(), item); }
  Item* Find(const Key& key) const {
    const auto slot = Slot(key, key.Hash());
    return slot ? slot.entry() : nullptr;
  }
  void Erase(const Key& key) {
    const uint64_t hash = key.Hash();
    table.Erase(Slot(key, hash), hash);
  }
  Table<ItemTraits>::Slot Slot(const Key& key, uint64_t hash) const {
    return table.Find(hash, [&](const Item* item) { return Same(item->key, key); });
  }
  Table<ItemTraits> table;
};

template <class Set>
struct Std {
  void Insert(Item* item) { set.insert(item); }
  Item* Find(const Key& key) const {
    const auto it = set.find(key);
    return it == set.end() ? nullptr : *it;
  }
  void Erase(const Key& key) { set.erase(set.find(key)); }
  Set set;
};
using Flat = Std<absl::flat_hash_set<Item*, ItemHash, ItemEqual>>;
using Unordered = Std<std::unordered_set<Item*, ItemHash, ItemEqual>>;

std::unique_ptr<Item[]> MakeItems(uint64_t count) {
  auto items = std::make_unique<Item[]>(count);
  for (uint64_t i = 0; i < count; ++i) items[i].key = KeyOf(i);
  return items;
}

template <class Set>
void FillWith(Set& set, Item* items, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) set.Insert(items + i);
}

template <class Set>
void BM_FindHit(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Set set;
  FillWith(set, items.get(), count);
  Rng rng(1);
  for (auto _ : state) benchmark::DoNotOptimize(set.Find(KeyOf(rng.Below(count))));
}

template <class Set>
void BM_FindMiss(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Set set;
  FillWith(set, items.get(), count);
  Rng rng(1);
  for (auto _ : state) benchmark::DoNotOptimize(set.Find(KeyOf(count + rng.Below(count))));
}

// Batches of 16 with the three stages of prefetch that a pipeline of commands allows.
void BM_FindHitBatch(benchmark::State& state) {
  constexpr size_t kBatch = 16;
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Torc set;
  FillWith(set, items.get(), count);
  Rng rng(1);
  while (state.KeepRunningBatch(kBatch)) {
    Key keys[kBatch];
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < kBatch; ++i) {
      keys[i] = KeyOf(rng.Below(count));
      hashes[i] = keys[i].Hash();
      set.table.Prefetch(hashes[i]);
    }
    for (const uint64_t hash : hashes) set.table.PrefetchEntry(hash);
    for (size_t i = 0; i < kBatch; ++i)
      benchmark::DoNotOptimize(set.Slot(keys[i], hashes[i]).entry());
  }
}

// From nothing to `count`: one iteration is the whole growth. Items are inserted in the order of
// their memory, which flatters the rehashing of all three.
template <class Set>
void BM_Grow(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  std::vector<uint32_t> order(count);
  for (uint64_t i = 0; i < count; ++i) order[i] = static_cast<uint32_t>(i);
  Rng rng(1);
  for (uint64_t i = count; i > 1; --i) std::swap(order[i - 1], order[rng.Below(i)]);
  for (auto _ : state) {
    Set set;
    for (const uint32_t i : order) set.Insert(items.get() + i);
    benchmark::DoNotOptimize(&set);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// At a constant size one entry leaves and another comes.
template <class Set>
void BM_Churn(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(2 * count);
  Set set;
  FillWith(set, items.get(), count);
  std::vector<uint32_t> in(count), out(count);
  for (uint64_t i = 0; i < count; ++i) {
    in[i] = static_cast<uint32_t>(i);
    out[i] = static_cast<uint32_t>(count + i);
  }
  Rng rng(1);
  for (auto _ : state) {
    uint32_t& leaves = in[rng.Below(count)];
    uint32_t& comes = out[rng.Below(count)];
    set.Erase(items[leaves].key);
    set.Insert(items.get() + comes);
    std::swap(leaves, comes);
  }
}

void BM_Scan(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Torc set;
  FillWith(set, items.get(), count);
  uint64_t cursor = 0;
  uint64_t visited = 0;
  for (auto _ : state) cursor = set.table.Scan(cursor, [&](const Item*) { ++visited; });
  state.SetItemsProcessed(static_cast<int64_t>(visited));
}

void BM_Sample(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Torc set;
  FillWith(set, items.get(), count);
  Rng rng(1);
  for (auto _ : state) benchmark::DoNotOptimize(set.table.Sample(rng));
}

void BM_SampleRun16(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto items = MakeItems(count);
  Torc set;
  FillWith(set, items.get(), count);
  Rng rng(1);
  for (auto _ : state) {
    set.table.SampleRun(rng, 16, [](const Item* item) { benchmark::DoNotOptimize(item); });
  }
}

// Iterations are fixed, so that a set of ten million is built once.
void Sizes(benchmark::internal::Benchmark* bench) {
  for (const int64_t count : {1'000, 1'000'000, 10'000'000}) bench->Arg(count);
  bench->Iterations(4'000'000);
}
void Growths(benchmark::internal::Benchmark* bench) {
  for (const int64_t count : {1'000'000, 10'000'000}) bench->Arg(count);
  bench->Iterations(1)->Unit(benchmark::kMillisecond);
}

BENCHMARK_TEMPLATE(BM_FindHit, Torc)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_FindHit, Flat)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_FindHit, Unordered)->Apply(Sizes);
BENCHMARK(BM_FindHitBatch)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_FindMiss, Torc)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_FindMiss, Flat)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_FindMiss, Unordered)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Grow, Torc)->Apply(Growths);
BENCHMARK_TEMPLATE(BM_Grow, Flat)->Apply(Growths);
BENCHMARK_TEMPLATE(BM_Grow, Unordered)->Apply(Growths);
BENCHMARK_TEMPLATE(BM_Churn, Torc)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Churn, Flat)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Churn, Unordered)->Apply(Sizes);
BENCHMARK(BM_Scan)->Apply(Sizes);
BENCHMARK(BM_Sample)->Apply(Sizes);
BENCHMARK(BM_SampleRun16)->Apply(Sizes);

}  // namespace
}  // namespace torc

BENCHMARK_MAIN();
