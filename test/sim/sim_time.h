#pragma once

// The simulator's own time line and what each node's clocks make of it.

#include <cstdint>

#include "base/ids.h"

namespace torc::sim {

// Microseconds since the start of a simulation: the truth, which no simulated node can read.
using SimTime = StrongCount<struct SimTimeTag, int64_t>;

inline constexpr SimTime kNever{INT64_MAX};

// One node's clocks. The monotone one has an origin and a rate of its own, both unknown to others;
// it counts while the node is paused. The wall clock may jump at any time.
class NodeClock {
 public:
  NodeClock() = default;
  NodeClock(int64_t origin_us, int64_t rate_ppm, int64_t wall_skew_ms)
      : origin_us_(origin_us), rate_ppm_(rate_ppm), wall_skew_ms_(wall_skew_ms) {}

  MonoUs Mono(SimTime t) const {
    return MonoUs(origin_us_ + t.value() + t.value() / 1'000'000 * rate_ppm_ +
                  t.value() % 1'000'000 * rate_ppm_ / 1'000'000);
  }
  // The true instant at which the monotone clock will show `mono`, within a microsecond or two.
  SimTime TrueTime(MonoUs mono) const {
    const double elapsed_us = static_cast<double>(mono.value() - origin_us_);
    return SimTime(
        static_cast<int64_t>(elapsed_us / (1.0 + static_cast<double>(rate_ppm_) * 1e-6)));
  }
  UnixMs Wall(SimTime t) const { return UnixMs(kWallOriginMs + t.value() / 1000 + wall_skew_ms_); }
  void JumpWall(int64_t by_ms) { wall_skew_ms_ += by_ms; }

 private:
  static constexpr int64_t kWallOriginMs = 1'700'000'000'000;
  int64_t origin_us_ = 0;
  int64_t rate_ppm_ = 0;
  int64_t wall_skew_ms_ = 0;
};

}  // namespace torc::sim
