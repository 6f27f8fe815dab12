// INFO as monitoring tools, queues and client libraries read it.

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

// Section titles of an INFO text; fails the test where the text is not sections of "field:value"
// lines.
std::set<std::string> Sections(const std::string& info) {
  std::set<std::string> sections;
  bool in_section = false;
  for (std::string_view line : Split(info, '\n')) {
    if (line.empty()) continue;
    REQUIRE(line.back() == '\r');
    line.remove_suffix(1);
    if (StartsWith(line, "# ")) {
      CHECK(sections.insert(std::string(line.substr(2))).second);
      in_section = true;
    } else if (!line.empty()) {
      CHECK(in_section);
      CHECK(line.find(':') != std::string_view::npos);
    }
  }
  return sections;
}

TEST_CASE("INFO has the usual sections, and others when asked") {
  Server server;
  Connection client = server.Client();
  const std::set<std::string> usual = {"Server",     "Clients",     "Memory",  "Persistence",
                                       "Stats",      "Replication", "CPU",     "Modules",
                                       "Errorstats", "Cluster",     "Keyspace"};
  CHECK(Sections(client.Do("INFO").text) == usual);
  CHECK(Sections(client.Do("INFO default").text) == usual);
  std::set<std::string> all = usual;
  all.insert({"Commandstats", "Latencystats"});
  CHECK(Sections(client.Do("INFO everything").text) == all);
  CHECK(Sections(client.Do("INFO all").text) == all);
  CHECK(Sections(client.Do("INFO server clients").text) ==
        std::set<std::string>{"Server", "Clients"});
  CHECK(Sections(client.Do("INFO SERVER server").text) == std::set<std::string>{"Server"});
  CHECK(client.Do("INFO nonsense").Print() == "\"\"");
  const RespValue verbatim = server.Client3().Do("INFO server");
  CHECK(verbatim.type == RespType::kVerbatim);
  CHECK(verbatim.verbatim_format == "txt");
}

TEST_CASE("INFO debug tells what nobody is told who does not ask for it by name") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("INFO everything").text.find("eventloop_duration_cron_sum") == std::string::npos);
  const auto value = [&](std::string_view field) {
    return ParseInt64(InfoValue(client.Do("INFO debug").text, field)).value_or(-1);
  };
  CHECK(Sections(client.Do("INFO debug").text) == std::set<std::string>{"Debug"});
  CHECK(value("eventloop_duration_aof_sum") >= 0);
  CHECK(value("eventloop_cmd_per_cycle_max") >= 1);
  CHECK(value("eventloop_duration_max") >= 0);
  const int64_t before = value("eventloop_duration_cron_sum");
  CHECK(PollUntil(5000, [&] { return value("eventloop_duration_cron_sum") > before; }));
}

// Fields that are read as integers.
constexpr std::string_view kNumbers =
    "process_id tcp_port uptime_in_seconds uptime_in_days hz arch_bits connected_clients "
    "maxclients blocked_clients tracking_clients clients_in_timeout_table used_memory "
    "used_memory_rss used_memory_peak used_memory_lua used_memory_dataset "
    "used_memory_overhead used_memory_startup total_system_memory maxmemory "
    "mem_clients_normal mem_not_counted_for_evict mem_total_replication_buffers "
    "lazyfree_pending_objects lazyfreed_objects loading rdb_changes_since_last_save "
    "rdb_bgsave_in_progress rdb_last_save_time aof_enabled aof_rewrite_in_progress "
    "async_loading total_connections_received total_commands_processed "
    "instantaneous_ops_per_sec total_net_input_bytes total_net_output_bytes "
    "rejected_connections sync_full sync_partial_ok sync_partial_err expired_keys "
    "evicted_keys keyspace_hits keyspace_misses pubsub_channels pubsub_patterns "
    "latest_fork_usec total_forks total_error_replies total_reads_processed "
    "tracking_total_keys connected_slaves master_repl_offset second_repl_offset "
    "repl_backlog_active repl_backlog_size repl_backlog_histlen "
    "repl_backlog_first_byte_offset cluster_enabled";

// Fields that are read as text.
constexpr std::string_view kTexts =
    "redis_version redis_mode os multiplexing_api run_id executable used_memory_human "
    "maxmemory_human maxmemory_policy mem_allocator mem_fragmentation_ratio "
    "rdb_last_bgsave_status aof_last_write_status role master_replid used_cpu_sys "
    "used_cpu_user master_failover_state gcc_version redis_build_id";

TEST_CASE("the fields that others read are there, and numbers where they read numbers") {
  Server server;
  const std::string info = server.Client().Do("INFO everything").text;
  for (const std::string_view number : Split(kNumbers, ' ')) {
    INFO(std::string(number));
    CHECK(ParseInt64(InfoValue(info, number)).has_value());
  }
  for (const std::string_view text : Split(kTexts, ' ')) {
    INFO(std::string(text));
    CHECK_FALSE(InfoValue(info, text).empty());
  }
}

TEST_CASE("INFO tells which server this is") {
  Server server;
  Connection client = server.Client();
  const std::string info = client.Do("INFO").text;
  CHECK(InfoValue(info, "process_id") == std::to_string(server.process().pid()));
  CHECK(InfoValue(info, "tcp_port") == std::to_string(server.port()));
  CHECK(InfoValue(info, "redis_mode") == "standalone");
  CHECK(InfoValue(info, "role") == "master");
  CHECK(InfoValue(info, "loading") == "0");
  CHECK(InfoValue(info, "cluster_enabled") == "0");
  CHECK(InfoValue(info, "maxmemory_policy") == "noeviction");
  CHECK(InfoValue(info, "run_id").size() == 40);
  CHECK(InfoValue(info, "master_replid").size() == 40);
  CHECK(InfoValue(info, "config_file").empty());
}

TEST_CASE("the keyspace section counts keys and those that expire, per database") {
  Server server;
  Connection client = server.Client();
  CHECK(InfoValue(client.Do("INFO keyspace").text, "db0").empty());
  client.Do("MSET a 1 b 2 c 3");
  client.Do("EXPIRE a 1000");
  CHECK(InfoValue(client.Do("INFO keyspace").text, "db0").rfind("keys=3,expires=1,avg_ttl=", 0) ==
        0);
  client.Do("SELECT 5");
  client.Do("SET x y");
  CHECK(InfoValue(client.Do("INFO keyspace").text, "db5").rfind("keys=1,expires=0,avg_ttl=0", 0) ==
        0);
  client.Do("FLUSHALL");
  CHECK(InfoValue(client.Do("INFO keyspace").text, "db5").empty());
}

TEST_CASE("commands are counted: called, refused, failed, and how long they took") {
  Server server;
  Connection client = server.Client();
  client.Do("SET k v");
  client.Do("GET k");
  client.Do("GET k");
  client.Do("GET");
  client.Do("INCR k");
  client.Do("CLIENT ID");
  const std::string stats = client.Do("INFO commandstats").text;
  const auto stat = [&](const std::string& command, std::string_view field) -> std::string {
    const std::string fields = InfoValue(stats, "cmdstat_" + command);
    for (const auto part : Split(fields, ',')) {
      if (StartsWith(part, field) && part[field.size()] == '=')
        return std::string(part.substr(field.size() + 1));
    }
    return {};
  };
  CHECK(stat("get", "calls") == "2");
  CHECK(stat("get", "rejected_calls") == "1");
  CHECK(stat("get", "failed_calls") == "0");
  CHECK(stat("incr", "calls") == "1");
  CHECK(stat("incr", "failed_calls") == "1");
  CHECK(stat("client|id", "calls") == "1");
  CHECK(ParseInt64(stat("set", "usec")).has_value());
  CHECK(ParseDouble(stat("set", "usec_per_call")).has_value());
  CHECK(InfoValue(client.Do("INFO latencystats").text, "latency_percentiles_usec_get")
            .rfind("p50=", 0) == 0);
}

TEST_CASE("errors are counted by their first word") {
  Server server;
  Connection client = server.Client();
  client.Do("NONSENSE");
  client.Do("SET k v");
  client.Do("LPUSH k v");
  client.Do("EVALSHA abc 0");
  const std::string errors = client.Do("INFO errorstats").text;
  CHECK(InfoValue(errors, "errorstat_ERR") == "count=1");
  CHECK(InfoValue(errors, "errorstat_WRONGTYPE") == "count=1");
  CHECK(InfoValue(errors, "errorstat_NOSCRIPT") == "count=1");
  CHECK(InfoValue(client.Do("INFO stats").text, "total_error_replies") == "3");
}

TEST_CASE("hits, misses, connections and bytes are counted") {
  Server server;
  Connection client = server.Client();
  client.Do("CONFIG RESETSTAT");
  client.Do("SET k v");
  client.Do("GET k");
  client.Do("GET nothing");
  client.Do("EXISTS nothing");
  Connection other = server.Client();
  other.Do("PING");
  const std::string stats = client.Do("INFO stats").text;
  CHECK(InfoValue(stats, "keyspace_hits") == "1");
  CHECK(InfoValue(stats, "keyspace_misses") == "2");
  CHECK(InfoValue(stats, "total_connections_received") == "1");
  CHECK(InfoValue(stats, "total_commands_processed") == "6");
  CHECK(*ParseInt64(InfoValue(stats, "total_net_input_bytes")) > 50);
}

TEST_CASE("expired keys are counted") {
  Server server;
  Connection client = server.Client();
  client.Do("SET k v PX 1");
  CHECK(PollUntil(10'000, [&] { return client.Do("EXISTS k").IsInteger(0); }));
  CHECK(PollUntil(10'000,
                  [&] { return InfoValue(client.Do("INFO stats").text, "expired_keys") == "1"; }));
}

}  // namespace
}  // namespace torc::testing
