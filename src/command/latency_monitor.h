#pragma once

// The latency monitor: what took longer than latency-monitor-threshold, by event ("command",
// "fast-command", "expire-cycle", …), one sample a second. Off until the threshold is set. One per
// process: slow events are rare enough for a lock.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

struct LatencySample {
  int64_t unix_time_s;
  int64_t latency_ms;  // the longest within that second
};

struct LatencySeries {
  std::vector<LatencySample> samples;  // oldest first
  int64_t longest_ms = 0;              // since the last reset
};

class LatencyMonitor {
 public:
  static constexpr size_t kSamplesMax = 160;  // per event; Redis's number

  // Notes an event if it took long enough.
  void Note(std::string_view event, int64_t latency_ms, int64_t unix_time_s) {
    if (threshold_ms <= 0 || latency_ms < threshold_ms) [[likely]]
      return;
    Add(event, latency_ms, unix_time_s);
  }
  std::map<std::string, LatencySeries> All() const;
  LatencySeries Of(std::string_view event) const;
  // Forgets an event, or all of them; answers how many there were.
  size_t Reset(std::string_view event);
  size_t ResetAll();

  int64_t threshold_ms = 0;  // 0: off

 private:
  void Add(std::string_view event, int64_t latency_ms, int64_t unix_time_s);

  mutable std::mutex mutex_;
  std::map<std::string, LatencySeries, std::less<>> series_;
};

}  // namespace torc
