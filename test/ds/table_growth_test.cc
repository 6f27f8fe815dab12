// Growing and shrinking: each step's work is bounded however large the table is, and memory stays
// within the budget that table.h writes down.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>

#include "base/memory.h"
#include "ds/table_fixture.h"

namespace torc {
namespace {

// Entries that are nothing but their address: ten million of them need no memory of their own.
struct Number;
struct NumberTraits {
  using Entry = Number;
  static uint64_t HashNumber(uint64_t number) { return Mix(number * 8 + 0x9e3779b97f4a7c15ULL); }
  uint64_t Hash(const Number* number) const {
    return HashNumber(reinterpret_cast<uint64_t>(number) / 8);
  }
  uint64_t Rank(const Number* number) const {
    const uint64_t value = reinterpret_cast<uint64_t>(number) / 8;
    return value % 4 == 0 ? value : kNoRank;
  }
};
using NumberTable = Table<NumberTraits>;

void Insert(NumberTable& table, uint64_t number) {
  auto* const entry = std::bit_cast<Number*>(number * 8);
  const uint64_t hash = NumberTraits::HashNumber(number);
  table.Insert(hash, entry);
  if (number % 4 == 0) table.NoteRank(hash, number);
}

NumberTable::Slot Find(const NumberTable& table, uint64_t number) {
  return table.Find(NumberTraits::HashNumber(number), [number](const Number* entry) {
    return reinterpret_cast<uint64_t>(entry) == number * 8;
  });
}

constexpr uint64_t kNumbers = kSlowBuild ? 1'000'000 : 10'000'000;
// A split moves 527 entries; the root writes 4096 words when it doubles for the last time.
constexpr uint32_t kWorkMax = 527 + 4'096 + 64;

TEST_CASE("growing to ten million entries, and shrinking to none, each step does bounded work") {
  NumberTable table;
  uint32_t worst = 0;
  uint64_t total = 0;
  for (uint64_t number = 1; number <= kNumbers; ++number) {
    Insert(table, number);
    worst = std::max(worst, table.last_operation_work());
    total += table.last_operation_work();
  }
  CHECK(table.size() == kNumbers);
  CHECK(worst <= kWorkMax);
  CHECK(worst >= 527);
  CHECK(total / kNumbers < 10);
  MESSAGE("inserts: worst work " << worst << ", mean "
                                 << static_cast<double>(total) / static_cast<double>(kNumbers));
  uint64_t lost = 0;
  for (uint64_t number = 1; number <= kNumbers; number += 101) lost += Find(table, number) ? 0 : 1;
  CHECK(lost == 0);
  CHECK(table.least_rank() == 4);

  worst = 0;
  total = 0;
  for (uint64_t number = 1; number <= kNumbers; ++number) {
    const auto slot = Find(table, number);
    REQUIRE(slot);
    table.Erase(slot, NumberTraits::HashNumber(number));
    worst = std::max(worst, table.last_operation_work());
    total += table.last_operation_work();
    if (number % (kNumbers / 10) == 0 && table.size() < 200'000) table.CheckInvariants();
  }
  CHECK(table.size() == 0);
  CHECK(table.size_bytes() == 0);
  CHECK(worst <= kWorkMax);
  CHECK(total / kNumbers < 10);
  MESSAGE("erases: worst work " << worst << ", mean "
                                << static_cast<double>(total) / static_cast<double>(kNumbers));
}

TEST_CASE("memory per entry stays within the budget at all sizes") {
  NumberTable table;
  double sum = 0;
  double worst = 0;
  int samples = 0;
  uint64_t next_sample = 2'000;
  for (uint64_t number = 1; number <= kNumbers; ++number) {
    Insert(table, number);
    if (number != next_sample) continue;
    next_sample += next_sample / 50;
    const double each = static_cast<double>(table.size_bytes()) / static_cast<double>(number);
    sum += each;
    worst = std::max(worst, each);
    ++samples;
  }
  MESSAGE("bytes per entry: mean " << sum / samples << ", worst " << worst);
  CHECK(sum / samples < 9.5);
  CHECK(worst < 12);
}

TEST_CASE("a table with room reserved takes that many entries and hardly grows") {
  for (const size_t count : {1U, 200U, 5'000U, 200'000U}) {
    CAPTURE(count);
    NumberTable table;
    table.Reserve(count);
    const size_t reserved_bytes = table.size_bytes();
    CHECK(static_cast<double>(reserved_bytes) < 1000 + 14.0 * static_cast<double>(count));
    for (uint64_t number = 1; number <= count; ++number) Insert(table, number);
    table.CheckInvariants();
    CHECK(table.size() == count);
    const double grown = static_cast<double>(table.size_bytes());
    CHECK(grown < 1.05 * static_cast<double>(reserved_bytes) + 1000);
    // Less than there are: nothing happens.
    table.Reserve(count / 2);
    CHECK(static_cast<double>(table.size_bytes()) == grown);
    for (uint64_t number = 1; number <= count; ++number) {
      table.Erase(Find(table, number), NumberTraits::HashNumber(number));
    }
    table.CheckInvariants();
    CHECK(table.size_bytes() < 1000 + reserved_bytes / 10);
  }
}

TEST_CASE("room can be made for entries that come to others, and what never comes is given back") {
  for (const size_t count : {1U, 40U, 5'000U, 100'000U}) {
    CAPTURE(count);
    NumberTable table;
    for (uint64_t number = 1; number <= count; ++number) Insert(table, number);
    const size_t grown_bytes = table.size_bytes();
    table.Reserve(4 * count);
    table.CheckInvariants();
    CHECK(table.size() == count);
    const size_t reserved_bytes = table.size_bytes();
    for (uint64_t number = count + 1; number <= 4 * count; ++number) Insert(table, number);
    table.CheckInvariants();
    CHECK(static_cast<double>(table.size_bytes()) <
          1.05 * static_cast<double>(reserved_bytes) + 1000);
    for (uint64_t number = 1; number <= 4 * count; ++number) CHECK(Find(table, number));
    table.Reserve(40 * count);
    CHECK(table.size_bytes() > 2 * reserved_bytes);
    table.Trim();
    table.CheckInvariants();
    CHECK(static_cast<double>(table.size_bytes()) < 6 * static_cast<double>(grown_bytes) + 1000);
    for (uint64_t number = 1; number <= 4 * count; ++number) CHECK(Find(table, number));
  }
}

TEST_CASE("small tables cost little: nine entries two cache lines, a hundred about a kilobyte") {
  NumberTable table;
  CHECK(table.size_bytes() == 0);
  for (uint64_t number = 1; number <= 1'000; ++number) {
    Insert(table, number);
    // Ranks need a heap of one segment.
    const size_t table_bytes = table.size_bytes() - (number >= 4 ? 128 : 0);
    if (number <= 9) CHECK(table_bytes <= 128);
    if (number == 10) CHECK(table_bytes <= 192);
    if (number <= 400) CHECK(table_bytes <= 192 + number * 14);
  }
}

TEST_CASE("a table that lost most entries gives memory back, and does not flap at a boundary") {
  NumberTable table;
  for (uint64_t number = 1; number <= 100'000; ++number) Insert(table, number);
  const size_t full_bytes = table.size_bytes();
  for (uint64_t number = 1; number <= 90'000; ++number) {
    table.Erase(Find(table, number), NumberTraits::HashNumber(number));
  }
  CHECK(table.size_bytes() < full_bytes / 10 * 2);
  table.CheckInvariants();
  // One entry coming and going costs nothing but itself, wherever the table stands.
  for (uint64_t number = 90'001; number <= 100'000; ++number) {
    table.Erase(Find(table, number), NumberTraits::HashNumber(number));
    Insert(table, number);
    Insert(table, 200'000);
    table.Erase(Find(table, 200'000), NumberTraits::HashNumber(200'000));
    uint32_t work = 0;
    for (int again = 0; again < 3; ++again) {
      Insert(table, 200'000);
      work += table.last_operation_work();
      table.Erase(Find(table, 200'000), NumberTraits::HashNumber(200'000));
      work += table.last_operation_work();
    }
    REQUIRE(work == 0);
  }
}

TEST_CASE("size_bytes is what the allocator was asked for") {
  if (kSlowBuild) return;
  const size_t before = AllocatedBytes();
  NumberTable table;
  for (uint64_t number = 1; number <= 500'000; ++number) Insert(table, number);
  const auto measured = static_cast<double>(AllocatedBytes() - before);
  const auto told = static_cast<double>(table.size_bytes());
  CHECK(measured > told * 0.97);
  CHECK(measured < told * 1.03);
}

TEST_CASE(
    "hashes that share all their first bits bound each step's work as well, until one segment "
    "holds them") {
  ItemModel model(HashKind::kSharedTop);
  uint32_t worst = 0;
  for (uint64_t key = 0; key < 527; ++key) model.Insert(key);
  model.Insert(527);
  worst = model.table.last_operation_work();
  // One insert splits the same entries at each depth, and makes the root and one branch as deep as
  // they go.
  CHECK(worst < 25 * 527 + 4 * 4'096 * 2);
  model.table.CheckInvariants();
}

}  // namespace
}  // namespace torc
