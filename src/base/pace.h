#pragma once

// Pace: what a loop over a large structure tells of its work, so that somebody may let others run
// in between. A unit is some ten nanoseconds: an element of a list compared, an eighth of a step in
// a tree. Telling costs a subtraction.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "base/memory.h"

namespace torc {

class Pace {
 public:
  // So much work was done. Others may have run when it returns: what the caller holds of the data
  // set is valid only as far as it knows that they leave it alone.
  void Step(uint64_t units) {
    left_ -= static_cast<int64_t>(units);
    if (left_ < 0) [[unlikely]]
      left_ = Rest();
  }

 protected:
  Pace() = default;
  ~Pace() = default;
  // Units until it is asked again.
  virtual int64_t Rest() = 0;

  int64_t left_ = 0;
};

// Gives back the pages of a large block that is about to be freed, bit by bit from its end: freeing
// it is quick then.
inline void DiscardInSlices(void* block, size_t size_bytes, Pace& pace) {
  constexpr size_t kSliceBytes = size_t{128} << 10;
  constexpr uint64_t kUnits = 1500;
  if (size_bytes < kPurgedWhenFreedBytes) return;
  auto* const begin = static_cast<char*>(block);
  while (size_bytes > 0) {
    const size_t left = size_bytes - std::min(size_bytes, kSliceBytes);
    DiscardPages(begin + left, begin + size_bytes);
    size_bytes = left;
    pace.Step(kUnits);
  }
}

// Frees items, and the room they took, bit by bit.
template <class Item>
void FreeInSlices(std::vector<Item>& items, Pace& pace) {
  if constexpr (std::is_trivially_destructible_v<Item>) {
    items.clear();
  } else {
    constexpr uint64_t kUnits = 3;
    while (!items.empty()) {
      items.pop_back();
      pace.Step(kUnits);
    }
  }
  DiscardInSlices(items.data(), items.capacity() * sizeof(Item), pace);
  items = {};
}

// Of work that is never interrupted.
class SteadyPace final : public Pace {
 private:
  int64_t Rest() override { return std::numeric_limits<int64_t>::max(); }
};

}  // namespace torc
