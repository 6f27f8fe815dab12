#pragma once

// LogLoader: replays the files of a log into a shard, in slices between which the loop looks after
// its clients. Commands are checked, parsed, looked up and prefetched by the hundred, and answer
// nobody.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "command/session.h"
#include "engine/shard.h"
#include "persist/log_file_reader.h"
#include "persist/log_writer.h"
#include "persist/rdb_file.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"
#include "resp/request_batch.h"
#include "torc/env.h"

namespace torc {

struct LoadProgress {
  uint64_t total_bytes = 0;
  uint64_t loaded_bytes = 0;
  uint64_t commands = 0;
  int64_t started_unix_s = 0;
  int64_t started_ns = 0;
};

class LogLoader {
 public:
  struct Options {
    bool load_truncated = true;
  };
  // Files in the order in which they are replayed. All pointers must outlive the loader.
  LogLoader(Shard* shard, Disk* disk, std::vector<std::string> paths, const Options& options);
  ~LogLoader();
  LogLoader(const LogLoader&) = delete;
  LogLoader& operator=(const LogLoader&) = delete;

  enum class Step { kMore, kDone, kFailed };
  // Some milliseconds of work.
  Step Next();
  // After kFailed: why, for the operator.
  const Status& status() const { return status_; }
  const LoadProgress& progress() const { return progress_; }
  // The file that is being read.
  const std::string& path() const { return paths_[current_]; }
  // After kDone: the last file's end, where writing goes on; its id is 0 if it has none.
  const LogFileState& end() const { return end_; }
  uint64_t base_bytes() const { return base_bytes_; }

 private:
  // A base in RDB format.
  struct Snapshot;

  Status OpenNext();
  Status OpenSnapshot(uint64_t size_bytes);
  Status SnapshotSlice();
  Status Slice();
  Status Replay();
  void PrefetchInserts() const;
  // Makes room for the keys that the next part of the file will bring, if it goes on as it began.
  void MakeRoom();
  size_t KeyCount() const;
  Status FinishFile();
  Status Cut();
  // Whether the files behind the current one are all empty.
  bool IsLast();
  Status Refuse(Argv argv);

  Shard* shard_;
  Disk* disk_;
  std::vector<std::string> paths_;
  Options options_;
  size_t current_ = 0;
  std::unique_ptr<File> file_;
  std::unique_ptr<LogFileReader> reader_;
  std::unique_ptr<Snapshot> snapshot_;
  Session session_;
  RequestBatch batch_;
  std::vector<PreparedCommand> prepared_;
  std::optional<uint64_t> position_;
  LogFileState end_;
  LoadProgress progress_;
  Status status_;
  uint64_t base_bytes_ = 0;
  uint64_t bytes_before_ = 0;  // of the files before the current one
  uint64_t errors_ = 0;        // commands that were refused
  // Where in the file room is made next, and what there was when that was last thought about.
  uint64_t room_at_bytes_ = 0;
  uint64_t judged_bytes_ = 0;
  size_t judged_keys_ = 0;
  bool made_room_ = false;
  int64_t logged_ns_ = 0;
};

}  // namespace torc
