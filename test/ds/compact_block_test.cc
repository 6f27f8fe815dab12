// Compact blocks against a vector of strings: random writes to several clones at once, at the
// limits of every encoding.
#include "ds/compact_block.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "ds/table_fixture.h"

namespace torc {
namespace {

using Place = CompactView::Place;

std::vector<std::string> TextsOf(CompactView view) {
  std::vector<std::string> out;
  for (Place at = view.Begin(); at < view.End(); at = view.Next(at)) {
    out.emplace_back(CompactText(view.Get(at)).view());
  }
  return out;
}

CompactBlock BlockOf(const std::vector<std::string>& texts) {
  CompactBlock block;
  for (const std::string& text : texts) block.Append(CompactNeedle(text));
  return block;
}

std::string RandomText(Rng& rng) {
  static constexpr size_t kSizes[] = {0, 1, 2, 20, 95, 96, 97, 255, 256, 4095, 4096, 5000};
  switch (rng.Below(8)) {
    case 0:
      return std::to_string(rng.Between(-200, 200));
    case 1:
      return std::to_string(static_cast<int64_t>(rng.Next()) >> rng.Below(64));
    case 2:
      return "0" + std::to_string(rng.Below(100));
    case 3:
      return std::string(kSizes[rng.Below(std::size(kSizes))], 't');
    case 4:
      return std::string("\0\xff", 2) + std::to_string(rng.Below(5));
    default:
      return "member:" + std::to_string(rng.Below(30));
  }
}

// A block and what it should hold.
struct Modelled {
  CompactBlock block;
  std::vector<std::string> texts;

  void Write(Rng& rng) {
    const auto index = static_cast<uint32_t>(rng.Below(texts.size() + 1));
    const Place at = block.view().At(index);
    const auto place = texts.begin() + index;
    const std::string text = RandomText(rng);
    const bool insert = texts.size() < 5 || (texts.size() < 60 && rng.Below(2) == 0);
    if (insert || index == texts.size()) {
      block.Insert(at, CompactNeedle(text));
      texts.insert(place, text);
    } else if (rng.Below(2) == 0) {
      block.Replace(at, CompactNeedle(text));
      *place = text;
    } else {
      const auto count =
          static_cast<uint32_t>(std::min<size_t>(rng.Below(4), texts.size() - index));
      block.Erase(at, block.view().Skip(at, count), count);
      texts.erase(place, place + count);
    }
  }
  void Check(Rng& rng) const {
    const CompactView view = block.view();
    view.CheckInvariants();
    REQUIRE(view.count() == texts.size());
    REQUIRE(TextsOf(view) == texts);
    const std::string wanted = RandomText(rng);
    const auto found = std::find(texts.begin(), texts.end(), wanted);
    const auto index = static_cast<uint32_t>(found - texts.begin());
    REQUIRE(view.Find(CompactNeedle(wanted)) == view.At(index));
    std::vector<Place> places(view.count());
    view.Places(places.data());
    for (size_t i = 1; i < places.size(); ++i) REQUIRE(view.Before(places[i]) == places[i - 1]);
    if (!places.empty()) REQUIRE(view.Last() == places.back());
  }
};

TEST_CASE("a block and its clones hold what a vector would after any writes") {
  Rng rng(TestSeed("compact_block"));
  std::vector<Modelled> blocks(1);
  const int rounds = kSlowBuild ? 4000 : 20000;
  for (int i = 0; i < rounds; ++i) {
    Modelled& one = blocks[rng.Below(blocks.size())];
    one.Write(rng);
    one.Check(rng);
    if (rng.Below(10) != 0) continue;
    if (blocks.size() < 5) {
      Modelled clone{one.block.Clone(), one.texts};
      blocks.push_back(std::move(clone));
    } else {
      blocks.erase(blocks.begin() + static_cast<int64_t>(rng.Below(blocks.size())));
    }
    for (const Modelled& each : blocks) each.Check(rng);
  }
}

TEST_CASE("integers come back as they were at the limits of every width") {
  std::vector<int64_t> numbers = {
      0, 127, 128, -1, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (int bits = 7; bits < 63; ++bits) {
    const int64_t power = int64_t{1} << bits;
    numbers.insert(numbers.end(), {power - 1, power, -power, -power - 1});
  }
  CompactBlock block;
  for (const int64_t number : numbers) block.Append(CompactNeedle(number));
  block.view().CheckInvariants();
  for (uint32_t i = 0; i < numbers.size(); ++i) {
    const CompactElement element = block.view().Get(block.view().At(i));
    CHECK(element.is_integer);
    CHECK(element.integer == numbers[i]);
    const std::string text = std::to_string(numbers[i]);
    CHECK(block.view().Is(block.view().At(i), CompactNeedle(text)));
  }
}

TEST_CASE("only the canonical form of a number is a number") {
  for (const char* text : {"01", "-0", "+1", " 1", "1 ", "1.0", "", "-", "9223372036854775808"}) {
    const CompactBlock block = BlockOf({text});
    CHECK_FALSE(block.view().Get(0).is_integer);
    CHECK(TextsOf(block.view()) == std::vector<std::string>{text});
  }
}

TEST_CASE("Find with a stride sees only every so-manieth element") {
  const CompactBlock block = BlockOf({"a", "b", "b", "a", "c", "7"});
  const CompactView view = block.view();
  CHECK(view.Find(CompactNeedle("b"), 0, 2) == view.At(2));
  CHECK(view.Find(CompactNeedle("a"), view.At(1), 2) == view.At(3));
  CHECK(view.Find(CompactNeedle("7"), 0, 2) == view.End());
  CHECK(view.Find(CompactNeedle("7"), view.At(1), 2) == view.At(5));
}

TEST_CASE("ranges move between blocks and the tag stays with its block") {
  CompactBlock source = BlockOf({"a", "1", "b", "2", "c", "3"});
  source.set_tag(7);
  CompactBlock target = BlockOf({"x"});
  const CompactView view = source.view();
  target.InsertRange(0, view, view.At(2), view.At(4), 2);
  target.AppendRange(view, view.At(4), view.End(), 2);
  CHECK(TextsOf(target.view()) == std::vector<std::string>{"b", "2", "x", "c", "3"});
  CHECK(target.view().tag() == 0);
  CompactBlock clone = source.Clone();
  clone.set_tag(8);
  CHECK(source.view().tag() == 7);
  CHECK(clone.view().tag() == 8);
  source.Erase(0, source.view().End(), 6);
  CHECK(source.view().count() == 0);
  CHECK(source.view().tag() == 7);
  target.view().CheckInvariants();
  clone.view().CheckInvariants();
}

TEST_CASE("a block that would pass its limit is noticed before") {
  const CompactBlock block = BlockOf({"a"});
  CHECK(block.HasRoom(CompactBlock::kBytesMax - 2));
  CHECK_FALSE(block.HasRoom(CompactBlock::kBytesMax - 1));
  CHECK_FALSE(block.HasRoom(SIZE_MAX));
}

TEST_CASE("ten small integers take 32 bytes") {
  if (kSlowBuild) return;  // sanitizers have no size classes
  CompactBlock block;
  for (int64_t i = 0; i < 10; ++i) block.Append(CompactNeedle(i * 10));
  CHECK(block.view().allocated_bytes() == 32);
}

}  // namespace
}  // namespace torc
