#include "server/append_log_options.h"

#include <limits>

namespace torc {
namespace {

constexpr ConfigChoice kPolicies[] = {{"everysec", static_cast<int>(FsyncPolicy::kEverySecond)},
                                      {"always", static_cast<int>(FsyncPolicy::kAlways)},
                                      {"no", static_cast<int>(FsyncPolicy::kNo)}};

// As Redis: a name, not a path.
Status CheckName(const std::string& name, const char* directive) {
  if (name.empty()) return Status::InvalidArgument(std::string(directive) + " can't be empty");
  if (name.find('/') == std::string::npos && name != "." && name != "..") return Status::Ok();
  return Status::InvalidArgument(
      std::string(directive) + " can't be a path, just a " +
      (directive == std::string("appendfilename") ? "filename" : "dirname"));
}

}  // namespace

void DeclareAppendLogOptions(ConfigRegistry& config, AppendLogOptions* options,
                             const AppendLogHooks& hooks) {
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  config.YesNo({.name = "appendonly"}, &options->enabled, hooks.switched);
  config.Enum({.name = "appendfsync"}, kPolicies, &options->fsync, hooks.policy_changed);
  config.Text({.name = "appendfilename", .immutable = true}, &options->file_name, {},
              [](const std::string& name) { return CheckName(name, "appendfilename"); });
  config.Text({.name = "appenddirname", .immutable = true}, &options->directory_name, {},
              [](const std::string& name) { return CheckName(name, "appenddirname"); });
  config.YesNo({.name = "no-appendfsync-on-rewrite"}, &options->no_sync_on_rewrite);
  config.Integer({.name = "auto-aof-rewrite-percentage", .min = 0, .max = kInt32Max},
                 &options->rewrite_percentage);
  config.Memory({.name = "auto-aof-rewrite-min-size", .min = 0}, &options->rewrite_bytes_min);
  config.YesNo({.name = "aof-load-truncated"}, &options->load_truncated);
  config.YesNo({.name = "aof-timestamp-enabled"}, &options->writer.timestamps);
  config.Memory({.name = "append-backlog-limit", .min = 1 << 20}, &options->backlog_bytes_max);
}

}  // namespace torc
