#pragma once

// The real clock and the real entropy.

#include <cstdint>

#include "torc/env.h"

namespace torc {

// MonoNs reads the processor's counter where it is invariant and its rate is known (measured once,
// at construction, over a few milliseconds), else the system's monotone clock.
class SystemClock final : public Clock {
 public:
  SystemClock();
  int64_t WallMs() override;
  int64_t WallUs() override;
  int64_t MonoNs() override;

 private:
  double ns_per_tick_ = 0;  // 0: no usable counter
  uint64_t first_tick_ = 0;
  int64_t first_ns_ = 0;
};

class SystemEntropy final : public Entropy {
 public:
  uint64_t Seed() override;
};

}  // namespace torc
