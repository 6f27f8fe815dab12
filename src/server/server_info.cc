// What the process tells in INFO, besides what the engine knows.

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <climits>
#include <cstdio>

#include "base/memory.h"
#include "server/info_compat.h"
#include "server/server.h"
#include "torc/version.h"

namespace torc {

void Server::RegisterInfo() {
  InfoSections& info = shard_->info();
  constexpr auto kShown = InfoSections::Shown::kByDefault;
  info.Add("server", kShown, [this](InfoWriter& out) { InfoServer(out); });
  info.Add("clients", kShown, [this](InfoWriter& out) { InfoClients(out); });
  info.Add("memory", kShown, [this](InfoWriter& out) { InfoMemory(out); });
  info.Add("stats", kShown, [this](InfoWriter& out) { InfoStats(out); });
  info.Add("server", kShown, [this](InfoWriter& out) {
    WriteClocks(out, clock_.WallMs());
    WriteListeners(out, options_, tls_.port());
  });
  info.Add("stats", kShown, WriteAbsentStats);
  info.Add("stats", kShown, [this](InfoWriter& out) { InfoShards(out); });
  info.Add("debug", InfoSections::Shown::kOnlyByName, [this](InfoWriter& out) { InfoDebug(out); });
}

void Server::InfoServer(InfoWriter& out) const {
  utsname system{};
  uname(&system);
  const int64_t uptime_s = (const_cast<SystemClock&>(clock_).MonoNs() - started_ns_) / 1000000000;
  char executable[PATH_MAX] = "";
  const ssize_t length = readlink("/proc/self/exe", executable, sizeof(executable) - 1);
  executable[std::max<ssize_t>(length, 0)] = '\0';
  out.Field("os", Format("%s %s %s", system.sysname, system.release, system.machine));
  out.Field("arch_bits", 64);
  out.Field("multiplexing_api", "epoll");
  out.Field("io_uring", shard_loop_->uses_ring() ? 1 : 0);
  out.Field("gcc_version", Format("%d.%d.%d", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__));
  out.Field("process_id", static_cast<int64_t>(getpid()));
  out.Field("process_supervised", supervision_.supervisor());
  out.Field("run_id", run_id_);
  out.Field("tcp_port", options_.port);
  out.Field("server_time_usec", const_cast<SystemClock&>(clock_).WallUs());
  out.Field("uptime_in_seconds", uptime_s);
  out.Field("uptime_in_days", uptime_s / 86400);
  out.Field("hz", options_.hz);
  out.Field("configured_hz", options_.hz);
  out.Field("executable", executable);
  out.Field("config_file", config_path_);
}

void Server::InfoClients(InfoWriter& out) {
  size_t longest_output = 0;
  size_t largest_input = 0;
  size_t count = 0;
  clients_[0]->ForEach([&](Session& session, const Transport& transport) {
    (void)session;
    ++count;
    longest_output = std::max(longest_output, transport.output_pending_bytes);
    largest_input = std::max(largest_input, transport.query_bytes);
  });
  out.Field("connected_clients", uint64_t{count});
  out.Field("cluster_connections", 0);
  out.Field("maxclients", options_.clients_max);
  out.Field("client_recent_max_input_buffer", uint64_t{largest_input});
  out.Field("client_recent_max_output_buffer", uint64_t{longest_output});
  const BlockingTable& blocking = *shard_->services().blocking;
  size_t paused = 0;
  for (const ShardLoop* loop : shard_loops_) paused += loop->deferred_count();
  out.Field("blocked_clients", uint64_t{blocking.session_count() + paused});
  out.Field("tracking_clients", uint64_t{shard_->services().tracking->client_count()});
  out.Field("clients_in_timeout_table", 0);
  out.Field("total_blocking_keys", uint64_t{blocking.key_count()});
  out.Field("total_blocking_keys_on_nokey", uint64_t{blocking.needed_key_count()});
}

// Resident memory is the kernel's figure, the rest follows from it and the allocator's.
void Server::InfoMemory(InfoWriter& out) {
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t machine_bytes = engine_options_.machine_memory_bytes;
  size_t total_pages = 0;
  size_t resident_pages = 0;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(statm, "%zu %zu", &total_pages, &resident_pages) != 2) resident_pages = 0;
    std::fclose(statm);
  }
  const size_t rss_bytes = resident_pages * page_bytes;
  const size_t used_bytes = std::max<size_t>(AllocatedBytes(), 1);
  const size_t allocator_bytes = std::max<size_t>(ReadAllocatorStats().resident_bytes, 1);
  const auto beyond = [rss_bytes](size_t part) {
    return static_cast<int64_t>(rss_bytes) - static_cast<int64_t>(part);
  };
  const auto ratio = [rss_bytes](size_t part) {
    return static_cast<double>(rss_bytes) / static_cast<double>(part);
  };
  size_t client_bytes = 0;
  for (const ShardLoop* loop : shard_loops_) client_bytes += loop->clients().AllocatedBytes();
  out.Field("mem_clients_normal", uint64_t{client_bytes});
  out.Field("used_memory_rss", uint64_t{rss_bytes});
  out.Field("used_memory_rss_human", HumanBytes(rss_bytes));
  out.Field("total_system_memory", uint64_t{machine_bytes});
  out.Field("total_system_memory_human", HumanBytes(machine_bytes));
  out.Decimal("rss_overhead_ratio", ratio(allocator_bytes));
  out.Field("rss_overhead_bytes", beyond(allocator_bytes));
  out.Decimal("mem_fragmentation_ratio", ratio(used_bytes));
  out.Field("mem_fragmentation_bytes", beyond(used_bytes));
}

void Server::InfoStats(InfoWriter& out) {
  ClientFigures clients;
  LoopFigures loops;
  uint64_t reads = 0;
  uint64_t writes = 0;
  for (const ShardLoop* loop : shard_loops_) {
    const ClientFigures& of_shard = loop->clients().figures();
    clients.evicted += of_shard.evicted;
    clients.connections_received += of_shard.connections_received;
    clients.connections_rejected += of_shard.connections_rejected;
    clients.bytes_in += loop->clients().TotalBytesIn();
    clients.bytes_out += loop->clients().TotalBytesOut();
    clients.query_limit_disconnections += of_shard.query_limit_disconnections;
    clients.output_limit_disconnections += of_shard.output_limit_disconnections;
    loops.turns += loop->figures().turns;
    loops.work_ns += loop->figures().work_ns;
    loops.turns_per_s += loop->figures().turns_per_s;
    loops.commands_per_s += loop->figures().commands_per_s;
    loops.bytes_in_per_s += loop->figures().bytes_in_per_s;
    loops.bytes_out_per_s += loop->figures().bytes_out_per_s;
    reads += loop->reads;
    writes += loop->writes;
  }
  out.Field("evicted_clients", clients.evicted);
  out.Field("total_connections_received", clients.connections_received);
  out.Field("rejected_connections", clients.connections_rejected);
  out.Field("instantaneous_ops_per_sec", loops.commands_per_s);
  out.Field("total_net_input_bytes", clients.bytes_in);
  out.Field("total_net_output_bytes", clients.bytes_out);
  out.Decimal("instantaneous_input_kbps", static_cast<double>(loops.bytes_in_per_s) / 1024);
  out.Decimal("instantaneous_output_kbps", static_cast<double>(loops.bytes_out_per_s) / 1024);
  out.Field("client_query_buffer_limit_disconnections", clients.query_limit_disconnections);
  out.Field("client_output_buffer_limit_disconnections", clients.output_limit_disconnections);
  out.Field("total_reads_processed", reads);
  out.Field("total_writes_processed", writes);
  uint64_t command_ns = 0;
  for (const Services* services : *shard_->services().shards) {
    for (const CommandFigures& figures : services->stats->by_command) {
      command_ns += figures.duration_ns;
    }
  }
  constexpr uint64_t kNsPerUs = 1000;
  out.Field("eventloop_cycles", loops.turns);
  out.Field("eventloop_duration_sum", static_cast<uint64_t>(loops.work_ns) / kNsPerUs);
  out.Field("eventloop_duration_cmd_sum", command_ns / kNsPerUs);
  out.Field("instantaneous_eventloop_cycles_per_sec", loops.turns_per_s);
}

// Sums over all shards, and the most of any. The log is written on a thread of its own.
void Server::InfoDebug(InfoWriter& out) const {
  constexpr int64_t kNsPerUs = 1000;
  LoopFigures loops;
  for (const ShardLoop* loop : shard_loops_) {
    const LoopFigures& figures = loop->figures();
    loops.tick_ns += figures.tick_ns;
    loops.work_ns_max = std::max(loops.work_ns_max, figures.work_ns_max);
    loops.commands_max = std::max(loops.commands_max, figures.commands_max);
  }
  out.Field("eventloop_duration_aof_sum", append_log_->write_us());
  out.Field("eventloop_duration_cron_sum", loops.tick_ns / kNsPerUs);
  out.Field("eventloop_duration_max", loops.work_ns_max / kNsPerUs);
  out.Field("eventloop_cmd_per_cycle_max", loops.commands_max);
}

// Each shard's share of the work; with one shard there is nothing to tell apart.
void Server::InfoShards(InfoWriter& out) {
  out.Field("threads", uint64_t{shard_loops_.size()});
  if (other_shards_ == nullptr) return;
  out.Field("borrows", other_shards_->group().world.borrow_count());
  uint64_t most = 0;
  uint64_t total = 0;
  for (size_t i = 0; i < shard_loops_.size(); ++i) {
    const Services& services = *(*shard_->services().shards)[i];
    const Exchange::Figures& figures = shard_loops_[i]->exchange()->figures();
    const uint64_t calls = services.stats->total_calls;
    most = std::max(most, calls);
    total += calls;
    out.Field(Format("shard%zu", i),
              Format("commands=%" PRIu64 ",clients=%zu,hops_out=%" PRIu64 ",hops_in=%" PRIu64
                     ",parcels=%" PRIu64 ",queue=%zu,queue_max=%zu,slow_turns=%" PRIu64,
                     calls, shard_loops_[i]->clients().size(), figures.requests_sent,
                     figures.requests_served, figures.parcels_sent,
                     shard_loops_[i]->exchange()->waiting(), figures.waiting_max,
                     shard_loops_[i]->figures().slow_turns));
  }
  // The busiest shard's commands over the mean: 1 is an even load.
  const double mean = static_cast<double>(total) / static_cast<double>(shard_loops_.size());
  out.Decimal("imbalance", total == 0 ? 1 : static_cast<double>(most) / mean);
}

}  // namespace torc
