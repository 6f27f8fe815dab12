#pragma once

// How soon the kernel picks this process when memory runs out: oom-score-adj and
// oom-score-adj-values. The kernel's score is written while the settings ask for one; what it was
// before comes back when they ask no more.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/config.h"
#include "torc/status.h"

namespace torc {

class OomScore {
 public:
  // Declares the settings. The registry must outlive this. `path`: the kernel's file of the score.
  explicit OomScore(ConfigRegistry& config, std::string path = "/proc/self/oom_score_adj");
  OomScore(const OomScore&) = delete;
  OomScore& operator=(const OomScore&) = delete;

  // Makes the score what the settings ask for. Why it could not, if so, is in the log.
  Status Apply();

 private:
  enum class Mode : uint8_t { kNo, kRelative, kAbsolute };

  Status SetValues(ConfigWords words);
  Status Write(int64_t score) const;
  std::optional<int64_t> Read() const;

  std::string path_;
  Mode mode_ = Mode::kNo;
  // Of a primary, of a replica, and of a child process that saves; this process is the first, and
  // has no such children.
  std::array<int64_t, 3> values_ = {0, 200, 800};
  std::optional<int64_t> original_;  // while ours is in force
};

}  // namespace torc
