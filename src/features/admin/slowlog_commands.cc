// SLOWLOG GET, LEN, RESET.

#include <algorithm>

#include "command/context.h"
#include "command/process_totals.h"
#include "features/admin/admin_commands.h"

namespace torc {
namespace {

constexpr CommandSpec kSlowlog = {.name = "slowlog",
                                  .arity = AtLeast(2),
                                  .group = Group::kServer,
                                  .since = "2.2.12",
                                  .help_since = "6.2.0",
                                  .complexity = "Depends on the subcommand.",
                                  .summary = "Shows the commands that took long."};

void ReplyEntry(ReplyWriter& reply, const SlowlogEntry& entry) {
  reply.Array(6);
  reply.Integer(entry.id);
  reply.Integer(entry.unix_time_s);
  reply.Integer(entry.duration_us);
  reply.Array(entry.args.size());
  for (const std::string& arg : entry.args) reply.Bulk(arg);
  reply.Bulk(entry.client_address);
  reply.Bulk(entry.client_name);
}

void SlowlogGet(CommandContext& context, ArgCursor args) {
  constexpr int64_t kCountByDefault = 10;
  constexpr std::string_view kWrongCount = "ERR count should be greater than or equal to -1";
  int64_t count = kCountByDefault;
  if (!args.AtEnd()) {
    count = args.Integer(kWrongCount);
    if (count < -1) args.Fail(kWrongCount);
  }
  if (!args.Done(context.reply)) return;
  const auto& entries = GatheredSlowlog(context.services).entries();
  const size_t shown =
      count < 0 ? entries.size() : std::min(entries.size(), static_cast<size_t>(count));
  context.reply.Array(shown);
  for (size_t i = 0; i < shown; ++i) ReplyEntry(context.reply, entries[i]);
}

constexpr CommandSpec kSlowlogGet = {
    .name = "get",
    .parent = "slowlog",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "2.2.12",
    .flags = kAdmin | kLoading | kStale,
    .syntax = "[count]",
    .complexity = "O(N) with N the number of entries answered",
    .summary = "Answers the newest entries: number, time, microseconds, arguments, client.",
    .tips = "REQUEST_POLICY:ALL_NODES,NONDETERMINISTIC_OUTPUT"};

void SlowlogLen(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(static_cast<int64_t>(GatheredSlowlog(context.services).entries().size()));
}

constexpr CommandSpec kSlowlogLen = {
    .name = "len",
    .parent = "slowlog",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "2.2.12",
    .flags = kAdmin | kLoading | kStale,
    .complexity = "O(1)",
    .summary = "Answers how many entries there are.",
    .tips = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:AGG_SUM,NONDETERMINISTIC_OUTPUT"};

void SlowlogReset(CommandContext& context, ArgCursor /*args*/) {
  GatheredSlowlog(context.services).Reset();
  context.reply.Ok();
}

constexpr CommandSpec kSlowlogReset = {
    .name = "reset",
    .parent = "slowlog",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "2.2.12",
    .flags = kAdmin | kLoading | kStale,
    .complexity = "O(N) with N the number of entries",
    .summary = "Forgets all entries.",
    .tips = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED"};

}  // namespace

void RegisterSlowlogCommands(CommandRegistry& registry) {
  registry.Add(kSlowlog, nullptr);
  registry.Add(kSlowlogGet, SlowlogGet);
  registry.Add(kSlowlogLen, SlowlogLen);
  registry.Add(kSlowlogReset, SlowlogReset);
}

}  // namespace torc
