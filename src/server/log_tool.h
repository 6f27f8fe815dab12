#pragma once

// What an operator runs when the server will not start (torc-server --check-log, --repair-log):
// describes a log, a manifest or a snapshot, lists records by position, and cuts what cannot be
// read.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "persist/log_manifest.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

struct LogToolRequest {
  bool repair = false;
  bool list_records = false;                 // --records
  bool assume_yes = false;                   // --yes
  std::optional<int64_t> until_unix_s = {};  // --until: a point in time, for logs with timestamps
  std::string path;                          // a log's directory, manifest, base or increment
};

// `arguments` without the program's name; nothing if they are not for the tool.
std::optional<StatusOr<LogToolRequest>> ParseLogToolRequest(std::span<const std::string> arguments);

class LogTool {
 public:
  using Print = std::function<void(const std::string& line)>;
  using Ask = std::function<bool(const std::string& question)>;
  // The disk must outlive the tool.
  LogTool(Disk* disk, Print print, Ask ask)
      : disk_(disk), print_(std::move(print)), ask_(std::move(ask)) {}

  // The exit code: 0 if all is well (or now is), 1 if not.
  int Run(const LogToolRequest& request);

 private:
  bool CheckManifest(const LogToolRequest& request, const std::string& path);
  bool CheckSnapshot(const std::string& path);
  bool CheckFile(const LogToolRequest& request, const std::string& path, bool is_last);
  bool CheckCommands(const LogToolRequest& request, const std::string& path, bool is_last);
  bool Cut(const LogToolRequest& request, const std::string& path, uint64_t offset,
           uint64_t size_bytes);
  bool ListRecords(File* file, uint64_t end);

  Disk* disk_;
  Print print_;
  Ask ask_;
};

}  // namespace torc
