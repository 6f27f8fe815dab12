#pragma once

// Where the log's lines go: standard output, or a file that is opened again when somebody has
// renamed or removed it. One write per line, at once. A full disk loses lines, and nothing else;
// the first line that finds room again is followed by how many were lost, and why.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.h"
#include "torc/status.h"

namespace torc {

class LogFile {
 public:
  LogFile() = default;
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // An empty path is standard output. The old file stays in use if the new one cannot be opened.
  Status Open(const std::string& path);
  // Any thread. "PID:M 21 Nov 2026 10:20:43.123 * text": Redis's form, which tools parse.
  void Write(LogLevel level, std::string_view text);
  // Opens the path anew if it no longer names the open file. Once a second is often enough.
  void CheckRotation();
  int descriptor() const { return descriptor_; }
  uint64_t lost_lines() const { return lost_lines_; }

 private:
  Status OpenHeld(const std::string& path);
  bool WriteLine(LogLevel level, std::string_view text);

  // Shards and the disk's threads write, too. Held by Open, Write and CheckRotation.
  std::mutex mutex_;
  std::string path_;
  int descriptor_ = 1;
  uint64_t lost_lines_ = 0;
  uint64_t told_lines_ = 0;  // of them, what the log itself says
  int lost_reason_ = 0;      // errno of the last
};

}  // namespace torc
