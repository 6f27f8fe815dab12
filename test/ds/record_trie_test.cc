// The trie of records against a std::map: random writes to several clones at once, ranks, scans
// under mutation, fair choice, memory.
#include "ds/record_trie.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

using Place = RecordView::Place;

struct Content {
  std::string value;
  int64_t rank = kUnranked;
  bool operator==(const Content&) const = default;
};

std::string TextOf(const CompactElement& element) {
  return std::string(CompactText(element).view());
}

std::string RandomKey(Rng& rng, uint64_t names) {
  const uint64_t number = rng.Below(names);
  if (number % 3 == 0) return std::to_string(number);
  if (number % 50 == 1) return std::string(300, 'k') + std::to_string(number);
  return "key:" + std::to_string(number);
}

std::string RandomValue(Rng& rng) {
  if (rng.Below(40) == 0) return std::string(400 + rng.Below(600), 'v');
  return std::to_string(rng.Below(100000));
}

// A trie and what it should hold.
struct Modelled {
  RecordTrie trie;
  std::map<std::string, Content> records;

  void Write(Rng& rng, uint64_t names, bool shrinking) {
    const std::string key = RandomKey(rng, names);
    const std::string value = RandomValue(rng);
    const CompactNeedle value_needle(value);
    const CompactNeedle needle(key);
    switch (shrinking ? 5 + rng.Below(3) : rng.Below(8)) {
      case 0:
      case 1:
        REQUIRE(trie.Add(needle, &value_needle) == !records.contains(key));
        records.try_emplace(key, Content{value});
        break;
      case 2:
        REQUIRE(trie.Put(needle, value_needle, RecordTrie::KeepRank::kNo) ==
                !records.contains(key));
        records[key] = {value};
        break;
      case 3:
        REQUIRE(trie.Put(needle, value_needle, RecordTrie::KeepRank::kYes) ==
                !records.contains(key));
        records[key].value = value;
        break;
      case 4: {
        const auto rank = static_cast<int64_t>(rng.Below(1000));
        REQUIRE(trie.SetRank(needle, rank) == records.contains(key));
        if (records.contains(key)) records[key].rank = rank;
        break;
      }
      case 5:
        REQUIRE(trie.Erase(needle) == (records.erase(key) == 1));
        break;
      case 6:
        EraseAnywhere(rng);
        break;
      default:
        if (rng.Below(20) == 0) TakeDue(rng);
        break;
    }
  }
  void EraseAnywhere(Rng& rng) {
    if (records.empty()) return;
    const uint64_t position = rng.Below(trie.size());
    const std::string key = TextOf(trie.At(position).key());
    REQUIRE(records.erase(key) == 1);
    trie.EraseAt(position);
  }
  void TakeDue(Rng& rng) {
    const auto limit = static_cast<int64_t>(rng.Below(200));
    const size_t budget = rng.Below(30);
    const size_t taken = trie.TakeDue(limit, budget, [&](const CompactElement& key) {
      const auto it = records.find(TextOf(key));
      REQUIRE(it != records.end());
      REQUIRE(it->second.rank != kUnranked);
      REQUIRE(it->second.rank < limit);
      records.erase(it);
    });
    if (taken >= budget) return;
    for (const auto& [key, content] : records) {
      REQUIRE((content.rank == kUnranked || content.rank >= limit));
    }
  }
  void Check() const {
    trie.CheckInvariants();
    REQUIRE(trie.size() == records.size());
    std::map<std::string, Content> found;
    trie.ForEach([&](RecordView leaf, Place at) {
      found[TextOf(leaf.Key(at))] = {TextOf(leaf.Value(at)), leaf.Rank(at)};
      return true;
    });
    REQUIRE(found == records);
  }
  void CheckOne(Rng& rng, uint64_t names) const {
    const std::string key = RandomKey(rng, names);
    const RecordTrie::Record record = trie.Find(CompactNeedle(key));
    REQUIRE(static_cast<bool>(record) == records.contains(key));
    if (!record) return;
    REQUIRE(TextOf(record.key()) == key);
    REQUIRE(TextOf(record.value()) == records.at(key).value);
    REQUIRE(record.rank() == records.at(key).rank);
  }
};

TEST_CASE("a trie and its clones hold what a map would after any writes") {
  const uint64_t seed = TestSeed("record_trie");
  for (const uint64_t names : {20, 300, 5000}) {
    Rng rng(seed + names);
    std::vector<Modelled> tries;
    tries.push_back({RecordTrie(rng.Next()), {}});
    const int rounds = kSlowBuild ? 6000 : 60000;
    for (int i = 0; i < rounds; ++i) {
      Modelled& one = tries[rng.Below(tries.size())];
      one.Write(rng, names, (i / 4000) % 3 == 2);
      one.CheckOne(rng, names);
      if (rng.Below(500) != 0) continue;
      if (tries.size() < 4) {
        Modelled clone{one.trie.Clone(), one.records};
        tries.push_back(std::move(clone));
      } else {
        const auto victim = static_cast<int64_t>(rng.Below(tries.size()));
        if (rng.Below(2) == 0) {
          while (tries[static_cast<size_t>(victim)].trie.FreeSome(7)) {
          }
        }
        tries.erase(tries.begin() + victim);
      }
      for (const Modelled& each : tries) each.Check();
    }
  }
}

TEST_CASE("a scan sees every record that is there all the time, whatever comes and goes") {
  Rng rng(TestSeed("record_trie_scan"));
  for (int round = 0; round < 60; ++round) {
    RecordTrie trie(rng.Next());
    const uint64_t stable = rng.Below(800);
    for (uint64_t i = 0; i < stable; ++i) {
      trie.Add(CompactNeedle("stable:" + std::to_string(i)), nullptr);
    }
    const uint64_t names = 1 + rng.Below(3000);
    const bool growing = rng.Below(2) == 0;
    for (uint64_t i = 0; !growing && i < names; ++i) {
      trie.Add(CompactNeedle(std::to_string(i)), nullptr);
    }
    std::set<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = trie.Scan(cursor, [&](RecordView leaf, Place at) {
        seen.insert(TextOf(leaf.Key(at)));
        return true;
      });
      REQUIRE(cursor < uint64_t{1} << 52);
      for (int i = 0; i < 40; ++i) {
        const std::string name = std::to_string(rng.Below(names));
        if (growing) {
          trie.Add(CompactNeedle(name), nullptr);
        } else {
          trie.Erase(CompactNeedle(name));
        }
      }
    } while (cursor != 0);
    for (uint64_t i = 0; i < stable; ++i) REQUIRE(seen.contains("stable:" + std::to_string(i)));
  }
}

TEST_CASE("each cursor of a walk without writes gives new records, and any number is a cursor") {
  RecordTrie trie(5);
  for (int i = 0; i < 3000; ++i) trie.Add(CompactNeedle(std::to_string(i)), nullptr);
  std::set<std::string> seen;
  uint64_t cursor = 0;
  do {
    cursor = trie.Scan(cursor, [&](RecordView leaf, Place at) {
      CHECK(seen.insert(TextOf(leaf.Key(at))).second);
      return true;
    });
  } while (cursor != 0);
  CHECK(seen.size() == 3000);
  for (const uint64_t odd : {uint64_t{1}, uint64_t{12345}, ~uint64_t{0}, uint64_t{1} << 51}) {
    CHECK(trie.Scan(odd, [](RecordView, Place) { return true; }) < uint64_t{1} << 52);
  }
}

TEST_CASE("positions are a permutation of the records, in the order of a walk") {
  RecordTrie trie(9);
  for (int i = 0; i < 2000; ++i) trie.Add(CompactNeedle("m" + std::to_string(i)), nullptr);
  uint64_t position = 0;
  trie.ForEach([&](RecordView leaf, Place at) {
    const RecordTrie::Record record = trie.At(position++);
    CHECK(TextOf(record.key()) == TextOf(leaf.Key(at)));
    return true;
  });
  CHECK(position == 2000);
}

TEST_CASE("a write to a clone copies a path, not the trie") {
  RecordTrie trie(3);
  for (int i = 0; i < 100000; ++i) trie.Add(CompactNeedle(std::to_string(i)), nullptr);
  RecordTrie clone = trie.Clone();
  clone.Erase(CompactNeedle("77"));
  clone.Add(CompactNeedle("new"), nullptr);
  trie.CheckInvariants();
  clone.CheckInvariants();
  CHECK(trie.Find(CompactNeedle("77")));
  CHECK_FALSE(trie.Find(CompactNeedle("new")));
  CHECK_FALSE(clone.Find(CompactNeedle("77")));
  CHECK(clone.size() == 100000);
}

TEST_CASE("a clone that is drained gives every record once and frees its original's nodes") {
  RecordTrie trie(3);
  for (int i = 0; i < 20000; ++i) trie.Add(CompactNeedle("m" + std::to_string(i)), nullptr);
  RecordTrie clone = trie.Clone();
  std::set<std::string> seen;
  Rng rng(TestSeed("record_trie_drain"));
  int step = 0;
  while (clone.DrainSome(
      100, [&](RecordView leaf, Place at) { CHECK(seen.insert(TextOf(leaf.Key(at))).second); })) {
    trie.Erase(CompactNeedle("m" + std::to_string(rng.Below(20000))));
    trie.Add(CompactNeedle("n" + std::to_string(rng.Below(20000))), nullptr);
    if (++step % 50 == 0) trie.CheckInvariants();
  }
  CHECK(seen.size() == 20000);
  CHECK(clone.size() == 0);
  trie.CheckInvariants();
}

TEST_CASE("memory beyond the elements stays within the budget") {
  if (kSlowBuild) return;  // sanitizers have no size classes
  const std::string value(10, 'v');
  const CompactNeedle value_needle(value);
  for (const int count : {1000, 10000, 100000, 300000, 1000000}) {
    RecordTrie trie(1);
    size_t payload = 0;
    for (int i = 0; i < count; ++i) {
      const std::string key = "field:" + std::to_string(i);
      payload += key.size() + value.size();
      trie.Add(CompactNeedle(key), &value_needle);
    }
    const double beyond = static_cast<double>(trie.size_bytes() - payload) / count;
    MESSAGE(count << " records: " << beyond << " bytes each beyond payload");
    CHECK(beyond < 20);
  }
}

}  // namespace
}  // namespace torc
