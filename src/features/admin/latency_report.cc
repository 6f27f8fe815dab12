#include "features/admin/latency_report.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace torc {
namespace {

constexpr int kRows = 4;
constexpr size_t kColumnsMax = 80;

int64_t Lowest(const std::vector<LatencySample>& samples) {
  int64_t lowest = samples.front().latency_ms;
  for (const LatencySample& sample : samples) lowest = std::min(lowest, sample.latency_ms);
  return lowest;
}

int64_t Highest(const std::vector<LatencySample>& samples) {
  int64_t highest = 0;
  for (const LatencySample& sample : samples) highest = std::max(highest, sample.latency_ms);
  return highest;
}

// "5s", "3m", "2h", "9d".
std::string AgeText(int64_t seconds) {
  struct Unit {
    int64_t seconds;
    char letter;
  };
  for (const Unit unit : {Unit{86400, 'd'}, Unit{3600, 'h'}, Unit{60, 'm'}}) {
    if (seconds >= unit.seconds) return std::to_string(seconds / unit.seconds) + unit.letter;
  }
  return std::to_string(std::max<int64_t>(seconds, 0)) + "s";
}

// One row of the picture: '#' where a column reaches it, '_' on the ground, '|' or '.' halfway.
std::string Row(const std::vector<LatencySample>& samples, int row, int64_t low, int64_t high) {
  std::string line;
  for (const LatencySample& sample : samples) {
    const int64_t span = std::max<int64_t>(high - low, 1);
    const int64_t steps = (sample.latency_ms - low) * (kRows * 2) / span;
    const int64_t reach = steps - int64_t{row} * 2;
    const char blank = row == 0 ? '_' : ' ';
    line += reach >= 2 ? '#' : (reach == 1 ? 'o' : blank);
  }
  return line + "\n";
}

// Redis has more events than are named here. They stand for what does not take long in this server:
// a single key that goes is freed in slices, nothing forks, and the log has a thread of its own.
std::string AdviceFor(const std::string& event) {
  if (event == "command" || event == "fast-command") {
    return "SLOWLOG GET names commands that took long. Large values, KEYS, SORT and scripts are "
           "the "
           "usual ones; a machine that is short of CPU time makes every command slow.";
  }
  if (event == "expire-cycle") {
    return "Very many keys expired at the same time. Spread their deadlines.";
  }
  if (event == "eviction-cycle") {
    return "Keys were evicted for long at a stretch. A lower maxmemory-eviction-tenacity makes the "
           "stretches shorter.";
  }
  if (event.rfind("aof", 0) == 0) {
    return "The disk is slow. Faster storage, or appendfsync everysec instead of always, helps.";
  }
  return "Look at what else the machine did at that time.";
}

}  // namespace

std::string LatencyGraph(std::string_view event, const LatencySeries& series, int64_t now_unix_s) {
  std::vector<LatencySample> samples = series.samples;
  if (samples.size() > kColumnsMax) {
    samples.erase(samples.begin(), samples.end() - static_cast<std::ptrdiff_t>(kColumnsMax));
  }
  const int64_t low = Lowest(samples);
  const int64_t high = Highest(samples);
  std::string text(event);
  text +=
      Format(" - high %lld ms, low %lld ms (all time high %lld ms)\n", static_cast<long long>(high),
             static_cast<long long>(low), static_cast<long long>(series.longest_ms));
  text += std::string(kColumnsMax, '-') + "\n";
  for (int row = kRows - 1; row >= 0; --row) text += Row(samples, row, low, high);
  text += "\n";
  // The age of each sample, read downwards.
  for (size_t line = 0; line < 4; ++line) {
    std::string letters;
    for (const LatencySample& sample : samples) {
      const std::string age = AgeText(now_unix_s - sample.unix_time_s);
      letters += line < age.size() ? age[line] : ' ';
    }
    const size_t end = letters.find_last_not_of(' ');
    if (end != std::string::npos) text += letters.substr(0, end + 1) + "\n";
  }
  return text;
}

std::string LatencyAdvice(const std::map<std::string, LatencySeries>& events,
                          int64_t threshold_ms) {
  if (threshold_ms == 0) {
    return "The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> "
           "switches it on; what takes longer is noted from then on.\n";
  }
  if (events.empty()) {
    return Format("Nothing took %lld ms or more since the monitor was switched on or reset.\n",
                  static_cast<long long>(threshold_ms));
  }
  std::string text = "Events that took long:\n\n";
  int number = 0;
  for (const auto& [event, series] : events) {
    int64_t sum_ms = 0;
    for (const LatencySample& sample : series.samples) sum_ms += sample.latency_ms;
    const auto count = static_cast<int64_t>(series.samples.size());
    text += Format("%d. %s: %lld latency spikes (average %lld ms, worst %lld ms). ", ++number,
                   event.c_str(), static_cast<long long>(count),
                   static_cast<long long>(sum_ms / std::max<int64_t>(count, 1)),
                   static_cast<long long>(series.longest_ms));
    text += AdviceFor(event) + "\n";
  }
  return text;
}

}  // namespace torc
