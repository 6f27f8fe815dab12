// MEMORY USAGE, STATS, DOCTOR, PURGE, MALLOC-STATS.

#include <algorithm>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/text.h"
#include "command/context.h"
#include "command/info.h"
#include "command/process_totals.h"
#include "features/admin/admin_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kSpecialTips =
    "NONDETERMINISTIC_OUTPUT,REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:SPECIAL";

constexpr CommandSpec kMemory = {.name = "memory",
                                 .arity = AtLeast(2),
                                 .group = Group::kServer,
                                 .since = "4.0.0",
                                 .help_since = "4.0.0",
                                 .complexity = "Depends on the subcommand.",
                                 .summary = "Tells what memory is used for."};

void MemoryUsage(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  // Every value knows its exact size, so the number of samples is checked and not needed.
  while (!args.AtEnd() && args.ok()) {
    if (!args.TakeWith("SAMPLES", 1)) {
      args.FailSyntax();
    } else if (args.Integer() < 0) {
      args.FailSyntax();
    }
  }
  if (!args.Done(context.reply)) return;
  const Keyspace::Found found = context.Find(key);
  if (!found) return context.reply.Null();
  context.reply.Integer(static_cast<int64_t>(context.Owner(key).EntryBytes(*found.entry)));
}

constexpr CommandSpec kMemoryUsage = {
    .name = "usage",
    .parent = "memory",
    .arity = AtLeast(3),
    .group = Group::kServer,
    .since = "4.0.0",
    .flags = kReadonly,
    .keys = {OneKey(2, kKeyReadOnly)},
    .syntax = "key [SAMPLES count]",
    .complexity = "O(1)",
    .summary = "Answers the bytes that a key and its value take."};

void Number(ReplyWriter& reply, std::string_view name, size_t value) {
  reply.Bulk(name);
  reply.Integer(static_cast<int64_t>(value));
}

void Fraction(ReplyWriter& reply, std::string_view name, double value) {
  reply.Bulk(name);
  reply.Double(value);
}

double Ratio(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

struct MemoryFigures {
  AllocatorStats allocator;
  size_t peak_bytes = 0;
  size_t startup_bytes = 0;
  size_t table_bytes = 0;
  size_t client_bytes = 0;
  size_t log_bytes = 0;
  size_t script_bytes = 0;
  size_t function_bytes = 0;
  size_t rss_bytes = 0;
  size_t key_count = 0;
  FiguresByType by_type;

  size_t overhead_bytes() const {
    return startup_bytes + table_bytes + client_bytes + log_bytes + script_bytes + function_bytes;
  }
  size_t dataset_bytes() const {
    return allocator.allocated_bytes - std::min(allocator.allocated_bytes, overhead_bytes());
  }
};

// What other rooms tell in INFO; 0 where none does.
void TakeFromInfo(const Services& services, MemoryFigures* figures) {
  const std::string text = services.info->Text({"memory"});
  const auto number = [&text](std::string_view name) -> size_t {
    const std::string field = "\n" + std::string(name) + ":";
    const size_t at = text.find(field);
    if (at == std::string::npos) return 0;
    const size_t begin = at + field.size();
    const std::string_view digits =
        std::string_view(text).substr(begin, text.find('\r', begin) - begin);
    return static_cast<size_t>(ParseInt64(digits).value_or(0));
  };
  figures->script_bytes = number("used_memory_scripts_eval");
  figures->function_bytes = number("used_memory_functions");
  figures->rss_bytes = std::max(number("used_memory_rss"), figures->allocator.resident_bytes);
}

MemoryFigures Figures(const CommandContext& context) {
  const Services& services = context.services;
  MemoryFigures figures;
  figures.allocator = ReadAllocatorStats();
  if (figures.allocator.allocated_bytes == 0) figures.allocator.allocated_bytes = AllocatedBytes();
  services.stats->NoteMemory(figures.allocator.allocated_bytes);
  const CommandStats stats = TotalStats(services);
  figures.peak_bytes = stats.memory_peak_bytes;
  figures.startup_bytes = stats.memory_at_start_bytes;
  figures.log_bytes = services.eviction->budget().uncounted_bytes();
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    figures.table_bytes += keyspace->TableBytes();
    for (const DbIndex db : keyspace->NonEmptyDatabases()) {
      figures.key_count += keyspace->KeyCount(db);
      AddFigures(keyspace->Figures(db), &figures.by_type);
    }
  }
  if (services.clients != nullptr) {
    services.clients->ForEach([&](Session&, const Transport& transport) {
      figures.client_bytes += transport.total_bytes;
    });
  }
  TakeFromInfo(services, &figures);
  return figures;
}

// The databases that hold keys, of all shards.
std::vector<DbIndex> UsedDatabases(const CommandContext& context) {
  std::vector<DbIndex> used;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    for (const DbIndex db : keyspace->NonEmptyDatabases()) {
      if (std::find(used.begin(), used.end(), db) == used.end()) used.push_back(db);
    }
  }
  std::sort(used.begin(), used.end());
  return used;
}

// One database; deadlines are in its entries, and their index is part of its tables.
void ReplyDatabase(CommandContext& context, DbIndex db) {
  size_t table_bytes = 0;
  size_t entry_bytes = 0;
  size_t value_bytes = 0;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    table_bytes += keyspace->TableBytes(db);
    for (const TypeFigures& figures : keyspace->Figures(db)) {
      entry_bytes += figures.entry_bytes;
      value_bytes += figures.value_bytes;
    }
  }
  ReplyWriter& reply = context.reply;
  reply.Bulk(Format("db.%u", db.value()));
  reply.Map(5);
  Number(reply, "overhead.hashtable.main", table_bytes);
  Number(reply, "overhead.hashtable.expires", 0);
  Number(reply, "overhead.hashtable.slot-to-keys", 0);
  Number(reply, "entries.bytes", entry_bytes);
  Number(reply, "values.bytes", value_bytes);
}

// What the keys of each type that there is take: entries hold keys, headers and small values.
void ReplyTypes(CommandContext& context, const FiguresByType& by_type) {
  ReplyWriter& reply = context.reply;
  const auto there = [](const TypeFigures& figures) { return figures.key_count > 0; };
  reply.Bulk("types");
  reply.Map(static_cast<size_t>(std::count_if(by_type.begin(), by_type.end(), there)));
  for (size_t i = 0; i < by_type.size(); ++i) {
    if (!there(by_type[i])) continue;
    reply.Bulk((*context.services.types)[i]->name);
    reply.Map(3);
    Number(reply, "keys.count", by_type[i].key_count);
    Number(reply, "entries.bytes", by_type[i].entry_bytes);
    Number(reply, "values.bytes", by_type[i].value_bytes);
  }
}

void ReplyAllocator(ReplyWriter& reply, const AllocatorStats& allocator, size_t rss_bytes) {
  const size_t fragments =
      allocator.active_bytes - std::min(allocator.active_bytes, allocator.allocated_bytes);
  const size_t rss =
      allocator.resident_bytes - std::min(allocator.resident_bytes, allocator.active_bytes);
  Number(reply, "allocator.allocated", allocator.allocated_bytes);
  Number(reply, "allocator.active", allocator.active_bytes);
  Number(reply, "allocator.resident", allocator.resident_bytes);
  Fraction(reply, "allocator-fragmentation.ratio",
           Ratio(allocator.active_bytes, allocator.allocated_bytes));
  Number(reply, "allocator-fragmentation.bytes", fragments);
  Fraction(reply, "allocator-rss.ratio", Ratio(allocator.resident_bytes, allocator.active_bytes));
  Number(reply, "allocator-rss.bytes", rss);
  Fraction(reply, "rss-overhead.ratio", Ratio(rss_bytes, allocator.resident_bytes));
  Number(reply, "rss-overhead.bytes", rss_bytes - allocator.resident_bytes);
  Fraction(reply, "fragmentation", Ratio(rss_bytes, allocator.allocated_bytes));
  Number(reply, "fragmentation.bytes", rss_bytes - std::min(rss_bytes, allocator.allocated_bytes));
}

void MemoryStats(CommandContext& context, ArgCursor /*args*/) {
  constexpr size_t kFields = 29;
  const MemoryFigures figures = Figures(context);
  const std::vector<DbIndex> databases = UsedDatabases(context);
  const size_t used = figures.allocator.allocated_bytes;
  ReplyWriter& reply = context.reply;
  reply.Map(kFields + databases.size());
  Number(reply, "peak.allocated", figures.peak_bytes);
  Number(reply, "total.allocated", used);
  Number(reply, "startup.allocated", figures.startup_bytes);
  Number(reply, "replication.backlog", 0);
  Number(reply, "clients.slaves", 0);
  Number(reply, "clients.normal", figures.client_bytes);
  Number(reply, "cluster.links", 0);
  Number(reply, "aof.buffer", figures.log_bytes);
  Number(reply, "lua.caches", figures.script_bytes);
  Number(reply, "functions.caches", figures.function_bytes);
  for (const DbIndex db : databases) ReplyDatabase(context, db);
  ReplyTypes(context, figures.by_type);
  Number(reply, "overhead.hashtable.main", figures.table_bytes);
  Number(reply, "overhead.total", figures.overhead_bytes());
  Number(reply, "keys.count", figures.key_count);
  Number(reply, "keys.bytes-per-key",
         figures.key_count == 0 ? 0 : figures.dataset_bytes() / figures.key_count);
  Number(reply, "dataset.bytes", figures.dataset_bytes());
  Fraction(reply, "dataset.percentage",
           100 * Ratio(figures.dataset_bytes(), used - std::min(used, figures.startup_bytes)));
  Fraction(reply, "peak.percentage", 100 * Ratio(used, figures.peak_bytes));
  ReplyAllocator(reply, figures.allocator, figures.rss_bytes);
}

constexpr CommandSpec kMemoryStats = {
    .name = "stats",
    .parent = "memory",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "4.0.0",
    .complexity = "O(1)",
    .summary = "Answers how much memory is used, for what, and how well it is packed.",
    .tips = kSpecialTips};

void MemoryDoctor(CommandContext& context, ArgCursor /*args*/) {
  constexpr size_t kWorthLookingBytes = 5 << 20;
  constexpr double kFragmentedRatio = 1.4;
  const MemoryFigures figures = Figures(context);
  const AllocatorStats& allocator = figures.allocator;
  std::string text;
  if (allocator.allocated_bytes < kWorthLookingBytes) {
    text = "Too little memory is in use to tell anything about it.\n";
  } else if (Ratio(allocator.resident_bytes, allocator.allocated_bytes) > kFragmentedRatio) {
    text = "Much of the resident memory (" + HumanBytes(allocator.resident_bytes) + " for " +
           HumanBytes(allocator.allocated_bytes) +
           " in use) is held but not used. After many deletions this is normal; MEMORY PURGE gives "
           "back what can be given back.\n";
  } else {
    text = "Nothing unusual about the memory in use.\n";
  }
  context.reply.Verbatim("txt", text);
}

constexpr CommandSpec kMemoryDoctor = {.name = "doctor",
                                       .parent = "memory",
                                       .arity = Exactly(2),
                                       .group = Group::kServer,
                                       .since = "4.0.0",
                                       .complexity = "O(1)",
                                       .summary = "Says whether the memory in use looks healthy.",
                                       .tips = kSpecialTips};

void MemoryPurge(CommandContext& context, ArgCursor /*args*/) {
  PurgeAllocator();
  context.reply.Ok();
}

constexpr CommandSpec kMemoryPurge = {
    .name = "purge",
    .parent = "memory",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "4.0.0",
    .complexity = "O(N) with N the unused pages",
    .summary = "Gives unused memory back to the system.",
    .tips = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ALL_SUCCEEDED"};

void MemoryMallocStats(CommandContext& context, ArgCursor /*args*/) {
  const AllocatorStats stats = ReadAllocatorStats();
  context.reply.Verbatim(
      "txt", Format("Allocator: %s\nAllocated: %zu, active: %zu, resident: %zu, retained: %zu, "
                    "muzzy: %zu\n",
                    AllocatorName(), stats.allocated_bytes, stats.active_bytes,
                    stats.resident_bytes, stats.retained_bytes, stats.muzzy_bytes));
}

constexpr CommandSpec kMemoryMallocStats = {.name = "malloc-stats",
                                            .parent = "memory",
                                            .arity = Exactly(2),
                                            .group = Group::kServer,
                                            .since = "4.0.0",
                                            .complexity = "O(1)",
                                            .summary = "Answers the allocator's own figures.",
                                            .tips = kSpecialTips};

}  // namespace

void RegisterMemoryCommands(CommandRegistry& registry) {
  registry.Add(kMemory, nullptr);
  registry.Add(kMemoryUsage, MemoryUsage);
  registry.Add(kMemoryStats, MemoryStats);
  registry.Add(kMemoryDoctor, MemoryDoctor);
  registry.Add(kMemoryPurge, MemoryPurge);
  registry.Add(kMemoryMallocStats, MemoryMallocStats);
}

}  // namespace torc
