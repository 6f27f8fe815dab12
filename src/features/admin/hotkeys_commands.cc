// HOTKEYS START, STOP, GET, RESET, as Redis 8.6 has them, and INFO's section hotkeys. The metric
// SIZE is our own: the largest of the keys that are written.

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/text.h"
#include "command/context.h"
#include "command/hot_keys.h"
#include "features/admin/admin_commands.h"

namespace torc {
namespace {

using Items = std::vector<HeavyHitters::Item>;

// The states of all shards; empty while there is none.
std::vector<std::unique_ptr<HotKeys>*> AllStates(const Services& services) {
  std::vector<std::unique_ptr<HotKeys>*> states;
  for (Services* shard : *services.shards) states.push_back(&shard->stats->hot_keys);
  return states;
}

// What the shards know together.
struct HotKeysReport {
  const HotKeys* first = nullptr;  // settings and times are the same everywhere
  HotKeys::Totals totals;
  Items by_cpu;
  Items by_net;
  Items by_size;
};

// The heaviest of all: no key is on two shards.
void Merge(Items* into, Items items, size_t count) {
  into->insert(into->end(), items.begin(), items.end());
  std::stable_sort(into->begin(), into->end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (into->size() > count) into->resize(count);
}

std::optional<HotKeysReport> Report(const Services& services) {
  HotKeysReport report;
  for (const auto* state : AllStates(services)) {
    if (*state == nullptr) continue;
    const HotKeys& shard = **state;
    if (report.first == nullptr) report.first = &shard;
    report.totals.cpu_us += shard.totals().cpu_us;
    report.totals.net_bytes += shard.totals().net_bytes;
    Merge(&report.by_cpu, shard.TopByCpu(), shard.settings().count);
    Merge(&report.by_net, shard.TopByNet(), shard.settings().count);
    Merge(&report.by_size, shard.TopBySize(), shard.settings().count);
  }
  if (report.first == nullptr) return std::nullopt;
  return report;
}

int64_t Milliseconds(const timeval& time) {
  return int64_t{time.tv_sec} * 1000 + time.tv_usec / 1000;
}

HotKeys::CpuTimes CpuTimesNow() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return {Milliseconds(used.ru_utime), Milliseconds(used.ru_stime)};
}

constexpr CommandSpec kHotkeys = {.name = "hotkeys",
                                  .arity = AtLeast(2),
                                  .group = Group::kServer,
                                  .since = "8.6.0",
                                  .help_since = "8.6.0",
                                  .complexity = "Depends on the subcommand.",
                                  .summary = "Finds the keys that cost the most."};

void TakeMetrics(ArgCursor& args, HotKeysSettings* settings) {
  constexpr std::string_view kWrongCount = "ERR METRICS count does not match the metrics";
  if (!args.TakeWith("METRICS", 2)) return args.Fail("ERR METRICS parameter is required");
  const int64_t count = args.IntegerIn(1, 3, kWrongCount);
  for (int64_t i = 0; i < count && args.ok(); ++i) {
    bool* metric = nullptr;
    if (args.Take("CPU")) {
      metric = &settings->cpu;
    } else if (args.Take("NET")) {
      metric = &settings->net;
    } else if (args.Take("SIZE")) {
      metric = &settings->size;
    }
    if (metric == nullptr || *metric) return args.Fail(kWrongCount);
    *metric = true;
  }
}

void HotkeysStart(CommandContext& context, ArgCursor args) {
  constexpr int64_t kCountMax = 64;
  constexpr int64_t kSecondsMax = 1'000'000;
  HotKeysSettings settings;
  TakeMetrics(args, &settings);
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("COUNT", 1)) {
      settings.count =
          static_cast<size_t>(args.IntegerIn(1, kCountMax, "ERR COUNT must be between 1 and 64"));
    } else if (args.TakeWith("DURATION", 1)) {
      settings.duration_ms =
          args.IntegerIn(0, kSecondsMax, "ERR DURATION must be between 0 and 1000000") * 1000;
    } else if (args.TakeWith("SAMPLE", 1)) {
      settings.sample_ratio = args.IntegerIn(1, INT32_MAX, "ERR SAMPLE ratio must be positive");
    } else if (args.Take("SLOTS")) {
      args.Fail("ERR SLOTS parameter cannot be used in non-cluster mode");
    } else {
      args.FailSyntax();
    }
  }
  if (!args.Done(context.reply)) return;
  const auto states = AllStates(context.services);
  if (*states[0] != nullptr && (*states[0])->ActiveAt(context.now)) {
    return context.reply.Error("ERR hotkeys collection is already in progress");
  }
  for (auto* state : states) {
    *state = std::make_unique<HotKeys>(settings, context.now, CpuTimesNow());
  }
  context.reply.Ok();
}

constexpr CommandSpec kHotkeysStart = {
    .name = "start",
    .parent = "hotkeys",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "8.6.0",
    .flags = kAdmin | kNoScript,
    .syntax = "METRICS count [CPU] [NET] [SIZE] [COUNT k] [DURATION seconds] [SAMPLE ratio]",
    .complexity = "O(1)",
    .summary = "Begins to note which keys take the most time, network and memory."};

void HotkeysStop(CommandContext& context, ArgCursor /*args*/) {
  bool any = false;
  for (auto* state : AllStates(context.services)) {
    if (*state == nullptr) continue;
    any = true;
    (*state)->Stop(context.now);
  }
  if (!any) return context.reply.Null();
  context.reply.Ok();
}

constexpr CommandSpec kHotkeysStop = {.name = "stop",
                                      .parent = "hotkeys",
                                      .arity = Exactly(2),
                                      .group = Group::kServer,
                                      .since = "8.6.0",
                                      .flags = kAdmin | kNoScript,
                                      .complexity = "O(1)",
                                      .summary = "Ends it; what was found stays."};

void HotkeysReset(CommandContext& context, ArgCursor /*args*/) {
  for (auto* state : AllStates(context.services)) {
    if (*state != nullptr && (*state)->ActiveAt(context.now)) {
      return context.reply.Error("ERR hotkey tracking session in progress, stop tracking first");
    }
  }
  for (auto* state : AllStates(context.services)) state->reset();
  context.reply.Ok();
}

constexpr CommandSpec kHotkeysReset = {.name = "reset",
                                       .parent = "hotkeys",
                                       .arity = Exactly(2),
                                       .group = Group::kServer,
                                       .since = "8.6.0",
                                       .flags = kAdmin | kNoScript,
                                       .complexity = "O(1)",
                                       .summary = "Forgets what was found."};

void Number(ReplyWriter& reply, std::string_view name, int64_t value) {
  reply.Bulk(name);
  reply.Integer(value);
}

void ReplyItems(ReplyWriter& reply, std::string_view name, const Items& items) {
  reply.Bulk(name);
  reply.Array(items.size() * 2);
  for (const HeavyHitters::Item& item : items) {
    Number(reply, item.text, static_cast<int64_t>(item.weight));
  }
}

void HotkeysGet(CommandContext& context, ArgCursor /*args*/) {
  ReplyWriter& reply = context.reply;
  const auto report = Report(context.services);
  if (!report) return reply.Null();
  const HotKeysSettings& settings = report->first->settings();
  reply.Map(7 + (settings.cpu ? 3 : 0) + (settings.net ? 2 : 0) + (settings.size ? 1 : 0));
  Number(reply, "tracking-active", report->first->ActiveAt(context.now) ? 1 : 0);
  Number(reply, "sample-ratio", settings.sample_ratio);
  reply.Bulk("selected-slots");
  reply.Array(0);
  Number(reply, "all-commands-all-slots-us", static_cast<int64_t>(report->totals.cpu_us));
  Number(reply, "net-bytes-all-commands-all-slots", static_cast<int64_t>(report->totals.net_bytes));
  Number(reply, "collection-start-time-unix-ms", report->first->started().value());
  Number(reply, "collection-duration-ms", report->first->DurationMs(context.now));
  if (settings.cpu) {
    const HotKeys::CpuTimes used = CpuTimesNow();
    const HotKeys::CpuTimes& before = report->first->cpu_before();
    Number(reply, "total-cpu-time-user-ms", used.user_ms - before.user_ms);
    Number(reply, "total-cpu-time-sys-ms", used.system_ms - before.system_ms);
  }
  if (settings.net) {
    Number(reply, "total-net-bytes", static_cast<int64_t>(report->totals.net_bytes));
  }
  if (settings.cpu) ReplyItems(reply, "by-cpu-time-us", report->by_cpu);
  if (settings.net) ReplyItems(reply, "by-net-bytes", report->by_net);
  if (settings.size) ReplyItems(reply, "by-size-bytes", report->by_size);
}

constexpr CommandSpec kHotkeysGet = {
    .name = "get",
    .parent = "hotkeys",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "8.6.0",
    .flags = kAdmin | kNoScript,
    .complexity = "O(K) with K the keys answered",
    .summary = "Answers the keys that took the most time and network.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

// One line a key; names stay out of it where they would break the line.
void WriteItems(InfoWriter& out, std::string_view metric, const Items& items) {
  constexpr size_t kShownMax = 10;
  for (size_t i = 0; i < std::min(items.size(), kShownMax); ++i) {
    out.Field(
        Format("hotkey_%.*s_%zu", static_cast<int>(metric.size()), metric.data(), i),
        Format("key=%s,%.*s=%llu", Escaped(items[i].text).c_str(), static_cast<int>(metric.size()),
               metric.data(), static_cast<unsigned long long>(items[i].weight)));
  }
}

void HotkeysSection(InfoWriter& out, const Services& services) {
  const auto report = Report(services);
  if (!report) return;
  const UnixMs now(services.clock->WallMs());
  out.Field("hotkeys_tracking_active", report->first->ActiveAt(now) ? 1 : 0);
  out.Field("hotkeys_sample_ratio", report->first->settings().sample_ratio);
  out.Field("hotkeys_collection_duration_ms", report->first->DurationMs(now));
  WriteItems(out, "us", report->by_cpu);
  WriteItems(out, "bytes", report->by_net);
  WriteItems(out, "size", report->by_size);
}

}  // namespace

void RegisterHotkeysCommands(CommandRegistry& registry) {
  registry.Add(kHotkeys, nullptr);
  registry.Add(kHotkeysStart, HotkeysStart);
  registry.Add(kHotkeysStop, HotkeysStop);
  registry.Add(kHotkeysReset, HotkeysReset);
  registry.Add(kHotkeysGet, HotkeysGet);
}

void RegisterHotkeysInfo(InfoSections& info, const Services* services) {
  info.Add("hotkeys", InfoSections::Shown::kWhenFilled,
           [services](InfoWriter& out) { HotkeysSection(out, *services); });
}

}  // namespace torc
