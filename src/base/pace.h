#pragma once

// Pace: what a loop over a large structure tells of its work, so that somebody may let others run
// in between. A unit is some ten nanoseconds: an element of a list compared, an eighth of a step in
// a tree. Telling costs a subtraction.

#include <cstdint>
#include <limits>
#include <vector>

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

// Frees items bit by bit.
template <class Item>
void FreeInSlices(std::vector<Item>& items, Pace& pace) {
  constexpr uint64_t kUnits = 3;
  while (!items.empty()) {
    items.pop_back();
    pace.Step(kUnits);
  }
}

// Of work that is never interrupted.
class SteadyPace final : public Pace {
 private:
  int64_t Rest() override { return std::numeric_limits<int64_t>::max(); }
};

}  // namespace torc
