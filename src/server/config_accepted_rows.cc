// The table of accepted names. Kinds, defaults and bounds are what redis-server answers and
// refuses.

#include <climits>
#include <cstdint>

#include "server/config_accepted.h"

namespace torc {
namespace {

using Kind = AcceptedRow::Kind;
using enum AcceptedReason;

constexpr int64_t kMaxInt = INT_MAX;
constexpr int64_t kMaxLong = INT64_MAX;
constexpr int64_t kMaxPort = 65535;

constexpr AcceptedRow YesNo(AcceptedReason reason, std::string_view name, std::string_view text,
                            std::string_view alias = {}) {
  return {
      .spec = {.name = name, .alias = alias}, .kind = Kind::kYesNo, .reason = reason, .text = text};
}

constexpr AcceptedRow Integer(AcceptedReason reason, std::string_view name, int64_t number,
                              int64_t min, int64_t max, std::string_view alias = {}) {
  return {.spec = {.name = name, .alias = alias, .min = min, .max = max},
          .kind = Kind::kInteger,
          .reason = reason,
          .number = number};
}

constexpr AcceptedRow Memory(AcceptedReason reason, std::string_view name, int64_t number,
                             int64_t min, std::string_view alias = {}) {
  return {.spec = {.name = name, .alias = alias, .min = min},
          .kind = Kind::kMemory,
          .reason = reason,
          .number = number};
}

constexpr AcceptedRow Choice(AcceptedReason reason, std::string_view name, std::string_view text,
                             std::string_view choices) {
  return {.spec = {.name = name},
          .kind = Kind::kChoice,
          .reason = reason,
          .text = text,
          .choices = choices};
}

constexpr AcceptedRow Text(AcceptedReason reason, std::string_view name, std::string_view text,
                           std::string_view alias = {}) {
  return {
      .spec = {.name = name, .alias = alias}, .kind = Kind::kText, .reason = reason, .text = text};
}

constexpr AcceptedRow Words(AcceptedReason reason, std::string_view name, std::string_view text,
                            size_t word_count, std::string_view alias = {}) {
  return {.spec = {.name = name, .alias = alias},
          .kind = Kind::kWords,
          .reason = reason,
          .text = text,
          .word_count = word_count};
}

constexpr AcceptedRow Flags(AcceptedReason reason, std::string_view name,
                            std::string_view choices) {
  return {.spec = {.name = name}, .kind = Kind::kFlags, .reason = reason, .choices = choices};
}

constexpr AcceptedRow SavePoints(AcceptedReason reason) {
  return {
      .spec = {.name = "save"}, .kind = Kind::kSavePoints, .reason = reason, .is_relied_on = true};
}

constexpr AcceptedRow Immutable(AcceptedRow row) {
  row.spec.immutable = true;
  return row;
}
constexpr AcceptedRow Protected(AcceptedRow row) {
  row.spec.is_protected = true;
  return row;
}
constexpr AcceptedRow Secret(AcceptedRow row) {
  row.spec.sensitive = true;
  return row;
}
constexpr AcceptedRow Hidden(AcceptedRow row) {
  row.spec.hidden = true;
  return row;
}
constexpr AcceptedRow ReliedOn(AcceptedRow row) {
  row.is_relied_on = true;
  return row;
}

constexpr std::string_view kShutdownWords = "default|save|nosave|now|force";
constexpr AcceptedRow kRows[] = {
    YesNo(kAllocator, "jemalloc-bg-thread", "yes"),

    YesNo(kCluster, "cluster-allow-pubsubshard-when-down", "yes"),
    YesNo(kCluster, "cluster-allow-reads-when-down", "no"),
    YesNo(kCluster, "cluster-allow-replica-migration", "yes"),
    Integer(kCluster, "cluster-announce-bus-port", 0, 0, kMaxPort),
    Text(kCluster, "cluster-announce-hostname", ""),
    Text(kCluster, "cluster-announce-human-nodename", ""),
    Text(kCluster, "cluster-announce-ip", ""),
    Integer(kCluster, "cluster-announce-port", 0, 0, kMaxPort),
    Integer(kCluster, "cluster-announce-tls-port", 0, 0, kMaxPort),
    Immutable(Text(kCluster, "cluster-config-file", "nodes.conf")),
    ReliedOn(Immutable(YesNo(kCluster, "cluster-enabled", "no"))),
    Memory(kCluster, "cluster-link-sendbuf-limit", 0, 0),
    Integer(kCluster, "cluster-migration-barrier", 1, 0, kMaxInt),
    Integer(kCluster, "cluster-node-timeout", 15000, 0, kMaxLong),
    Immutable(Integer(kCluster, "cluster-port", 0, 0, kMaxPort)),
    Choice(kCluster, "cluster-preferred-endpoint-type", "ip", "ip|hostname|unknown-endpoint"),
    YesNo(kCluster, "cluster-replica-no-failover", "no", "cluster-slave-no-failover"),
    Integer(kCluster, "cluster-replica-validity-factor", 10, 0, kMaxInt,
            "cluster-slave-validity-factor"),
    YesNo(kCluster, "cluster-require-full-coverage", "yes"),

    Immutable(YesNo(kCosmetic, "always-show-logo", "no")),
    Text(kCosmetic, "ignore-warnings", ""),
    Text(kCosmetic, "proc-title-template", "{title} {listen-addr} {server-mode}"),
    Immutable(YesNo(kCosmetic, "set-proc-title", "yes")),

    YesNo(kDisk, "aof-disable-auto-gc", "no"),
    YesNo(kDisk, "aof-load-truncated", "yes"),
    YesNo(kDisk, "aof-rewrite-incremental-fsync", "yes"),
    YesNo(kDisk, "aof-timestamp-enabled", "no"),
    YesNo(kDisk, "aof-use-rdb-preamble", "yes"),
    Immutable(Text(kDisk, "appenddirname", "appendonlydir")),
    Immutable(Text(kDisk, "appendfilename", "appendonly.aof")),
    Choice(kDisk, "appendfsync", "everysec", "everysec|always|no"),
    ReliedOn(YesNo(kDisk, "appendonly", "no")),
    Memory(kDisk, "auto-aof-rewrite-min-size", 64 << 20, 0),
    Integer(kDisk, "auto-aof-rewrite-percentage", 100, 0, kMaxInt),
    Protected(Text(kDisk, "dbfilename", "dump.rdb")),
    YesNo(kDisk, "no-appendfsync-on-rewrite", "no"),
    YesNo(kDisk, "rdb-del-sync-files", "no"),
    Hidden(Integer(kDisk, "rdb-key-save-delay", 0, INT_MIN, kMaxInt)),
    Hidden(Integer(kDisk, "key-load-delay", 0, INT_MIN, kMaxInt)),
    Hidden(Integer(kDisk, "loading-process-events-interval-bytes", 2 << 20, 0, kMaxLong)),
    YesNo(kDisk, "rdb-save-incremental-fsync", "yes"),
    Immutable(YesNo(kDisk, "rdbchecksum", "yes")),
    YesNo(kDisk, "rdbcompression", "yes"),
    Choice(kDisk, "sanitize-dump-payload", "no", "no|yes|clients"),
    SavePoints(kDisk),
    Flags(kDisk, "shutdown-on-sigint", kShutdownWords),
    Flags(kDisk, "shutdown-on-sigterm", kShutdownWords),
    YesNo(kDisk, "stop-writes-on-bgsave-error", "yes"),

    YesNo(kFreeing, "lazyfree-lazy-eviction", "no"),
    YesNo(kFreeing, "lazyfree-lazy-expire", "no"),
    YesNo(kFreeing, "lazyfree-lazy-server-del", "no"),

    Integer(kHousekeeping, "active-expire-effort", 1, 1, 10),
    YesNo(kHousekeeping, "activerehashing", "yes"),
    YesNo(kHousekeeping, "dynamic-hz", "yes"),
    Immutable(Integer(kHousekeeping, "io-threads", 1, 1, 128)),
    Immutable(YesNo(kHousekeeping, "io-threads-do-reads", "no")),
    Hidden(Integer(kHousekeeping, "watchdog-period", 0, 0, kMaxInt)),

    Immutable(Text(kPlacement, "aof_rewrite_cpulist", "")),
    Immutable(Text(kPlacement, "bgsave_cpulist", "")),
    Immutable(Text(kPlacement, "bio_cpulist", "")),
    Immutable(YesNo(kPlacement, "disable-thp", "yes")),
    Immutable(Text(kPlacement, "server_cpulist", "")),

    YesNo(kProcess, "crash-log-enabled", "yes"),
    YesNo(kProcess, "crash-memcheck-enabled", "yes"),
    Immutable(Choice(kProcess, "enable-module-command", "no", "no|yes|local")),
    Integer(kProcess, "shutdown-timeout", 10, 0, kMaxInt),
    Hidden(YesNo(kProcess, "use-exit-on-panic", "no")),

    Secret(Text(kReplication, "masterauth", "")),
    Text(kReplication, "masteruser", ""),
    Integer(kReplication, "min-replicas-max-lag", 10, 0, kMaxInt, "min-slaves-max-lag"),
    ReliedOn(Integer(kReplication, "min-replicas-to-write", 0, 0, kMaxInt, "min-slaves-to-write")),
    Choice(kReplication, "propagation-error-behavior", "ignore", "ignore|panic|panic-on-replicas"),
    Memory(kReplication, "repl-backlog-size", 1 << 20, 1),
    Integer(kReplication, "repl-backlog-ttl", 3600, 0, kMaxLong),
    YesNo(kReplication, "repl-disable-tcp-nodelay", "no"),
    Choice(kReplication, "repl-diskless-load", "disabled", "disabled|on-empty-db|swapdb"),
    YesNo(kReplication, "repl-diskless-sync", "yes"),
    Integer(kReplication, "repl-diskless-sync-delay", 5, 0, kMaxInt),
    Integer(kReplication, "repl-diskless-sync-max-replicas", 0, 0, kMaxInt),
    Integer(kReplication, "repl-ping-replica-period", 10, 1, kMaxInt, "repl-ping-slave-period"),
    Integer(kReplication, "repl-timeout", 60, 1, kMaxInt),
    Text(kReplication, "replica-announce-ip", "", "slave-announce-ip"),
    Integer(kReplication, "replica-announce-port", 0, 0, kMaxPort, "slave-announce-port"),
    YesNo(kReplication, "replica-announced", "yes"),
    YesNo(kReplication, "replica-ignore-disk-write-errors", "no"),
    YesNo(kReplication, "replica-ignore-maxmemory", "yes", "slave-ignore-maxmemory"),
    YesNo(kReplication, "replica-lazy-flush", "no", "slave-lazy-flush"),
    Integer(kReplication, "replica-priority", 100, 0, kMaxInt, "slave-priority"),
    YesNo(kReplication, "replica-read-only", "yes", "slave-read-only"),
    YesNo(kReplication, "replica-serve-stale-data", "yes", "slave-serve-stale-data"),
    ReliedOn(Immutable(Words(kReplication, "replicaof", "", 2, "slaveof"))),

    Text(kSockets, "bind-source-addr", ""),
    Immutable(Integer(kSockets, "socket-mark-id", 0, 0, 4294967295)),

    Text(kTls, "tls-client-cert-file", ""),
    Text(kTls, "tls-client-key-file", ""),
    Secret(Text(kTls, "tls-client-key-file-pass", "")),
    ReliedOn(YesNo(kTls, "tls-cluster", "no")),
    ReliedOn(YesNo(kTls, "tls-replication", "no")),

    Integer(kTypes, "list-compress-depth", 0, 0, kMaxInt),
};

}  // namespace

std::span<const AcceptedRow> AcceptedRows() {
  return kRows;
}

}  // namespace torc
