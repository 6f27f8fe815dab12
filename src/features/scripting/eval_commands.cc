#include <string>

#include "command/context.h"
#include "features/scripting/script_flags.h"
#include "features/scripting/script_specs.h"
#include "features/scripting/scripting.h"
#include "features/scripting/scripting_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr size_t kShaBytes = 40;

void RunCached(CommandContext& context, ArgCursor& args, const CachedScript& script,
               ScriptAccess access) {
  Scripting::Call call;
  if (!Scripting::TakeKeys(context, args, errors::kNotInteger, &call.keys, &call.args)) return;
  call.identity.kind = ScriptIdentity::Kind::kEval;
  call.identity.name = script.sha;
  call.identity.flags = script.flags;
  call.by_read_only_command = access == ScriptAccess::kReadOnly;
  call.identity.read_only = call.by_read_only_command || (script.flags & kScriptNoWrites) != 0;
  call.has_flags = script.has_shebang;
  call.function = script.function;
  context.services.scripting->Run(context, call);
}

// The arguments are judged before the script is looked at.
bool KeysFit(CommandContext& context, ArgCursor args) {
  Argv keys;
  Argv rest;
  return Scripting::TakeKeys(context, args, errors::kNotInteger, &keys, &rest);
}

void EvalWith(CommandContext& context, ArgCursor args, ScriptAccess access) {
  const std::string_view body = args.Next();
  if (!KeysFit(context, args)) return;
  ScriptCache& scripts = context.services.scripting->scripts();
  scripts.Trim();
  std::string error;
  const CachedScript* script = scripts.Get(body, ScriptCache::Source::kEval, &error);
  if (script == nullptr) return context.reply.Error(error);
  RunCached(context, args, *script, access);
}

void EvalShaWith(CommandContext& context, ArgCursor args, ScriptAccess access) {
  const std::string_view sha = args.Next();
  if (sha.size() != kShaBytes) return context.reply.Error(errors::kNoScript);
  if (!KeysFit(context, args)) return;
  const CachedScript* script = context.services.scripting->scripts().Find(sha);
  if (script == nullptr) return context.reply.Error(errors::kNoScript);
  RunCached(context, args, *script, access);
}

void Eval(CommandContext& context, ArgCursor args) {
  EvalWith(context, args, ScriptAccess::kReadWrite);
}
void EvalReadOnly(CommandContext& context, ArgCursor args) {
  EvalWith(context, args, ScriptAccess::kReadOnly);
}
void EvalSha(CommandContext& context, ArgCursor args) {
  EvalShaWith(context, args, ScriptAccess::kReadWrite);
}
void EvalShaReadOnly(CommandContext& context, ArgCursor args) {
  EvalShaWith(context, args, ScriptAccess::kReadOnly);
}

// A script that nobody knows yet is judged by its first line.
uint32_t FlagsOfEval(const Services& /*services*/, uint32_t flags, Argv argv) {
  const ScriptHeader header = ParseScriptHeader(argv[1]);
  if (!header.has_shebang || !header.error.empty()) return flags;
  return CommandFlagsOfScript(flags, header.flags);
}

uint32_t FlagsOfEvalSha(const Services& services, uint32_t flags, Argv argv) {
  const CachedScript* script = services.scripting->scripts().Peek(argv[1]);
  if (script == nullptr || !script->has_shebang) return flags;
  return CommandFlagsOfScript(flags, script->flags);
}

constexpr std::string_view kBodySyntax = "script numkeys [key [key ...]] [arg [arg ...]]";
constexpr std::string_view kShaSyntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]";

constexpr CommandSpec kEval =
    ScriptRunSpec("eval", "2.6.0", ScriptAccess::kReadWrite, kBodySyntax, "Runs a Lua script.");
constexpr CommandSpec kEvalSha = ScriptRunSpec("evalsha", "2.6.0", ScriptAccess::kReadWrite,
                                               kShaSyntax, "Runs a Lua script known by its SHA1.");
constexpr CommandSpec kEvalRo = ScriptRunSpec("eval_ro", "7.0.0", ScriptAccess::kReadOnly,
                                              kBodySyntax, "Runs a Lua script that may not write.");
constexpr CommandSpec kEvalShaRo =
    ScriptRunSpec("evalsha_ro", "7.0.0", ScriptAccess::kReadOnly, kShaSyntax,
                  "Runs a Lua script known by its SHA1 that may not write.");

}  // namespace

void RegisterEvalCommands(CommandRegistry& registry) {
  registry.Add(kEval, Eval, FlagsOfEval);
  registry.Add(kEvalSha, EvalSha, FlagsOfEvalSha);
  registry.Add(kEvalRo, EvalReadOnly, FlagsOfEval);
  registry.Add(kEvalShaRo, EvalShaReadOnly, FlagsOfEvalSha);
}

}  // namespace torc
