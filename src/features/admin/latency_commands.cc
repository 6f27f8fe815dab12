// LATENCY HISTOGRAM, from the figures that every command leaves; LATEST, HISTORY, GRAPH, DOCTOR and
// RESET, from the monitor of slow events.

#include <string>
#include <vector>

#include "command/context.h"
#include "command/latency_monitor.h"
#include "command/process_totals.h"
#include "features/admin/admin_commands.h"
#include "features/admin/latency_report.h"

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
  const CommandFigures figures = TotalFigures(context.services, command);
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

void LatencyLatest(CommandContext& context, ArgCursor /*args*/) {
  const auto events = context.services.latency->All();
  context.reply.Array(events.size());
  for (const auto& [event, series] : events) {
    const LatencySample& latest = series.samples.back();
    context.reply.Array(4);
    context.reply.Bulk(event);
    context.reply.Integer(latest.unix_time_s);
    context.reply.Integer(latest.latency_ms);
    context.reply.Integer(series.longest_ms);
  }
}

void LatencyHistory(CommandContext& context, ArgCursor args) {
  const LatencySeries series = context.services.latency->Of(args.Next());
  context.reply.Array(series.samples.size());
  for (const LatencySample& sample : series.samples) {
    context.reply.Array(2);
    context.reply.Integer(sample.unix_time_s);
    context.reply.Integer(sample.latency_ms);
  }
}

void LatencyGraphOf(CommandContext& context, ArgCursor args) {
  const std::string_view event = args.Next();
  const LatencySeries series = context.services.latency->Of(event);
  if (series.samples.empty()) {
    return context.reply.Error("ERR No samples available for event '" +
                               std::string(errors::ShownText(event)) + "'");
  }
  context.reply.Verbatim("txt", LatencyGraph(event, series, context.now.value() / 1000));
}

constexpr CommandSpec kLatencyGraph = {.name = "graph",
                                       .parent = "latency",
                                       .arity = Exactly(3),
                                       .group = Group::kServer,
                                       .since = "2.8.13",
                                       .flags = kLatencyFlags,
                                       .syntax = "event",
                                       .complexity = "O(1)",
                                       .summary = "Draws the samples of one slow event.",
                                       .tips = kSpecialTips};

void LatencyDoctor(CommandContext& context, ArgCursor /*args*/) {
  const LatencyMonitor& monitor = *context.services.latency;
  context.reply.Verbatim("txt", LatencyAdvice(monitor.All(), monitor.threshold_ms));
}

constexpr CommandSpec kLatencyDoctor = {.name = "doctor",
                                        .parent = "latency",
                                        .arity = Exactly(2),
                                        .group = Group::kServer,
                                        .since = "2.8.13",
                                        .flags = kLatencyFlags,
                                        .complexity = "O(1)",
                                        .summary = "Says in words what was slow and what may help.",
                                        .tips = kSpecialTips};

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

void LatencyReset(CommandContext& context, ArgCursor args) {
  LatencyMonitor& monitor = *context.services.latency;
  size_t forgotten = args.AtEnd() ? monitor.ResetAll() : 0;
  while (!args.AtEnd()) forgotten += monitor.Reset(args.Next());
  context.reply.Integer(static_cast<int64_t>(forgotten));
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
  registry.Add(kLatencyLatest, LatencyLatest);
  registry.Add(kLatencyHistory, LatencyHistory);
  registry.Add(kLatencyGraph, LatencyGraphOf);
  registry.Add(kLatencyDoctor, LatencyDoctor);
  registry.Add(kLatencyReset, LatencyReset);
}

}  // namespace torc
