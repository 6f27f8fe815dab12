#include <string>

#include "command/context.h"
#include "features/scripting/scripting.h"
#include "features/scripting/scripting_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr size_t kShaBytes = 40;

enum class Access : uint8_t { kReadWrite, kReadOnly };

void RunCached(CommandContext& context, ArgCursor& args, const CachedScript& script,
               Access access) {
  Scripting::Call call;
  if (!Scripting::TakeKeys(context, args, errors::kNotInteger, &call.keys, &call.args)) return;
  call.identity.kind = ScriptIdentity::Kind::kEval;
  call.identity.name = script.sha;
  call.identity.flags = script.flags;
  call.by_read_only_command = access == Access::kReadOnly;
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

void EvalWith(CommandContext& context, ArgCursor args, Access access) {
  const std::string_view body = args.Next();
  if (!KeysFit(context, args)) return;
  ScriptCache& scripts = context.services.scripting->scripts();
  scripts.Trim();
  std::string error;
  const CachedScript* script = scripts.Get(body, ScriptCache::Source::kEval, &error);
  if (script == nullptr) return context.reply.Error(error);
  RunCached(context, args, *script, access);
}

void EvalShaWith(CommandContext& context, ArgCursor args, Access access) {
  const std::string_view sha = args.Next();
  if (sha.size() != kShaBytes) return context.reply.Error(errors::kNoScript);
  if (!KeysFit(context, args)) return;
  const CachedScript* script = context.services.scripting->scripts().Find(sha);
  if (script == nullptr) return context.reply.Error(errors::kNoScript);
  RunCached(context, args, *script, access);
}

void Eval(CommandContext& context, ArgCursor args) {
  EvalWith(context, args, Access::kReadWrite);
}
void EvalReadOnly(CommandContext& context, ArgCursor args) {
  EvalWith(context, args, Access::kReadOnly);
}
void EvalSha(CommandContext& context, ArgCursor args) {
  EvalShaWith(context, args, Access::kReadWrite);
}
void EvalShaReadOnly(CommandContext& context, ArgCursor args) {
  EvalShaWith(context, args, Access::kReadOnly);
}

constexpr CommandSpec EvalSpec(std::string_view name, std::string_view since, Access access,
                               std::string_view syntax, std::string_view summary) {
  const bool read_only = access == Access::kReadOnly;
  CommandSpec spec;
  spec.name = name;
  spec.arity = AtLeast(3);
  spec.group = Group::kScripting;
  spec.since = since;
  spec.flags = kNoScript | kSkipMonitor | kNoMandatoryKeys | kStale |
               (read_only ? kReadonly : kMayReplicate);
  spec.acl = kAclScripting;
  spec.keys = {CountedKeys(
      2, read_only ? kKeyReadOnly | kKeyAccess : kKeyReadWrite | kKeyAccess | kKeyUpdate)};
  spec.syntax = syntax;
  spec.complexity = "That of the script.";
  spec.summary = summary;
  return spec;
}

constexpr std::string_view kBodySyntax = "script numkeys [key [key ...]] [arg [arg ...]]";
constexpr std::string_view kShaSyntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]";

constexpr CommandSpec kEval =
    EvalSpec("eval", "2.6.0", Access::kReadWrite, kBodySyntax, "Runs a Lua script.");
constexpr CommandSpec kEvalSha = EvalSpec("evalsha", "2.6.0", Access::kReadWrite, kShaSyntax,
                                          "Runs a Lua script known by its SHA1.");
constexpr CommandSpec kEvalRo = EvalSpec("eval_ro", "7.0.0", Access::kReadOnly, kBodySyntax,
                                         "Runs a Lua script that may not write.");
constexpr CommandSpec kEvalShaRo =
    EvalSpec("evalsha_ro", "7.0.0", Access::kReadOnly, kShaSyntax,
             "Runs a Lua script known by its SHA1 that may not write.");

}  // namespace

void RegisterEvalCommands(CommandRegistry& registry) {
  registry.Add(kEval, Eval);
  registry.Add(kEvalSha, EvalSha);
  registry.Add(kEvalRo, EvalReadOnly);
  registry.Add(kEvalShaRo, EvalShaReadOnly);
}

}  // namespace torc
