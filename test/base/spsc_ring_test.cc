#include "base/spsc_ring.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <thread>

namespace torc {
namespace {

TEST_CASE("a ring takes as many items as it has places, and gives them back in order") {
  SpscRing<int, 4> ring;
  int item = 0;
  CHECK(ring.empty());
  CHECK_FALSE(ring.Take(&item));
  for (int i = 0; i < 4; ++i) CHECK(ring.Put(i));
  CHECK_FALSE(ring.Put(4));
  CHECK(ring.size() == 4);
  CHECK(ring.Take(&item));
  CHECK(item == 0);
  CHECK(ring.Put(4));
  CHECK_FALSE(ring.Put(5));
  for (int i = 1; i < 5; ++i) {
    REQUIRE(ring.Take(&item));
    CHECK(item == i);
  }
  CHECK(ring.empty());
}

TEST_CASE("what one thread puts in another takes out: all of it, once, in order") {
  constexpr size_t kItems = 200000;
  SpscRing<size_t, 64> ring;
  std::thread producer([&ring] {
    for (size_t i = 0; i < kItems;) {
      if (ring.Put(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  size_t in_order = 0;
  for (size_t taken = 0; taken < kItems;) {
    size_t item = 0;
    if (!ring.Take(&item)) {
      std::this_thread::yield();
      continue;
    }
    in_order += item == taken ? 1 : 0;
    ++taken;
  }
  producer.join();
  CHECK(in_order == kItems);
  CHECK(ring.empty());
}

}  // namespace
}  // namespace torc
