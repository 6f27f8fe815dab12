// SCRIPT's subcommands.

#include <string>

#include "command/context.h"
#include "features/scripting/running_commands.h"
#include "features/scripting/script_specs.h"
#include "features/scripting/scripting.h"
#include "features/scripting/scripting_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr CommandSpec ScriptSub(std::string_view name, Arity arity, uint32_t flags,
                                std::string_view since, std::string_view syntax,
                                std::string_view complexity, std::string_view summary,
                                std::string_view tips = {}) {
  CommandSpec spec = ScriptingSubSpec("script", name, arity, since, flags);
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  spec.tips = tips;
  return spec;
}

constexpr CommandSpec kScript = {.name = "script",
                                 .arity = AtLeast(2),
                                 .group = Group::kScripting,
                                 .since = "2.6.0",
                                 .complexity = "Depends on the subcommand.",
                                 .summary = "Keeps and forgets Lua scripts."};

void Load(CommandContext& context, ArgCursor args) {
  std::string error;
  ScriptCache& scripts = context.services.scripting->scripts();
  const CachedScript* script = scripts.Get(args.Next(), ScriptCache::Source::kLoad, &error);
  if (script == nullptr) return context.reply.Error(error);
  context.reply.Bulk(script->sha);
}

constexpr CommandSpec kLoad =
    ScriptSub("load", Exactly(3), kStale, "2.6.0", "script", "O(N) with N the script's bytes",
              "Keeps a script and answers its SHA1.",
              "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED");

void Exists(CommandContext& context, ArgCursor args) {
  const Argv shas = args.Rest();
  context.reply.Array(shas.size());
  ScriptCache& scripts = context.services.scripting->scripts();
  for (const std::string_view sha : shas) {
    context.reply.Integer(scripts.Find(sha) == nullptr ? 0 : 1);
  }
}

constexpr CommandSpec kExists =
    ScriptSub("exists", AtLeast(3), 0, "2.6.0", "sha1 [sha1 ...]",
              "O(N) with N the number of scripts asked for", "Tells which scripts are kept.",
              "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:AGG_LOGICAL_AND");

void Flush(CommandContext& context, ArgCursor args) {
  const bool known = args.AtEnd() || args.Take("SYNC") || args.Take("ASYNC");
  if (!known || !args.AtEnd()) {
    return context.reply.Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  }
  context.services.scripting->scripts().Flush();
  context.reply.Ok();
}

constexpr CommandSpec kFlush =
    ScriptSub("flush", AtLeast(2), 0, "2.6.0", "[ASYNC | SYNC]",
              "O(N) with N the number of scripts that are kept", "Forgets all scripts.",
              "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED");

void Kill(CommandContext& context, ArgCursor /*args*/) {
  KillRunning(context, ScriptIdentity::Kind::kEval);
}

constexpr CommandSpec kKill = ScriptSub("kill", Exactly(2), kAllowBusy, "2.6.0", "", "O(1)",
                                        "Stops the script that is running, unless it has written.",
                                        "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ONE_SUCCEEDED");

// There is no debugger: asking for one is refused, so that nobody waits for it.
void Debug(CommandContext& context, ArgCursor args) {
  if (args.Take("NO") && args.AtEnd()) return context.reply.Ok();
  if ((args.Take("YES") || args.Take("SYNC")) && args.AtEnd()) {
    return context.reply.Error("ERR This server has no script debugger");
  }
  context.reply.Error("ERR Use SCRIPT DEBUG YES/SYNC/NO");
}

constexpr CommandSpec kDebug = ScriptSub("debug", Exactly(3), 0, "3.2.0", "<YES | SYNC | NO>",
                                         "O(1)", "Refuses to debug scripts: there is no debugger.");

}  // namespace

void RegisterScriptCommands(CommandRegistry& registry) {
  registry.Add(kScript, nullptr);
  registry.Add(kLoad, Load);
  registry.Add(kExists, Exists);
  registry.Add(kFlush, Flush);
  registry.Add(kKill, Kill);
  registry.Add(kDebug, Debug);
}

}  // namespace torc
