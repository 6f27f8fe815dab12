// INFO, TIME, ROLE, LOLWUT, SHUTDOWN, MODULE: the server as a whole.

#include <string>
#include <vector>

#include "command/context.h"
#include "features/admin/admin_commands.h"
#include "resp/errors.h"
#include "torc/version.h"

namespace torc {
namespace {

void Info(CommandContext& context, ArgCursor args) {
  const Argv names = args.Rest();
  context.reply.Verbatim("txt", context.services.info->Text({names.begin(), names.end()}));
}

constexpr CommandSpec kInfo = {
    .name = "info",
    .arity = AtLeast(1),
    .group = Group::kServer,
    .since = "1.0.0",
    .flags = kLoading | kStale,
    .acl = kAclDangerous,
    .syntax = "[section [section ...]]",
    .complexity = "O(1)",
    .summary = "Answers figures about the server, by sections.",
    .tips = "NONDETERMINISTIC_OUTPUT,REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:SPECIAL"};

void Time(CommandContext& context, ArgCursor /*args*/) {
  // Time stands still while a script runs.
  const bool in_script = context.session.script_caller != nullptr;
  const int64_t now_us = in_script ? context.now.value() * 1000 : context.services.clock->WallUs();
  context.reply.Array(2);
  context.reply.BulkInteger(now_us / 1000000);
  context.reply.BulkInteger(now_us % 1000000);
}

constexpr CommandSpec kTime = {
    .name = "time",
    .arity = Exactly(1),
    .group = Group::kServer,
    .since = "2.6.0",
    .flags = kLoading | kStale | kFast,
    .complexity = "O(1)",
    .summary = "Answers the server's clock: Unix seconds and microseconds.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

void Role(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Array(3);
  context.reply.Bulk("master");
  context.reply.Integer(0);
  context.reply.Array(0);
}

constexpr CommandSpec kRole = {.name = "role",
                               .arity = Exactly(1),
                               .group = Group::kServer,
                               .since = "2.8.12",
                               .flags = kNoScript | kLoading | kStale | kFast,
                               .acl = kAclAdmin | kAclDangerous,
                               .complexity = "O(1)",
                               .summary = "Answers the server's part in replication."};

void Lolwut(CommandContext& context, ArgCursor args) {
  if (args.TakeWith("VERSION", 1)) {
    args.Integer();
    if (!args.ok()) return context.reply.Error(args.error());
  }
  context.reply.Verbatim(
      "txt", std::string("Torc ver. ") + kTorcVersion + ", speaking Redis " + kRedisVersion + "\n");
}

constexpr CommandSpec kLolwut = {.name = "lolwut",
                                 .arity = AtLeast(1),
                                 .group = Group::kServer,
                                 .since = "5.0.0",
                                 .flags = kReadonly | kFast,
                                 .syntax = "[VERSION version]",
                                 .complexity = "O(1)",
                                 .summary = "Answers the version, without a picture."};

// Reads SHUTDOWN's words; false if they do not go together.
bool ParseShutdown(ArgCursor args, ShutdownRequest* request) {
  bool save = false;
  bool nosave = false;
  bool other = false;
  while (!args.AtEnd()) {
    if (args.Take("NOSAVE")) {
      nosave = true;
    } else if (args.Take("SAVE")) {
      save = true;
    } else if (args.Take("NOW")) {
      request->now = other = true;
    } else if (args.Take("FORCE")) {
      request->force = other = true;
    } else if (args.Take("ABORT")) {
      request->abort = true;
    } else {
      return false;
    }
  }
  if ((save && nosave) || (request->abort && (save || nosave || other))) return false;
  if (save) request->save = ShutdownRequest::Save::kSave;
  if (nosave) request->save = ShutdownRequest::Save::kNoSave;
  return true;
}

void Shutdown(CommandContext& context, ArgCursor args) {
  ShutdownRequest request;
  if (!ParseShutdown(args, &request)) return context.reply.Error(errors::kSyntax);
  const std::string_view busy = context.services.gate->busy;
  if (!busy.empty() && request.save != ShutdownRequest::Save::kNoSave) {
    return context.reply.Error(busy);
  }
  ServerControl* server = context.services.server;
  const bool done = server != nullptr && server->Shutdown(request).ok();
  if (request.abort) {
    if (!done) return context.reply.Error("ERR No shutdown in progress.");
    return context.reply.Ok();
  }
  // A server that goes down answers by closing the connection.
  if (!done) context.reply.Error("ERR Errors trying to SHUTDOWN. Check logs.");
}

constexpr CommandSpec kShutdown = {
    .name = "shutdown",
    .arity = AtLeast(1),
    .group = Group::kServer,
    .since = "1.0.0",
    .flags = kAdmin | kNoScript | kLoading | kStale | kNoMulti | kAllowBusy,
    .syntax = "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
    .complexity = "O(N) with N the number of keys, when saving",
    .summary = "Stops the server in good order."};

constexpr CommandSpec kModule = {.name = "module",
                                 .arity = AtLeast(2),
                                 .group = Group::kServer,
                                 .since = "4.0.0",
                                 .complexity = "Depends on the subcommand.",
                                 .summary = "Tells about modules."};

void ModuleList(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Array(0);
}

constexpr CommandSpec kModuleList = {.name = "list",
                                     .parent = "module",
                                     .arity = Exactly(2),
                                     .group = Group::kServer,
                                     .since = "4.0.0",
                                     .flags = kAdmin | kNoScript,
                                     .complexity = "O(N) with N the number of modules",
                                     .summary = "Lists the loaded modules: none.",
                                     .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

}  // namespace

void RegisterServerCommands(CommandRegistry& registry) {
  registry.Add(kInfo, Info);
  registry.Add(kTime, Time);
  registry.Add(kRole, Role);
  registry.Add(kLolwut, Lolwut);
  registry.Add(kShutdown, Shutdown);
  registry.Add(kModule, nullptr);
  registry.Add(kModuleList, ModuleList);
}

}  // namespace torc
