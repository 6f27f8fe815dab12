#pragma once

// SLOWLOG: the commands that took longer than a threshold, newest first, in a bounded list.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "command/arg_cursor.h"

namespace torc {

struct SlowlogOptions {
  int64_t slower_than_us = 10000;  // negative: off; 0: every command
  int64_t length_max = 128;
};

struct SlowlogEntry {
  int64_t id;
  int64_t unix_time_s;
  int64_t duration_us;
  std::vector<std::string> args;  // shortened
  std::string client_address;
  std::string client_name;
};

class Slowlog {
 public:
  static constexpr size_t kArgsMax = 32;
  static constexpr size_t kArgBytesMax = 128;

  explicit Slowlog(const SlowlogOptions* options) : options_(options) {}

  bool Wants(int64_t duration_us) const {
    return options_->slower_than_us >= 0 && duration_us >= options_->slower_than_us;
  }
  // `redacted_args`: a bit for each argument that must not be kept (see CommandContext::RedactArg).
  void Add(Argv argv, uint64_t redacted_args, int64_t unix_time_s, int64_t duration_us,
           std::string client_address, std::string client_name);
  const std::deque<SlowlogEntry>& entries() const { return entries_; }
  void Reset() { entries_.clear(); }
  // Takes over the entries of another shard's, as its newest.
  void TakeFrom(Slowlog& other);
  void Trim();

 private:
  const SlowlogOptions* options_;
  std::deque<SlowlogEntry> entries_;
  int64_t next_id_ = 0;
};

}  // namespace torc
