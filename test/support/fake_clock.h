#pragma once

// A clock that stands still until a test moves it.

#include <cstdint>

#include "torc/env.h"

namespace torc {

class FakeClock final : public Clock {
 public:
  int64_t WallMs() override { return wall_us_ / 1000; }
  int64_t WallUs() override { return wall_us_; }
  // Each reading advances by the step: so a command, which is timed by two readings, seems to take
  // one.
  int64_t MonoNs() override { return mono_ns_ += mono_step_ns_; }

  void AdvanceMs(int64_t ms) {
    wall_us_ += ms * 1000;
    mono_ns_ += ms * 1000000;
  }
  void SetMonoStepNs(int64_t step_ns) { mono_step_ns_ = step_ns; }

 private:
  int64_t wall_us_ = 1'700'000'000'000'000;
  int64_t mono_ns_ = 0;
  int64_t mono_step_ns_ = 1000;
};

}  // namespace torc
