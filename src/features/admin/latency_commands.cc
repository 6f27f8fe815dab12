// LATENCY HISTOGRAM, from the figures that every command leaves; and LATEST, HISTORY, RESET, which
// answer for a monitor of slow events that is never switched on: no events.

#include <vector>

#include "command/context.h"
#include "features/admin/admin_commands.h"

namespace torc {
namespace {

constexpr uint32_t kLatencyFlags = kAdmin | kNoScript | kLoading | kStale;
constexpr std::string_view kSpecialTips =
    "NONDETERMINISTIC_OUTPUT,REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:SPECIAL";

constexpr CommandSpec kLatency = {.name = "latency",
                                  .arity = AtLeast(2),
                                  .group = Group::kServer,
                                  .since = "2.8.13",
                                  .help_since = "2.8.13",
                                  .complexity = "Depends on the subcommand.",
                                  .summary = "Tells how long things took."};

// The histogram of one command, if it ever ran; returns whether it did.
bool ReplyHistogram(CommandContext& context, const Command& command) {
  const CommandFigures& figures = context.services.stats->by_command[command.index];
  if (figures.latency.count() == 0) return false;
  ReplyWriter& reply = context.reply;
  reply.Bulk(command.full_name);
  reply.Map(2);
  reply.Bulk("calls");
  reply.Integer(static_cast<int64_t>(figures.latency.count()));
  reply.Bulk("histogram_usec");
  const size_t mark = reply.MapLater();
  size_t pairs = 0;
  figures.latency.ForEachPowerOfTwoUs([&](uint64_t bound_us, uint64_t count) {
    reply.Integer(static_cast<int64_t>(bound_us));
    reply.Integer(static_cast<int64_t>(count));
    ++pairs;
  });
  reply.CloseMap(mark, pairs);
  return true;
}

void LatencyHistogramOf(CommandContext& context, ArgCursor args) {
  const CommandRegistry& registry = *context.services.commands;
  std::vector<const Command*> wanted;
  if (args.AtEnd()) {
    for (const Command& command : registry.all()) wanted.push_back(&command);
  }
  while (!args.AtEnd()) {
    const Command* command = registry.FindFull(args.Next());
    if (command == nullptr) continue;
    wanted.push_back(command);
    wanted.insert(wanted.end(), command->subcommands.begin(), command->subcommands.end());
  }
  const size_t mark = context.reply.MapLater();
  size_t pairs = 0;
  for (const Command* command : wanted) pairs += ReplyHistogram(context, *command) ? 1 : 0;
  context.reply.CloseMap(mark, pairs);
}

constexpr CommandSpec kLatencyHistogram = {
    .name = "histogram",
    .parent = "latency",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "7.0.0",
    .flags = kLatencyFlags,
    .syntax = "[command [command ...]]",
    .complexity = "O(N) with N the number of commands asked for",
    .summary = "Answers how many calls of a command took up to 1, 2, 4, 8, … microseconds.",
    .tips = kSpecialTips};

void NoEvents(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Array(0);
}

constexpr CommandSpec kLatencyLatest = {.name = "latest",
                                        .parent = "latency",
                                        .arity = Exactly(2),
                                        .group = Group::kServer,
                                        .since = "2.8.13",
                                        .flags = kLatencyFlags,
                                        .complexity = "O(1)",
                                        .summary = "Answers the newest sample of each slow event.",
                                        .tips = kSpecialTips};

constexpr CommandSpec kLatencyHistory = {.name = "history",
                                         .parent = "latency",
                                         .arity = Exactly(3),
                                         .group = Group::kServer,
                                         .since = "2.8.13",
                                         .flags = kLatencyFlags,
                                         .syntax = "event",
                                         .complexity = "O(1)",
                                         .summary = "Answers the samples of one slow event.",
                                         .tips = kSpecialTips};

void LatencyReset(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(0);
}

constexpr CommandSpec kLatencyReset = {
    .name = "reset",
    .parent = "latency",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "2.8.13",
    .flags = kLatencyFlags,
    .syntax = "[event [event ...]]",
    .complexity = "O(1)",
    .summary = "Forgets the samples of slow events; answers of how many.",
    .tips = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:AGG_SUM"};

}  // namespace

void RegisterLatencyCommands(CommandRegistry& registry) {
  registry.Add(kLatency, nullptr);
  registry.Add(kLatencyHistogram, LatencyHistogramOf);
  registry.Add(kLatencyLatest, NoEvents);
  registry.Add(kLatencyHistory, NoEvents);
  registry.Add(kLatencyReset, LatencyReset);
}

}  // namespace torc
