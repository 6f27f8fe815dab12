#pragma once

// The settings of the append-only log, under redis.conf's names.

#include <cstdint>
#include <string>

#include "base/config.h"
#include "persist/log_writer.h"
#include "server/log_thread.h"

namespace torc {

struct AppendLogOptions {
  bool enabled = false;
  FsyncPolicy fsync = FsyncPolicy::kEverySecond;
  std::string file_name = "appendonly.aof";
  std::string directory_name = "appendonlydir";
  bool no_sync_on_rewrite = false;
  int64_t rewrite_percentage = 100;  // growth that starts a rewrite by itself; 0: never
  int64_t rewrite_bytes_min = 64 << 20;
  bool load_truncated = true;
  LogWriter::Options writer;
  // Commands that wait for a slow disk; beyond, those who write wait too.
  int64_t backlog_bytes_max = 64 << 20;
};

struct AppendLogHooks {
  ConfigApply switched;        // appendonly
  ConfigApply policy_changed;  // appendfsync
};

void DeclareAppendLogOptions(ConfigRegistry& config, AppendLogOptions* options,
                             const AppendLogHooks& hooks);

}  // namespace torc
