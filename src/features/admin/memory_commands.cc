// MEMORY USAGE, STATS, DOCTOR, PURGE, MALLOC-STATS.

#include <algorithm>
#include <string>

#include "base/memory.h"
#include "command/context.h"
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
  size_t key_count = 0;

  size_t overhead_bytes() const { return startup_bytes + table_bytes; }
  size_t dataset_bytes() const {
    return allocator.allocated_bytes - std::min(allocator.allocated_bytes, overhead_bytes());
  }
};

MemoryFigures Figures(const CommandContext& context) {
  MemoryFigures figures;
  figures.allocator = ReadAllocatorStats();
  if (figures.allocator.allocated_bytes == 0) figures.allocator.allocated_bytes = AllocatedBytes();
  context.services.stats->NoteMemory(figures.allocator.allocated_bytes);
  const CommandStats stats = TotalStats(context.services);
  figures.peak_bytes = stats.memory_peak_bytes;
  figures.startup_bytes = stats.memory_at_start_bytes;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    figures.table_bytes += keyspace->TableBytes();
    for (const DbIndex db : keyspace->NonEmptyDatabases())
      figures.key_count += keyspace->KeyCount(db);
  }
  return figures;
}

void ReplyAllocator(ReplyWriter& reply, const AllocatorStats& allocator) {
  const size_t fragments =
      allocator.active_bytes - std::min(allocator.active_bytes, allocator.allocated_bytes);
  const size_t rss =
      allocator.resident_bytes - std::min(allocator.resident_bytes, allocator.active_bytes);
  const size_t all =
      allocator.resident_bytes - std::min(allocator.resident_bytes, allocator.allocated_bytes);
  Number(reply, "allocator.allocated", allocator.allocated_bytes);
  Number(reply, "allocator.active", allocator.active_bytes);
  Number(reply, "allocator.resident", allocator.resident_bytes);
  Fraction(reply, "allocator-fragmentation.ratio",
           Ratio(allocator.active_bytes, allocator.allocated_bytes));
  Number(reply, "allocator-fragmentation.bytes", fragments);
  Fraction(reply, "allocator-rss.ratio", Ratio(allocator.resident_bytes, allocator.active_bytes));
  Number(reply, "allocator-rss.bytes", rss);
  Fraction(reply, "fragmentation", Ratio(allocator.resident_bytes, allocator.allocated_bytes));
  Number(reply, "fragmentation.bytes", all);
}

void MemoryStats(CommandContext& context, ArgCursor /*args*/) {
  constexpr size_t kFields = 18;
  const MemoryFigures figures = Figures(context);
  const size_t used = figures.allocator.allocated_bytes;
  ReplyWriter& reply = context.reply;
  reply.Map(kFields);
  Number(reply, "peak.allocated", figures.peak_bytes);
  Number(reply, "total.allocated", used);
  Number(reply, "startup.allocated", figures.startup_bytes);
  Number(reply, "overhead.hashtable.main", figures.table_bytes);
  Number(reply, "overhead.total", figures.overhead_bytes());
  Number(reply, "keys.count", figures.key_count);
  Number(reply, "keys.bytes-per-key",
         figures.key_count == 0 ? 0 : figures.dataset_bytes() / figures.key_count);
  Number(reply, "dataset.bytes", figures.dataset_bytes());
  Fraction(reply, "dataset.percentage",
           100 * Ratio(figures.dataset_bytes(), used - std::min(used, figures.startup_bytes)));
  ReplyAllocator(reply, figures.allocator);
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
