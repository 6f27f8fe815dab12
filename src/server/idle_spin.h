#pragma once

// Whether an idle loop should look again at once or sleep. Sleeping and being woken costs some 10
// to 30 microseconds, most of it on the way of the request that wakes; when requests come closer
// together than that, looking again is cheaper for everybody. So a loop spins while the mean of its
// last pauses is below half of the limit, and never longer than the limit at a time: at worst it
// spends as much as waking would have cost (the ski-rental rule). Below some 50,000 wake-ups a
// second it sleeps as if this did not exist.
//
// Pure: the time comes in. One thread.

#include <algorithm>
#include <cstdint>

namespace torc {

class IdleSpin {
 public:
  // The turn that begins found something to do.
  void WorkBegins(int64_t now_ns, int64_t limit_ns) {
    const int64_t pause_ns =
        std::clamp<int64_t>(now_ns - idle_since_ns_, 0, kPausesSeen * limit_ns);
    mean_pause_ns_ += (pause_ns - mean_pause_ns_) / kPausesSeen;
  }
  // It has nothing left to do.
  void WorkEnds(int64_t now_ns) { idle_since_ns_ = now_ns; }
  // Asked before each wait. A limit of 0: never.
  bool ShouldSpin(int64_t now_ns, int64_t limit_ns) const {
    return mean_pause_ns_ * 2 < limit_ns && now_ns - idle_since_ns_ < limit_ns;
  }

 private:
  static constexpr int64_t kPausesSeen = 8;

  int64_t idle_since_ns_ = 0;
  int64_t mean_pause_ns_ = INT64_MAX / 16;  // none seen yet
};

}  // namespace torc
