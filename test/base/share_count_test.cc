// Counts of owners: by one thread against what they should be, by two against each other.
#include "base/share_count.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace torc {
namespace {

TEST_CASE("the last owner is told so, and the count stays one") {
  uint16_t count = 1;
  CHECK(ShareCount::IsOne(count));
  ShareCount::Add(count);
  ShareCount::Add(count, uint16_t{2});
  CHECK(ShareCount::Owners(count) == 4);
  for (int left = 3; left > 0; --left) {
    CHECK_FALSE(ShareCount::IsOne(count));
    CHECK_FALSE(ShareCount::Drop(count));
    CHECK(count == left);
  }
  CHECK(ShareCount::Drop(count));
  CHECK(count == 1);
}

TEST_CASE("of many owners on two threads exactly one is the last") {
  constexpr int kRounds = 2000;
  constexpr uint32_t kOwners = 50;
  for (int round = 0; round < kRounds; ++round) {
    uint32_t count = 2 * kOwners;
    std::vector<int> last(2, 0);
    const auto drop_all = [&count, &last](size_t thread) {
      for (uint32_t i = 0; i < kOwners; ++i) last[thread] += ShareCount::Drop(count) ? 1 : 0;
    };
    std::thread other(drop_all, 1);
    drop_all(0);
    other.join();
    REQUIRE(last[0] + last[1] == 1);
  }
}

}  // namespace
}  // namespace torc
