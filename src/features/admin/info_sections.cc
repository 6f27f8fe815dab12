// INFO's sections as far as the engine knows: the server adds ports, clients, files and uptime.
//
// Fields of features that do not exist yet are there with the value that says so (no subscriptions,
// no replicas, nothing blocked), because monitoring tools and client libraries read them unasked.

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/crc.h"
#include "base/memory.h"
#include "base/text.h"
#include "command/access.h"
#include "command/info.h"
#include "command/process_totals.h"
#include "command/pubsub.h"
#include "command/services.h"
#include "command/tracking.h"
#include "features/admin/access.h"
#include "features/admin/admin_commands.h"
#include "features/admin/command_figures.h"
#include "torc/version.h"

namespace torc {
namespace {

// A figure summed over the keyspaces of all shards.
template <typename Figure>
auto Sum(const Services& services, Figure&& figure) {
  decltype(figure(*services.dataset->shards()[0])) total{};
  for (const Keyspace* keyspace : services.dataset->shards()) total += figure(*keyspace);
  return total;
}

uint64_t SumOf(const Services& services, uint64_t KeyspaceStats::*field) {
  return Sum(services, [&](const Keyspace& keyspace) { return keyspace.stats().*field; });
}

void Zeros(InfoWriter& out, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) out.Field(name, 0);
}

// Tells builds of different source or compilers apart.
uint64_t BuildId() {
  return Crc64(Crc64(0, kTorcVersion), __VERSION__);
}

void ServerSection(InfoWriter& out) {
  out.Field("redis_version", kRedisVersion);
  out.Field("torc_version", kTorcVersion);
  out.Field("redis_git_sha1", "00000000");
  out.Field("redis_git_dirty", 0);
  out.Field("redis_build_id", Format("%016llx", static_cast<unsigned long long>(BuildId())));
  out.Field("redis_mode", "standalone");
}

void Bytes(InfoWriter& out, const std::string& name, size_t value) {
  out.Field(name, uint64_t{value});
  out.Field(name + "_human", HumanBytes(value));
}

double Ratio(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Percent(size_t part, size_t whole) {
  return Format("%.2f%%", 100 * Ratio(part, whole));
}

// How far the allocator's pages exceed what is in use.
void AllocatorFields(InfoWriter& out, const AllocatorStats& allocator) {
  const size_t used = allocator.allocated_bytes;
  out.Field("allocator_allocated", uint64_t{used});
  out.Field("allocator_active", uint64_t{allocator.active_bytes});
  out.Field("allocator_resident", uint64_t{allocator.resident_bytes});
  out.Field("allocator_muzzy", uint64_t{allocator.muzzy_bytes});
  out.Decimal("allocator_frag_ratio", Ratio(allocator.active_bytes, used));
  out.Field("allocator_frag_bytes",
            uint64_t{allocator.active_bytes - std::min(allocator.active_bytes, used)});
  out.Decimal("allocator_rss_ratio", Ratio(allocator.resident_bytes, allocator.active_bytes));
  out.Field("allocator_rss_bytes",
            uint64_t{allocator.resident_bytes -
                     std::min(allocator.resident_bytes, allocator.active_bytes)});
}

// What the keys of each type take, with their values.
void TypeFields(InfoWriter& out, const Services& services) {
  FiguresByType by_type;
  for (const Keyspace* keyspace : services.dataset->shards()) {
    for (const DbIndex db : keyspace->NonEmptyDatabases()) {
      AddFigures(keyspace->Figures(db), &by_type);
    }
  }
  for (size_t i = 0; i < by_type.size(); ++i) {
    if (by_type[i].key_count == 0) continue;
    const std::string_view name = (*services.types)[i]->name;
    out.Field(Format("mem_keys_%.*s", static_cast<int>(name.size()), name.data()),
              Format("keys=%zu,bytes=%zu", by_type[i].key_count,
                     by_type[i].entry_bytes + by_type[i].value_bytes));
  }
}

void MemorySection(InfoWriter& out, const Services& services) {
  AllocatorStats allocator = ReadAllocatorStats();
  if (allocator.allocated_bytes == 0) allocator.allocated_bytes = AllocatedBytes();
  const size_t used = allocator.allocated_bytes;
  services.stats->NoteMemory(used);
  const CommandStats stats = TotalStats(services);
  const size_t startup = stats.memory_at_start_bytes;
  const size_t overhead =
      startup + Sum(services, [](const Keyspace& keyspace) { return keyspace.TableBytes(); });
  const size_t dataset = used - std::min(used, overhead);
  Bytes(out, "used_memory", used);
  Bytes(out, "used_memory_peak", stats.memory_peak_bytes);
  out.Field("used_memory_peak_perc", Percent(used, stats.memory_peak_bytes));
  out.Field("used_memory_overhead", uint64_t{overhead});
  out.Field("used_memory_startup", uint64_t{startup});
  out.Field("mem_tables", uint64_t{overhead - startup});
  TypeFields(out, services);
  out.Field("used_memory_dataset", uint64_t{dataset});
  out.Field("used_memory_dataset_perc", Percent(dataset, used - std::min(used, startup)));
  AllocatorFields(out, allocator);
  const MemoryBudget& budget = services.eviction->budget();
  Bytes(out, "maxmemory", budget.limit_bytes());
  out.Field("maxmemory_policy", NameOf(services.eviction->options().policy));
  out.Field("mem_not_counted_for_evict", uint64_t{budget.uncounted_bytes()});
  out.Field("mem_aof_buffer", uint64_t{budget.uncounted_bytes()});
  Zeros(out, {"mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves",
              "mem_cluster_links"});
  int64_t defrag_percent = 0;
  for (const Keyspace* keyspace : services.dataset->shards()) {
    defrag_percent = std::max(defrag_percent, keyspace->stats().defrag_percent);
  }
  out.Field("active_defrag_running", defrag_percent);
  out.Field("mem_allocator", AllocatorName());
  out.Field("lazyfree_pending_objects", Sum(services, [](const Keyspace& keyspace) {
              return uint64_t{keyspace.pending_reclaim_keys()};
            }));
  out.Field("lazyfreed_objects", SumOf(services, &KeyspaceStats::lazyfreed_keys));
}

void PersistenceSection(InfoWriter& out, const Services& services) {
  if (services.snapshots != nullptr) {
    services.snapshots->WriteInfo(out);
  } else {
    Zeros(out, {"loading", "async_loading"});
    out.Field("rdb_changes_since_last_save", SumOf(services, &KeyspaceStats::changes));
    out.Field("rdb_bgsave_in_progress", 0);
    out.Field("rdb_last_bgsave_status", "ok");
  }
  if (services.log != nullptr) return services.log->WriteInfo(out);
  Zeros(out, {"aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled"});
  out.Field("aof_last_bgrewrite_status", "ok");
  out.Field("aof_last_write_status", "ok");
}

void StatsSection(InfoWriter& out, const Services& services) {
  const CommandStats stats = TotalStats(services);
  out.Field("total_commands_processed", stats.total_calls);
  Zeros(out, {"total_net_repl_input_bytes", "total_net_repl_output_bytes", "sync_full",
              "sync_partial_ok", "sync_partial_err"});
  out.Field("expired_keys", SumOf(services, &KeyspaceStats::expired_keys));
  out.Decimal("expired_stale_perc", 0);
  out.Field("expired_time_cap_reached_count", 0);
  out.Field("evicted_keys", SumOf(services, &KeyspaceStats::evicted_keys));
  constexpr int64_t kNsPerMs = 1'000'000;
  // Shards share one limit: the longest any of them was above it.
  int64_t exceeded_ns = 0;
  int64_t total_exceeded_ns = 0;
  for (const Services* shard : *services.shards) {
    const int64_t now_ns = shard->eviction->ExceededNs();
    exceeded_ns = std::max(exceeded_ns, now_ns);
    total_exceeded_ns = std::max(total_exceeded_ns, shard->eviction->stats().exceeded_ns + now_ns);
  }
  out.Field("total_eviction_exceeded_time", total_exceeded_ns / kNsPerMs);
  out.Field("current_eviction_exceeded_time", exceeded_ns / kNsPerMs);
  out.Field("expire_sweep_lag_ms",
            Sum(services, [now = services.eviction->now()](const Keyspace& keyspace) {
              return std::max<int64_t>(keyspace.SweepLagMs(now), 0);
            }));
  out.Field("keyspace_hits", SumOf(services, &KeyspaceStats::hits));
  out.Field("keyspace_misses", SumOf(services, &KeyspaceStats::misses));
  const auto names = [&services](ChannelKind kind) {
    return uint64_t{CountChannels(services, kind)};
  };
  out.Field("pubsub_channels", names(ChannelKind::kChannel));
  out.Field("pubsub_patterns", names(ChannelKind::kPattern));
  out.Field("pubsubshard_channels", names(ChannelKind::kShardChannel));
  Zeros(out, {"latest_fork_usec", "total_forks", "migrate_cached_sockets",
              "slave_expires_tracked_keys", "unexpected_error_replies"});
  out.Field("active_defrag_hits", SumOf(services, &KeyspaceStats::defrag_hits));
  out.Field("active_defrag_misses", SumOf(services, &KeyspaceStats::defrag_misses));
  out.Field("active_defrag_key_hits", SumOf(services, &KeyspaceStats::defrag_key_hits));
  out.Field("active_defrag_key_misses", SumOf(services, &KeyspaceStats::defrag_key_misses));
  const auto defrag_ms = [&](int64_t KeyspaceStats::*field) {
    return Sum(services, [&](const Keyspace& keyspace) { return keyspace.stats().*field; }) /
           1'000'000;
  };
  out.Field("total_active_defrag_time", defrag_ms(&KeyspaceStats::defrag_ns));
  out.Field("current_active_defrag_time", defrag_ms(&KeyspaceStats::defrag_current_ns));
  const TrackingTable& tracking = *services.tracking;
  out.Field("tracking_total_keys", uint64_t{tracking.key_count()});
  out.Field("tracking_total_items", uint64_t{tracking.item_count()});
  out.Field("tracking_total_prefixes", uint64_t{tracking.prefix_count()});
  out.Field("total_error_replies", stats.total_errors);
  out.Field("dump_payload_sanitizations", 0);
  const AclLog& refusals = services.access->log;
  out.Field("acl_access_denied_auth", refusals.refusals(AclReason::kAuth));
  out.Field("acl_access_denied_cmd", refusals.refusals(AclReason::kCommand));
  out.Field("acl_access_denied_key", refusals.refusals(AclReason::kKey));
  out.Field("acl_access_denied_channel", refusals.refusals(AclReason::kChannel));
}

void ReplicationSection(InfoWriter& out, const Services& services) {
  const std::string no_id(40, '0');
  out.Field("role", "master");
  out.Field("connected_slaves", 0);
  out.Field("master_failover_state", "no-failover");
  out.Field("master_replid", no_id);
  out.Field("master_replid2", no_id);
  out.Field("master_repl_offset", 0);
  out.Field("second_repl_offset", -1);
  out.Field("repl_backlog_active", 0);
  out.Field("repl_backlog_size",
            ParseMemory(SettingText(services, "repl-backlog-size", "1048576")).value_or(0));
  Zeros(out, {"repl_backlog_first_byte_offset", "repl_backlog_histlen"});
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void CpuSection(InfoWriter& out) {
  constexpr int kDigits = 6;
  rusage self{};
  rusage children{};
  rusage thread{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  getrusage(RUSAGE_THREAD, &thread);
  out.Decimal("used_cpu_sys", Seconds(self.ru_stime), kDigits);
  out.Decimal("used_cpu_user", Seconds(self.ru_utime), kDigits);
  out.Decimal("used_cpu_sys_children", Seconds(children.ru_stime), kDigits);
  out.Decimal("used_cpu_user_children", Seconds(children.ru_utime), kDigits);
  out.Decimal("used_cpu_sys_main_thread", Seconds(thread.ru_stime), kDigits);
  out.Decimal("used_cpu_user_main_thread", Seconds(thread.ru_utime), kDigits);
}

void KeyspaceSection(InfoWriter& out, const Services& services) {
  const UnixMs now(services.clock->WallMs());
  for (int64_t i = 0; i < services.options->databases; ++i) {
    const DbIndex db(static_cast<uint32_t>(i));
    const size_t keys = Sum(services, [&](const Keyspace& k) { return k.KeyCount(db); });
    if (keys == 0) continue;
    const size_t expires = Sum(services, [&](const Keyspace& k) { return k.ExpiryCount(db); });
    int64_t average_ttl_ms = 0;
    for (Keyspace* keyspace : services.dataset->shards()) {
      average_ttl_ms = std::max(average_ttl_ms, keyspace->AverageTtlMs(db, now));
    }
    out.Field(Format("db%u", db.value()), Format("keys=%zu,expires=%zu,avg_ttl=%lld", keys, expires,
                                                 static_cast<long long>(average_ttl_ms)));
  }
}

}  // namespace

void RegisterAdminInfo(InfoSections& info, const Services* services) {
  using Shown = InfoSections::Shown;
  const auto add = [&](std::string_view name, Shown shown,
                       void (*write)(InfoWriter&, const Services&)) {
    info.Add(name, shown, [write, services](InfoWriter& out) { write(out, *services); });
  };
  const auto add_plain = [&](std::string_view name, void (*write)(InfoWriter&)) {
    info.Add(name, Shown::kByDefault, write);
  };
  add_plain("server", ServerSection);
  add_plain("clients", [](InfoWriter&) {});  // the server's
  add("memory", Shown::kByDefault, MemorySection);
  add("persistence", Shown::kByDefault, PersistenceSection);
  add("stats", Shown::kByDefault, StatsSection);
  add("replication", Shown::kByDefault, ReplicationSection);
  add_plain("cpu", CpuSection);
  add_plain("modules", [](InfoWriter&) {});
  add("commandstats", Shown::kOnlyInAll, WriteCommandStats);
  add("errorstats", Shown::kByDefault, WriteErrorStats);
  add("latencystats", Shown::kOnlyInAll, WriteLatencyStats);
  add_plain("cluster", [](InfoWriter& out) { out.Field("cluster_enabled", 0); });
  add("keyspace", Shown::kByDefault, KeyspaceSection);
  RegisterHotkeysInfo(info, services);
}

}  // namespace torc
