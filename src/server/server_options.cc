#include "server/server_options.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "server/locale_settings.h"

namespace torc {
namespace {

constexpr ConfigChoice kLogLevels[] = {{"debug", static_cast<int>(LogLevel::kDebug)},
                                       {"verbose", static_cast<int>(LogLevel::kVerbose)},
                                       {"notice", static_cast<int>(LogLevel::kNotice)},
                                       {"warning", static_cast<int>(LogLevel::kWarning)},
                                       {"nothing", static_cast<int>(LogLevel::kNothing)}};

constexpr ConfigChoice kAccess[] = {{"no", static_cast<int>(ProtectedAccess::kNo)},
                                    {"yes", static_cast<int>(ProtectedAccess::kYes)},
                                    {"local", static_cast<int>(ProtectedAccess::kLocal)}};

constexpr ConfigChoice kSupervisedModes[] = {
    {"upstart", static_cast<int>(SupervisedMode::kUpstart)},
    {"systemd", static_cast<int>(SupervisedMode::kSystemd)},
    {"auto", static_cast<int>(SupervisedMode::kAuto)},
    {"no", static_cast<int>(SupervisedMode::kNo)}};

constexpr ConfigChoice kPipelineOrders[] = {{"relaxed", static_cast<int>(PipelineOrder::kRelaxed)},
                                            {"strict", static_cast<int>(PipelineOrder::kStrict)}};

// The same action, but for the words in which CONFIG SET says that it failed; the log knows more.
ConfigApply InWords(const ConfigApply& apply, std::string words) {
  if (!apply) return {};
  return [apply, words = std::move(words)] {
    return apply().ok() ? Status::Ok() : Status::IoError(words);
  };
}

}  // namespace

void DeclareServerOptions(ConfigRegistry& config, ServerOptions* options,
                          const ServerOptionHooks& hooks) {
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  constexpr int64_t kUint32Max = std::numeric_limits<uint32_t>::max();
  config.Words({.name = "bind"}, &options->bind,
               InWords(hooks.listen_again, "Failed to bind to specified addresses."));
  config.Integer({.name = "port", .min = 0, .max = 65535}, &options->port,
                 InWords(hooks.listen_again, "Unable to listen on this port. Check server logs."));
  config.Text({.name = "unixsocket", .immutable = true}, &options->unix_socket);
  config.Integer(
      {.name = "unixsocketperm", .min = 0, .max = 0777, .immutable = true, .octal = true},
      &options->unix_socket_permissions);
  config.Integer({.name = "tcp-backlog", .min = 0, .max = kInt32Max, .immutable = true},
                 &options->tcp_backlog);
  config.Integer({.name = "tcp-keepalive", .min = 0, .max = kInt32Max}, &options->tcp_keepalive_s);
  config.Integer({.name = "timeout", .min = 0, .max = kInt32Max}, &options->timeout_s);
  config.Integer({.name = "maxclients", .min = 1, .max = kUint32Max}, &options->clients_max,
                 hooks.limit_clients);
  config.YesNo({.name = "protected-mode"}, &options->protected_mode);
  config.Enum({.name = "enable-protected-configs", .immutable = true}, kAccess,
              &options->protected_configs);
  config.MemoryOrPercent({.name = "maxmemory-clients"}, &options->clients_memory_max);
  config.Memory({.name = "client-query-buffer-limit", .min = 1 << 20},
                &options->query_buffer_bytes_max);
  DeclareOutputLimits(config, &options->output_limits);
  config.Text({.name = "logfile", .immutable = true}, &options->log_file);
  config.Enum({.name = "loglevel"}, kLogLevels, &options->log_level, hooks.open_log);
  config.Integer({.name = "busy-poll-us", .min = 0, .max = 10000}, &options->busy_poll_us);
  config.Integer({.name = "hz", .min = 0, .max = kInt32Max}, &options->hz, [options] {
    options->hz = std::clamp(options->hz, kHzMin, kHzMax);
    return Status::Ok();
  });
  config.Integer({.name = "threads", .min = 0, .max = 64, .immutable = true}, &options->threads);
  config.YesNo({.name = "pin-threads", .immutable = true}, &options->pin_threads);
  config.Enum({.name = "pipeline-order"}, kPipelineOrders, &options->pipeline_order);
  config.YesNo({.name = "io-uring", .immutable = true}, &options->io_uring);
  config.Text({.name = "locale-collate"}, &options->locale_collate,
              [options] { return UseCollation(options->locale_collate); });
  config.Text({.name = "dir", .is_protected = true}, &options->working_directory,
              hooks.change_directory);
  config.Text({.name = "pidfile", .immutable = true}, &options->supervision.pid_file);
  config.YesNo({.name = "daemonize", .immutable = true}, &options->supervision.daemonize);
  config.Enum({.name = "supervised", .immutable = true}, kSupervisedModes,
              &options->supervision.supervised);
}

}  // namespace torc
