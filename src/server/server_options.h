#pragma once

// The settings of sockets, log and process, under redis.conf's names.

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "server/config_values.h"
#include "server/supervision.h"

namespace torc {

// Who may change the settings that reach beyond the data: dir, dbfilename.
enum class ProtectedAccess { kNo, kYes, kLocal };

// How often a second background work looks in; what is beyond counts as the bound.
inline constexpr int64_t kHzMin = 1;
inline constexpr int64_t kHzMax = 500;

// What others may see of a pipeline over several shards.
enum class PipelineOrder : int {
  kRelaxed,  // commands on different keys may take effect in another order than they were sent in
  kStrict,   // each waits for those before it, unless one shard has them all
};

struct ServerOptions {
  int64_t threads = 1;       // shards, each with a thread; 0: as many as there are cores to use
  bool pin_threads = false;  // each shard's to a core of its own
  PipelineOrder pipeline_order = PipelineOrder::kRelaxed;
  // "-" before an address: starting without it is no failure.
  std::vector<std::string> bind = {"*", "-::*"};
  int64_t port = 6379;
  std::string unix_socket;
  int64_t unix_socket_permissions = 0;  // 0: as the umask has it
  int64_t tcp_backlog = 511;
  int64_t tcp_keepalive_s = 300;
  int64_t timeout_s = 0;  // a silent client is closed after this; 0: never
  int64_t clients_max = 10000;
  int64_t clients_memory_max = 0;  // maxmemory-clients: bytes, or -N for N % of maxmemory; 0: none
  bool protected_mode = true;
  ProtectedAccess protected_configs = ProtectedAccess::kNo;
  int64_t query_buffer_bytes_max = 1 << 30;
  OutputLimits output_limits;
  std::string log_file;
  LogLevel log_level = LogLevel::kNotice;
  int64_t hz = 10;
  bool io_uring = true;  // where the kernel allows it
  int64_t busy_poll_us = 20;
  std::string locale_collate;  // empty: what the environment says
  std::string working_directory;
  SupervisionOptions supervision;
};

// What a change of a setting does at once.
struct ServerOptionHooks {
  ConfigApply listen_again;   // bind, port
  ConfigApply open_log;       // logfile, loglevel
  ConfigApply limit_clients;  // maxclients
  ConfigApply change_directory;
};

void DeclareServerOptions(ConfigRegistry& config, ServerOptions* options,
                          const ServerOptionHooks& hooks);

}  // namespace torc
