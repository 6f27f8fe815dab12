// CONFIG GET, SET, REWRITE, RESETSTAT.

#include <string>
#include <vector>

#include "command/context.h"
#include "command/tracking.h"
#include "features/admin/access.h"
#include "features/admin/admin_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr uint32_t kConfigFlags = kAdmin | kNoScript | kLoading | kStale;
constexpr std::string_view kOnAllNodes = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED";

constexpr CommandSpec kConfig = {.name = "config",
                                 .arity = AtLeast(2),
                                 .group = Group::kServer,
                                 .since = "2.0.0",
                                 .complexity = "Depends on the subcommand.",
                                 .summary = "Shows and changes settings."};

void ConfigGet(CommandContext& context, ArgCursor args) {
  const auto values = context.services.config->Get(args.Rest());
  context.reply.Map(values.size());
  for (const ConfigValue& value : values) {
    context.reply.Bulk(value.name);
    context.reply.Bulk(value.value);
  }
}

constexpr CommandSpec kConfigGet = {
    .name = "get",
    .parent = "config",
    .arity = AtLeast(3),
    .group = Group::kServer,
    .since = "2.0.0",
    .flags = kConfigFlags,
    .syntax = "parameter [parameter ...]",
    .complexity = "O(N) with N the number of settings",
    .summary = "Answers the settings whose names fit the patterns."};

void ConfigSet(CommandContext& context, ArgCursor args) {
  if (args.remaining() % 2 != 0) return context.reply.Error(errors::kSyntax);
  ConfigRegistry& config = *context.services.config;
  std::vector<ConfigPair> pairs;
  while (!args.AtEnd()) {
    const std::string_view name = args.Next();
    if (config.IsSensitive(name)) context.RedactArg(context.argv.size() - args.remaining());
    pairs.push_back({name, args.Next()});
  }
  const std::string access = SettingText(context.services, "enable-protected-configs", "no");
  const Status status =
      config.Set(pairs, AllowedBySetting(context, access) ? ProtectedConfigs::kAllow
                                                          : ProtectedConfigs::kRefuse);
  if (!status.ok()) return context.reply.Error("ERR " + status.message());
  context.services.tracking->TrimTable();  // its limit may be another one now
  context.reply.Ok();
}

constexpr CommandSpec kConfigSet = {.name = "set",
                                    .parent = "config",
                                    .arity = AtLeast(4),
                                    .group = Group::kServer,
                                    .since = "2.0.0",
                                    .flags = kConfigFlags,
                                    .syntax = "parameter value [parameter value ...]",
                                    .complexity = "O(N) with N the number of settings given",
                                    .summary = "Changes settings: all that are given, or none.",
                                    .tips = kOnAllNodes};

void ConfigRewrite(CommandContext& context, ArgCursor /*args*/) {
  ServerControl* server = context.services.server;
  const Status status = server != nullptr
                            ? server->RewriteConfig()
                            : Status::NotFound("The server is running without a config file");
  if (!status.ok()) return context.reply.Error("ERR " + status.message());
  context.reply.Ok();
}

constexpr CommandSpec kConfigRewrite = {
    .name = "rewrite",
    .parent = "config",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "2.8.0",
    .flags = kConfigFlags,
    .complexity = "O(N) with N the number of settings",
    .summary = "Writes the settings that hold now into the configuration file.",
    .tips = kOnAllNodes};

void ConfigResetstat(CommandContext& context, ArgCursor /*args*/) {
  for (Services* shard : *context.services.shards) shard->stats->Reset();
  for (Keyspace* keyspace : context.AllKeyspaces()) {
    KeyspaceStats& stats = keyspace->stats();
    const uint64_t changes = stats.changes;
    stats = {};
    stats.changes = changes;
  }
  if (context.services.server != nullptr) context.services.server->ResetStats();
  context.reply.Ok();
}

constexpr CommandSpec kConfigResetstat = {
    .name = "resetstat",
    .parent = "config",
    .arity = Exactly(2),
    .group = Group::kServer,
    .since = "2.0.0",
    .flags = kConfigFlags,
    .complexity = "O(1)",
    .summary = "Lets the counters that INFO shows begin at zero.",
    .tips = kOnAllNodes};

}  // namespace

void RegisterConfigCommands(CommandRegistry& registry) {
  registry.Add(kConfig, nullptr);
  registry.Add(kConfigGet, ConfigGet);
  registry.Add(kConfigSet, ConfigSet);
  registry.Add(kConfigRewrite, ConfigRewrite);
  registry.Add(kConfigResetstat, ConfigResetstat);
}

}  // namespace torc
