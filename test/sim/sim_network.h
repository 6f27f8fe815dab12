#pragma once

// The network between simulated nodes. Each message is decided once, when it is sent: lost,
// delivered, or delivered twice, each copy with a delay of its own. Links may be cut in one
// direction only.

#include <array>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "sim/sim_time.h"

namespace torc::sim {

struct Weather {
  int64_t delay_us_min = 100;
  int64_t delay_us_mean = 300;  // above the minimum, exponential
  double loss = 0;
  double duplicate = 0;
  double straggle = 0;               // share of messages that are overtaken by many others
  int64_t straggle_us_max = 50'000;  // how late those are
};

// When copies of one message arrive.
struct Deliveries {
  std::array<int64_t, 2> delay_us{};
  int count = 0;
};

class SimNetwork {
 public:
  explicit SimNetwork(uint32_t node_count)
      : node_count_(node_count), cut_(static_cast<size_t>(node_count) * node_count, 0) {}

  void set_weather(const Weather& weather) { weather_ = weather; }
  const Weather& weather() const { return weather_; }

  // Cuts are counted: a link works again when every fault that cut it has ended.
  void Cut(uint32_t from, uint32_t to) { ++cut_[Link(from, to)]; }
  void Mend(uint32_t from, uint32_t to) { --cut_[Link(from, to)]; }
  bool IsCut(uint32_t from, uint32_t to) const { return cut_[Link(from, to)] > 0; }

  // Decides the fate of one message sent now.
  Deliveries Send(uint32_t from, uint32_t to, Rng* rng) const {
    Deliveries out;
    if (IsCut(from, to) || (weather_.loss > 0 && rng->Chance(weather_.loss))) return out;
    out.delay_us[static_cast<size_t>(out.count++)] = Delay(rng);
    if (weather_.duplicate > 0 && rng->Chance(weather_.duplicate)) {
      out.delay_us[static_cast<size_t>(out.count++)] = Delay(rng);
    }
    return out;
  }
  int64_t Delay(Rng* rng) const;

 private:
  size_t Link(uint32_t from, uint32_t to) const {
    return static_cast<size_t>(from) * node_count_ + to;
  }
  uint32_t node_count_;
  std::vector<int> cut_;
  Weather weather_;
};

}  // namespace torc::sim
