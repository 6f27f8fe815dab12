// The settings of store, command and engine, under redis.conf's names.

#include <limits>
#include <span>
#include <string>

#include "base/text.h"
#include "engine/shard.h"
#include "resp/double_text.h"

namespace torc {
namespace {

constexpr ConfigChoice kDebugChoices[] = {{"no", static_cast<int>(DebugAccess::kNo)},
                                          {"yes", static_cast<int>(DebugAccess::kYes)},
                                          {"local", static_cast<int>(DebugAccess::kLocal)}};

// latency-tracking-info-percentiles: numbers from 0 to 100.
Status SetPercentiles(std::string* percentiles, ConfigWords words) {
  std::string joined;
  for (const std::string& word : words) {
    if (word.empty() && words.size() == 1) break;
    const auto value = ParseDouble(word);
    if (!value) {
      return Status::InvalidArgument("Invalid latency-tracking-info-percentiles parameters");
    }
    if (*value < 0 || *value > 100) {
      return Status::InvalidArgument(
          "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    if (!joined.empty()) joined += ' ';
    joined += DoubleText(*value).view();
  }
  *percentiles = joined;
  return Status::Ok();
}

void DeclareEviction(ConfigRegistry& config, EngineOptions* options) {
  constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  config.MemoryOrPercent({.name = "maxmemory", .min = 0, .max = kInt64Max}, &options->memory_max);
  EvictionOptions& eviction = options->eviction;
  config.Enum({.name = "maxmemory-policy"}, EvictionPolicyChoices(), &eviction.policy);
  config.Integer({.name = "maxmemory-samples", .min = 1, .max = kInt32Max}, &eviction.samples);
  config.Integer({.name = "maxmemory-eviction-tenacity", .min = 0, .max = 100}, &eviction.tenacity);
  AccessClockOptions& access = options->keyspace.access;
  config.Integer({.name = "lfu-log-factor", .min = 0, .max = kInt32Max}, &access.lfu_log_factor);
  config.Integer({.name = "lfu-decay-time", .min = 0, .max = kInt32Max}, &access.lfu_decay_minutes);
}

constexpr ConfigChoice kPackingChoices[] = {{"no", static_cast<int>(PackingKind::kNone)},
                                            {"lz4", static_cast<int>(PackingKind::kLz4)},
                                            {"zstd", static_cast<int>(PackingKind::kZstd)}};

void DeclarePacking(ConfigRegistry& config, ValueLimits* limits) {
  constexpr int64_t kBytesMin = 64;  // what is shorter may be an embstr, which clients know
  constexpr int64_t kBytesMax = int64_t{1} << 30;
  config.Enum({.name = "value-compression"}, kPackingChoices, &limits->packing);
  config.Memory({.name = "value-compression-min-bytes", .min = kBytesMin, .max = kBytesMax},
                &limits->packing_bytes_min);
  config.Memory({.name = "value-compression-max-bytes", .min = kBytesMin, .max = kBytesMax},
                &limits->packing_bytes_max);
}

// Where collections stop being one compact block, under the names of Redis 7 and before.
void DeclareValueLimits(ConfigRegistry& config, ValueLimits* limits) {
  config.Integer({.name = "set-max-intset-entries"}, &limits->set_intset_entries);
  config.Integer({.name = "set-max-listpack-entries"}, &limits->set_listpack_entries);
  config.Memory({.name = "set-max-listpack-value"}, &limits->set_listpack_value_bytes);
  config.Integer({.name = "hash-max-listpack-entries", .alias = "hash-max-ziplist-entries"},
                 &limits->hash_listpack_entries);
  config.Memory({.name = "hash-max-listpack-value", .alias = "hash-max-ziplist-value"},
                &limits->hash_listpack_value_bytes);
  constexpr int64_t kInt32Min = std::numeric_limits<int32_t>::min();
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  config.Integer({.name = "list-max-listpack-size",
                  .alias = "list-max-ziplist-size",
                  .min = kInt32Min,
                  .max = kInt32Max},
                 &limits->list_listpack_size);
  config.Integer({.name = "zset-max-listpack-entries", .alias = "zset-max-ziplist-entries"},
                 &limits->zset_listpack_entries);
  config.Memory({.name = "zset-max-listpack-value", .alias = "zset-max-ziplist-value"},
                &limits->zset_listpack_value_bytes);
  config.Memory({.name = "stream-node-max-bytes"}, &limits->stream_node_bytes);
  config.Integer({.name = "stream-node-max-entries"}, &limits->stream_node_entries);
}

constexpr ConfigChoice kPubsubChoices[] = {
    {"allchannels", static_cast<int>(AclSelector::Channels::kAll)},
    {"resetchannels", static_cast<int>(AclSelector::Channels::kNone)}};

void DeclareAccess(ConfigRegistry& config, EngineOptions* options) {
  config.Text({.name = "requirepass", .sensitive = true}, &options->command.requirepass, [options] {
    options->access.users.SetDefaultPassword(options->command.requirepass);
    return Status::Ok();
  });
  config.Enum({.name = "acl-pubsub-default"}, kPubsubChoices, &options->access.users.new_channels);
  config.Integer({.name = "acllog-max-len", .min = 0}, &options->access.log.length_max);
}

}  // namespace

size_t MemoryLimitBytes(const EngineOptions& options) {
  if (options.memory_max >= 0) return static_cast<size_t>(options.memory_max);
  return options.machine_memory_bytes / 100 * static_cast<size_t>(-options.memory_max);
}

void DeclareEngineOptions(ConfigRegistry& config, EngineOptions* options) {
  constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  CommandOptions& command = options->command;
  config.Integer({.name = "databases", .min = 1, .max = kInt32Max, .immutable = true},
                 &command.databases);
  DeclareAccess(config, options);
  config.Memory({.name = "proto-max-bulk-len", .min = 1 << 20, .max = kInt64Max},
                &command.proto_max_bulk_bytes);
  config.Integer({.name = "tracking-table-max-keys", .min = 0, .max = kInt64Max},
                 &command.tracking_table_keys_max);
  config.Integer({.name = "long-command-slice-us", .min = 0, .max = kInt32Max},
                 &command.long_command_slice_us);
  config.YesNo({.name = "lazyfree-lazy-user-del"}, &command.lazyfree_user_del);
  config.YesNo({.name = "lazyfree-lazy-user-flush"}, &command.lazyfree_user_flush);
  config.YesNo({.name = "latency-tracking"}, &command.latency_tracking);
  std::string* percentiles = &command.latency_percentiles;
  config.Custom({.name = "latency-tracking-info-percentiles"},
                {.set = [percentiles](ConfigWords words,
                                      ConfigSource) { return SetPercentiles(percentiles, words); },
                 .get = [percentiles] { return *percentiles; }});
  config.Enum({.name = "enable-debug-command", .immutable = true}, kDebugChoices,
              &command.debug_access);
  DeclareScriptingOptions(config, &options->scripting);
  DeclareNotificationOptions(config, &options->notifications);
  config.Integer({.name = "latency-monitor-threshold", .min = 0}, &options->latency.threshold_ms);
  config.Integer({.name = "slowlog-log-slower-than", .min = -1}, &options->slowlog.slower_than_us);
  config.Integer({.name = "slowlog-max-len", .min = 0}, &options->slowlog.length_max);
  DeclareDefragOptions(config, &options->defrag);
  DeclarePacking(config, &options->keyspace.limits);
  DeclareValueLimits(config, &options->keyspace.limits);
  DeclareEviction(config, options);
  config.Memory({.name = "hll-sparse-max-bytes"}, &options->keyspace.limits.hll_sparse_bytes);
}

}  // namespace torc
