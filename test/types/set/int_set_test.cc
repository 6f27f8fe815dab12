// Sets of integers against std::set, over all widths, with clones.
#include "types/set/int_set.h"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

struct Modelled {
  IntSet numbers;
  std::set<int64_t> expected;

  void Check() const {
    numbers.CheckInvariants();
    REQUIRE(numbers.count() == expected.size());
    uint32_t index = 0;
    for (const int64_t number : expected) REQUIRE(numbers.At(index++) == number);
  }
};

int64_t RandomNumber(Rng& rng) {
  switch (rng.Below(6)) {
    case 0:
      return static_cast<int64_t>(rng.Next()) >> rng.Below(64);
    case 1:
      return rng.Below(2) == 0 ? INT16_MAX : int64_t{INT16_MAX} + 1;
    case 2:
      return rng.Below(2) == 0 ? int64_t{INT32_MIN} - 1 : INT32_MIN;
    default:
      return rng.Between(-40, 40);
  }
}

TEST_CASE("a set of integers and its clones hold what a std::set would after any writes") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Rng rng(seed);
    std::vector<Modelled> sets(1);
    for (int i = 0; i < 1500; ++i) {
      Modelled& one = sets[rng.Below(sets.size())];
      const int64_t number = RandomNumber(rng);
      REQUIRE(one.numbers.Contains(number) == one.expected.contains(number));
      if (rng.Below(2) == 0) {
        REQUIRE(one.numbers.Add(number) == one.expected.insert(number).second);
      } else if (rng.Below(2) == 0) {
        REQUIRE(one.numbers.Remove(number) == (one.expected.erase(number) == 1));
      } else if (!one.expected.empty()) {
        const auto index = static_cast<uint32_t>(rng.Below(one.expected.size()));
        one.expected.erase(one.numbers.At(index));
        one.numbers.RemoveAt(index);
      }
      one.Check();
      if (rng.Below(30) == 0 && sets.size() < 4) {
        Modelled clone{one.numbers.Clone(), one.expected};
        sets.push_back(std::move(clone));
      } else if (rng.Below(60) == 0) {
        sets.erase(sets.begin());
        if (sets.empty()) sets.emplace_back();
      }
    }
    for (const Modelled& each : sets) each.Check();
  }
}

TEST_CASE("numbers at the limits of 64 bits are kept") {
  IntSet numbers;
  CHECK(numbers.Add(std::numeric_limits<int64_t>::max()));
  CHECK(numbers.Add(std::numeric_limits<int64_t>::min()));
  CHECK_FALSE(numbers.Add(std::numeric_limits<int64_t>::min()));
  CHECK(numbers.At(0) == std::numeric_limits<int64_t>::min());
  CHECK(numbers.At(1) == std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace torc
