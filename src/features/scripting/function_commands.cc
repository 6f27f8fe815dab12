// FUNCTION's subcommands, FCALL and FCALL_RO.

#include <optional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "command/context.h"
#include "features/scripting/running_commands.h"
#include "features/scripting/script_flags.h"
#include "features/scripting/script_specs.h"
#include "features/scripting/scripting.h"
#include "features/scripting/scripting_commands.h"

namespace torc {
namespace {

constexpr std::string_view kAllShards = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ALL_SUCCEEDED";

constexpr CommandSpec FunctionSub(std::string_view name, Arity arity, uint32_t flags,
                                  std::string_view syntax, std::string_view complexity,
                                  std::string_view summary, std::string_view tips = {}) {
  CommandSpec spec = ScriptingSubSpec("function", name, arity, "7.0.0", flags);
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  spec.tips = tips;
  return spec;
}

constexpr CommandSpec kFunction = {.name = "function",
                                   .arity = AtLeast(2),
                                   .group = Group::kScripting,
                                   .since = "7.0.0",
                                   .help_since = "7.0.0",
                                   .complexity = "Depends on the subcommand.",
                                   .summary = "Keeps libraries of functions."};

FunctionLibraries& Libraries(const CommandContext& context) {
  return context.services.scripting->functions();
}

void ReplyWrongSubcommand(CommandContext& context) {
  context.reply.Error("ERR unknown subcommand or wrong number of arguments for '" +
                      std::string(context.argv[1]) + "'. Try FUNCTION HELP.");
}

void Load(CommandContext& context, ArgCursor args) {
  auto existing = FunctionLibraries::Existing::kRefuse;
  while (args.remaining() > 1) {
    if (!args.Take("REPLACE")) {
      return context.reply.Error("ERR Unknown option given: " +
                                 std::string(errors::ShownText(args.Next())));
    }
    existing = FunctionLibraries::Existing::kReplace;
  }
  std::string error;
  const std::string name = Libraries(context).Load(args.Next(), existing, &error);
  if (!error.empty()) return context.reply.Error(error);
  context.ChangedSilently();
  context.reply.Bulk(name);
}

constexpr CommandSpec kLoad =
    FunctionSub("load", AtLeast(3), kWrite | kDenyOom, "[REPLACE] function-code",
                "O(1), compiling aside", "Adds a library.", kAllShards);

void Delete(CommandContext& context, ArgCursor args) {
  if (!Libraries(context).Delete(args.Next())) {
    return context.reply.Error("ERR Library not found");
  }
  context.ChangedSilently();
  context.reply.Ok();
}

constexpr CommandSpec kDelete = FunctionSub("delete", Exactly(3), kWrite, "library-name", "O(1)",
                                            "Removes a library.", kAllShards);

void Flush(CommandContext& context, ArgCursor args) {
  if (args.remaining() > 1) return ReplyWrongSubcommand(context);
  if (!args.AtEnd() && !args.Take("SYNC") && !args.Take("ASYNC")) {
    return context.reply.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  Libraries(context).Flush();
  context.ChangedSilently();
  context.reply.Ok();
}

constexpr CommandSpec kFlush =
    FunctionSub("flush", AtLeast(2), kWrite, "[ASYNC | SYNC]",
                "O(N) with N the number of functions", "Removes all libraries.", kAllShards);

void Dump(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Bulk(Libraries(context).Dump());
}

constexpr CommandSpec kDump =
    FunctionSub("dump", Exactly(2), 0, "", "O(N) with N the number of functions",
                "Answers all libraries in a form for FUNCTION RESTORE.");

void Restore(CommandContext& context, ArgCursor args) {
  const std::string_view payload = args.Next();
  if (args.remaining() > 1) return ReplyWrongSubcommand(context);
  auto policy = FunctionLibraries::Policy::kAppend;
  if (args.Take("FLUSH")) {
    policy = FunctionLibraries::Policy::kFlush;
  } else if (args.Take("REPLACE")) {
    policy = FunctionLibraries::Policy::kReplace;
  } else if (!args.AtEnd() && !args.Take("APPEND")) {
    return context.reply.Error(
        "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
  }
  // What is replayed was accepted once, whatever its checksum.
  const bool verified = context.services.options->verify_payloads && !context.session.internal;
  const std::string error = Libraries(context).Restore(payload, policy, ChecksumIf(verified));
  if (!error.empty()) return context.reply.Error(error);
  context.ChangedSilently();
  context.reply.Ok();
}

constexpr CommandSpec kRestore = FunctionSub(
    "restore", AtLeast(3), kWrite | kDenyOom, "serialized-value [FLUSH | APPEND | REPLACE]",
    "O(N) with N the number of functions in the payload",
    "Adds the libraries that FUNCTION DUMP answered.", kAllShards);

void Kill(CommandContext& context, ArgCursor /*args*/) {
  KillRunning(context, ScriptIdentity::Kind::kFunction);
}

constexpr CommandSpec kKill =
    FunctionSub("kill", Exactly(2), kAllowBusy, "", "O(1)",
                "Stops the function that is running, unless it has written.",
                "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ONE_SUCCEEDED");

void ReplyFunction(ReplyWriter& reply, const ScriptFunction& function) {
  reply.Map(3);
  reply.Bulk("name");
  reply.Bulk(function.name);
  reply.Bulk("description");
  function.has_description ? reply.Bulk(function.description) : reply.Null();
  reply.Bulk("flags");
  const auto flags = ScriptFlagNames(function.flags);
  reply.Set(flags.size());
  for (const std::string_view flag : flags) reply.SimpleString(flag);
}

void ReplyLibrary(ReplyWriter& reply, const FunctionLibrary& library, bool with_code) {
  reply.Map(with_code ? 4 : 3);
  reply.Bulk("library_name");
  reply.Bulk(library.name);
  reply.Bulk("engine");
  reply.Bulk("LUA");
  reply.Bulk("functions");
  reply.Array(library.functions.size());
  for (const ScriptFunction& function : library.functions) ReplyFunction(reply, function);
  if (!with_code) return;
  reply.Bulk("library_code");
  reply.Bulk(library.code);
}

void List(CommandContext& context, ArgCursor args) {
  bool with_code = false;
  std::optional<std::string_view> pattern;
  while (!args.AtEnd()) {
    if (!with_code && args.Take("WITHCODE")) {
      with_code = true;
    } else if (!pattern && args.Take("LIBRARYNAME")) {
      if (args.AtEnd()) return context.reply.Error("ERR library name argument was not given");
      pattern = args.Next();
    } else {
      return context.reply.Error("ERR Unknown argument " +
                                 std::string(errors::ShownText(args.Next())));
    }
  }
  std::vector<const FunctionLibrary*> shown;
  for (const auto& [name, library] : Libraries(context).libraries()) {
    if (!pattern || GlobMatch(*pattern, name, GlobCase::kInsensitive)) shown.push_back(&library);
  }
  context.reply.Array(shown.size());
  for (const FunctionLibrary* library : shown) ReplyLibrary(context.reply, *library, with_code);
}

constexpr CommandSpec kList =
    FunctionSub("list", AtLeast(2), 0, "[LIBRARYNAME library-name-pattern] [WITHCODE]",
                "O(N) with N the number of functions", "Tells what libraries there are.",
                "NONDETERMINISTIC_OUTPUT_ORDER");

void ReplyRunning(CommandContext& context, const ScriptRun& run, Argv command) {
  context.reply.Map(3);
  context.reply.Bulk("name");
  context.reply.Bulk(run.identity().name);
  context.reply.Bulk("command");
  context.reply.Array(command.size());
  for (const std::string_view word : command) context.reply.Bulk(word);
  context.reply.Bulk("duration_ms");
  context.reply.Integer(run.duration_ms());
}

void Stats(CommandContext& context, ArgCursor /*args*/) {
  Scripting& scripting = *context.services.scripting;
  const ScriptRun* run = scripting.running();
  if (run != nullptr && run->identity().kind == ScriptIdentity::Kind::kEval) {
    return context.reply.Error(run->busy_text());
  }
  context.reply.Map(2);
  context.reply.Bulk("running_script");
  if (run == nullptr) {
    context.reply.Null();
  } else {
    ReplyRunning(context, *run, scripting.running_command());
  }
  context.reply.Bulk("engines");
  context.reply.Map(1);
  context.reply.Bulk("LUA");
  context.reply.Map(2);
  context.reply.Bulk("libraries_count");
  context.reply.Integer(static_cast<int64_t>(scripting.functions().libraries().size()));
  context.reply.Bulk("functions_count");
  context.reply.Integer(static_cast<int64_t>(scripting.functions().function_count()));
}

constexpr CommandSpec kStats =
    FunctionSub("stats", Exactly(2), kAllowBusy, "", "O(1)",
                "Tells what function is running and how many there are.",
                "NONDETERMINISTIC_OUTPUT,REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:SPECIAL");

// --- FCALL

void CallWith(CommandContext& context, ArgCursor args, bool read_only) {
  const ScriptFunction* function = Libraries(context).Find(args.Next());
  if (function == nullptr) return context.reply.Error("ERR Function not found");
  Scripting::Call call;
  if (!Scripting::TakeKeys(context, args, "ERR Bad number of keys provided", &call.keys,
                           &call.args)) {
    return;
  }
  call.identity.kind = ScriptIdentity::Kind::kFunction;
  call.identity.name = function->name;
  call.identity.flags = function->flags;
  call.by_read_only_command = read_only;
  call.identity.read_only = read_only || (function->flags & kScriptNoWrites) != 0;
  call.has_flags = true;
  call.function = function->function;
  context.services.scripting->Run(context, call);
}

void Fcall(CommandContext& context, ArgCursor args) {
  CallWith(context, args, /*read_only=*/false);
}

void FcallReadOnly(CommandContext& context, ArgCursor args) {
  CallWith(context, args, /*read_only=*/true);
}

uint32_t FlagsOfFcall(const Services& services, uint32_t flags, Argv argv) {
  const ScriptFunction* function = services.scripting->functions().Find(argv[1]);
  return function == nullptr ? flags : CommandFlagsOfScript(flags, function->flags);
}

constexpr std::string_view kCallSyntax = "function numkeys [key [key ...]] [arg [arg ...]]";
constexpr CommandSpec kFcall =
    ScriptRunSpec("fcall", "7.0.0", ScriptAccess::kReadWrite, kCallSyntax, "Runs a function.");
constexpr CommandSpec kFcallRo = ScriptRunSpec("fcall_ro", "7.0.0", ScriptAccess::kReadOnly,
                                               kCallSyntax, "Runs a function that does not write.");

}  // namespace

void RegisterFunctionCommands(CommandRegistry& registry) {
  registry.Add(kFcall, Fcall, FlagsOfFcall);
  registry.Add(kFcallRo, FcallReadOnly, FlagsOfFcall);
  registry.Add(kFunction, nullptr);
  registry.Add(kLoad, Load);
  registry.Add(kDelete, Delete);
  registry.Add(kFlush, Flush);
  registry.Add(kDump, Dump);
  registry.Add(kRestore, Restore);
  registry.Add(kKill, Kill);
  registry.Add(kList, List);
  registry.Add(kStats, Stats);
}

}  // namespace torc
