#include "sim/sim_network.h"

namespace torc::sim {

int64_t SimNetwork::Delay(Rng* rng) const {
  // The sum of two uniform draws is close enough to a long-tailed delay and needs no logarithm.
  const auto mean = static_cast<uint64_t>(weather_.delay_us_mean) + 1;
  int64_t delay_us =
      weather_.delay_us_min + static_cast<int64_t>(rng->Below(mean) + rng->Below(mean));
  if (weather_.straggle > 0 && rng->Chance(weather_.straggle)) {
    delay_us +=
        static_cast<int64_t>(rng->Below(static_cast<uint64_t>(weather_.straggle_us_max) + 1));
  }
  return delay_us;
}

}  // namespace torc::sim
