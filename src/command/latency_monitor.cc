#include "command/latency_monitor.h"

#include <algorithm>

namespace torc {

void LatencyMonitor::Add(std::string_view event, int64_t latency_ms, int64_t unix_time_s) {
  const std::scoped_lock lock(mutex_);
  auto it = series_.find(event);
  if (it == series_.end()) it = series_.emplace(event, LatencySeries()).first;
  LatencySeries& series = it->second;
  series.longest_ms = std::max(series.longest_ms, latency_ms);
  std::vector<LatencySample>& samples = series.samples;
  if (!samples.empty() && samples.back().unix_time_s == unix_time_s) {
    samples.back().latency_ms = std::max(samples.back().latency_ms, latency_ms);
    return;
  }
  if (samples.size() == kSamplesMax) samples.erase(samples.begin());
  samples.push_back({unix_time_s, latency_ms});
}

std::map<std::string, LatencySeries> LatencyMonitor::All() const {
  const std::scoped_lock lock(mutex_);
  return {series_.begin(), series_.end()};
}

LatencySeries LatencyMonitor::Of(std::string_view event) const {
  const std::scoped_lock lock(mutex_);
  const auto it = series_.find(event);
  return it == series_.end() ? LatencySeries() : it->second;
}

size_t LatencyMonitor::Reset(std::string_view event) {
  const std::scoped_lock lock(mutex_);
  const auto it = series_.find(event);
  if (it == series_.end()) return 0;
  series_.erase(it);
  return 1;
}

size_t LatencyMonitor::ResetAll() {
  const std::scoped_lock lock(mutex_);
  const size_t count = series_.size();
  series_.clear();
  return count;
}

}  // namespace torc
