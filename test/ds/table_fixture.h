#pragma once

// What the tests of the table share: entries with a number for a key, hashes good and bad, and
// seeds.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <unordered_map>

#include "base/rng.h"
#include "ds/table.h"

namespace torc {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSlowBuild = true;
#else
inline constexpr bool kSlowBuild = false;
#endif

// TORC_SEED from the environment, or a fresh one; printed, so that a failure can be run again.
inline uint64_t TestSeed(const char* test) {
  const char* given = std::getenv("TORC_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("%s: TORC_SEED=%llu\n", test, static_cast<unsigned long long>(seed));
  return seed;
}

struct Item {
  uint64_t key = 0;
  uint64_t rank = kNoRank;
};

// How an item's key becomes its hash.
enum class HashKind {
  kGood,         // as random as a hash should be
  kSharedTop,    // the first 40 bits are all the same
  kSharedTop20,  // the first 20 bits: deeper than the root, but the table can still split
  kFewValues,    // seven different hashes
  kIdentical,    // one hash for everything
  kAscending,    // the key in the top bits: neighbours stay neighbours
};

inline uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

struct ItemTraits {
  using Entry = Item;
  HashKind kind = HashKind::kGood;

  uint64_t HashKey(uint64_t key) const {
    const uint64_t mixed = Mix(key + 0x9e3779b97f4a7c15ULL);
    switch (kind) {
      case HashKind::kGood:
        return mixed;
      case HashKind::kSharedTop:
        return 0xabcdef0123ULL << 24 | mixed >> 40;
      case HashKind::kSharedTop20:
        return 0xabcdeULL << 44 | mixed >> 20;
      case HashKind::kFewValues:
        return Mix(mixed % 7);
      case HashKind::kIdentical:
        return 0x123456789abcdef0ULL;
      case HashKind::kAscending:
        return key << 40;
    }
    return 0;
  }
  uint64_t Hash(const Item* item) const { return HashKey(item->key); }
  uint64_t Rank(const Item* item) const { return item->rank; }
};

using ItemTable = Table<ItemTraits>;

// A table beside the std container that says what it must hold. Owns the items.
class ItemModel {
 public:
  explicit ItemModel(HashKind kind) : table(ItemTraits{kind}) {}
  ~ItemModel() {
    for (const auto& [key, item] : items) delete item;
  }

  uint64_t HashKey(uint64_t key) const { return table.traits().HashKey(key); }
  ItemTable::Slot Find(uint64_t key) const {
    return table.Find(HashKey(key), [key](const Item* item) { return item->key == key; });
  }
  void Insert(uint64_t key, uint64_t rank = kNoRank) {
    auto* item = new Item{key, rank};
    items.emplace(key, item);
    table.Insert(HashKey(key), item);
    if (rank != kNoRank) table.NoteRank(HashKey(key), rank);
  }
  void Erase(uint64_t key) {
    Item* const item = table.Erase(Find(key), HashKey(key));
    items.erase(key);
    delete item;
  }
  // A new item takes the place of the old one.
  void Replace(uint64_t key) {
    Item*& item = items.at(key);
    auto* moved = new Item(*item);
    table.Replace(Find(key), moved);
    delete item;
    item = moved;
  }

  ItemTable table;
  std::unordered_map<uint64_t, Item*> items;
};

}  // namespace torc
