#pragma once

// Where the log's lines go: standard output, or a file that is opened again when somebody has
// renamed or removed it. One write per line, at once. A full disk loses lines, counted, and nothing
// else.

#include <cstdint>
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
  // "PID:M 21 Nov 2026 10:20:43.123 * text": Redis's form, which tools parse.
  void Write(LogLevel level, std::string_view text);
  // Opens the path anew if it no longer names the open file. Once a second is often enough.
  void CheckRotation();
  int descriptor() const { return descriptor_; }
  uint64_t lost_lines() const { return lost_lines_; }

 private:
  std::string path_;
  int descriptor_ = 1;
  uint64_t lost_lines_ = 0;
};

}  // namespace torc
