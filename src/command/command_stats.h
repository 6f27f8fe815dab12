#pragma once

// What INFO tells of commands: calls, time, rejections and failures per command, and errors per
// code word. One per shard.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/latency_histogram.h"
#include "command/hot_keys.h"

namespace torc {

struct CommandFigures {
  uint64_t calls = 0;
  uint64_t duration_ns = 0;
  uint64_t rejected_calls = 0;  // refused before it ran: arity, permission, memory
  uint64_t failed_calls = 0;    // ran and answered an error
  LatencyHistogram latency;
};

struct CommandStats {
  // Distinct error words kept; beyond, an error is only counted in total (Redis's limit).
  static constexpr size_t kErrorWordsMax = 128;

  std::vector<CommandFigures> by_command;  // by Command::index
  std::map<std::string, uint64_t, std::less<>> errors;
  uint64_t total_errors = 0;
  uint64_t total_calls = 0;
  bool track_latency = true;
  // Of the whole process: what it had allocated before it held data, and the most that was ever
  // seen.
  size_t memory_at_start_bytes = 0;
  size_t memory_peak_bytes = 0;
  std::unique_ptr<HotKeys> hot_keys;  // while, or after, somebody asked for them

  // `text` is an error reply without its '-': counted under its first word.
  void CountError(std::string_view text) {
    ++total_errors;
    const std::string_view word = text.substr(0, text.find(' '));
    const auto it = errors.find(word);
    if (it != errors.end()) {
      ++it->second;
    } else if (errors.size() < kErrorWordsMax) {
      errors.emplace(word, 1);
    }
  }
  void NoteMemory(size_t allocated_bytes) {
    if (allocated_bytes > memory_peak_bytes) memory_peak_bytes = allocated_bytes;
  }
  // CONFIG RESETSTAT.
  void Reset() {
    for (CommandFigures& figures : by_command) figures = {};
    errors.clear();
    total_errors = 0;
    total_calls = 0;
  }
};

}  // namespace torc
