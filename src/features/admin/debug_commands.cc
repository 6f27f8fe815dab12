// DEBUG: for tests and for looking inside. Off unless enable-debug-command allows it.

#include "features/admin/debug_commands.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "command/context.h"
#include "features/admin/access.h"
#include "features/admin/admin_commands.h"

namespace torc {
namespace {

// A word that Redis reads with atoi: everything but a number is 0.
bool IsOn(std::string_view word) {
  return ParseInt64(word).value_or(0) != 0;
}

void Accepted(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Ok();
}

void SetActiveExpire(CommandContext& context, ArgCursor args) {
  context.services.options->active_expiry = IsOn(args.Next());
  context.reply.Ok();
}

void SetDisableDenyScripts(CommandContext& context, ArgCursor args) {
  context.services.options->scripts_may_call_all = IsOn(args.Next());
  context.reply.Ok();
}

void PauseCron(CommandContext& context, ArgCursor args) {
  context.services.options->background_paused = IsOn(args.Next());
  context.reply.Ok();
}

void SkipChecksums(CommandContext& context, ArgCursor args) {
  context.services.options->verify_payloads = !IsOn(args.Next());
  context.reply.Ok();
}

void Sleep(CommandContext& context, ArgCursor args) {
  const double seconds = ParseDouble(args.Next()).value_or(0);
  if (context.services.server != nullptr && seconds > 0) {
    context.services.server->Sleep(static_cast<int64_t>(seconds * 1e6));
  }
  context.reply.Ok();
}

void LogMessage(CommandContext& context, ArgCursor args) {
  Log(LogLevel::kWarning, "DEBUG LOG: %s", std::string(args.Next()).c_str());
  context.reply.Ok();
}

void ReplyError(CommandContext& context, ArgCursor args) {
  context.reply.Error(args.Next());
}

void StringmatchLen(CommandContext& context, ArgCursor args) {
  const std::string_view pattern = args.Next();
  context.reply.Integer(GlobMatch(pattern, args.Next()) ? 1 : 0);
}

void PackedThreshold(CommandContext& context, ArgCursor args) {
  constexpr uint64_t kBytesMax = uint64_t{4} << 30;
  const auto bytes = ParseMemory(args.Next());
  if (!bytes || *bytes > kBytesMax) {
    return context.reply.Error(
        "ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  }
  context.reply.Ok();
}

// RELOAD [NOSAVE] [NOFLUSH] [MERGE]
void Reload(CommandContext& context, ArgCursor args) {
  SnapshotControl::Reload reload;
  while (!args.AtEnd()) {
    if (args.Take("NOSAVE")) {
      reload.save = false;
    } else if (args.Take("NOFLUSH")) {
      reload.flush = false;
    } else if (args.Take("MERGE")) {
      reload.merge = true;
    } else {
      return context.reply.Error(
          "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    }
  }
  if (context.services.snapshots == nullptr) return context.reply.Error("ERR no file to load");
  const Status reloaded = context.services.snapshots->ReloadNow(reload);
  if (!reloaded.ok()) {
    Log(LogLevel::kWarning, "DEBUG RELOAD: %s", reloaded.message().c_str());
    return context.reply.Error("ERR Error trying to load the RDB dump, check server logs.");
  }
  context.reply.Ok();
}

void LoadLog(CommandContext& context, ArgCursor /*args*/) {
  LogControl* const log = context.services.log;
  const Status loaded = log == nullptr ? Status::Unavailable("there is no log") : log->ReloadNow();
  if (loaded.ok()) return context.reply.Ok();
  Log(LogLevel::kWarning, "DEBUG LOADAOF: %s", loaded.message().c_str());
  context.reply.Error("ERR Error trying to load the AOF files, check server logs.");
}

void Segfault(CommandContext& /*context*/, ArgCursor /*args*/) {
  std::raise(SIGSEGV);
}

void Panic(CommandContext& /*context*/, ArgCursor /*args*/) {
  TORC_CHECK(false, "DEBUG PANIC was not called");
}

void OutOfMemory(CommandContext& context, ArgCursor /*args*/) {
  Free(Allocate(SIZE_MAX / 4));
  context.reply.Ok();
}

struct Subcommand {
  std::string_view name;
  size_t args_min;
  size_t args_max;
  void (*run)(CommandContext& context, ArgCursor args);
  std::string_view syntax;
  std::string_view summary;
};

constexpr size_t kAny = SIZE_MAX;

// What has nothing to act on in Torc is accepted, as test suites call it on their way.
constexpr Subcommand kSubcommands[] = {
    {"change-repl-id", 0, 0, Accepted, "", "Accepted; there is no replication yet."},
    {"digest", 0, 0, DebugDigest, "", "Answers a digest of all data."},
    {"digest-value", 0, kAny, DebugDigestValue, "key [key ...]", "Answers digests of values."},
    {"error", 1, 1, ReplyError, "string", "Answers an error with this text."},
    {"htstats", 1, 2, DebugHtstats, "dbid", "Answers figures about a database's tables."},
    {"htstats-key", 1, 2, DebugHtstatsKey, "key", "The same for the table inside a value."},
    {"jmap", 0, 0, Accepted, "", "Accepted."},
    {"loadaof", 0, 0, LoadLog, "", "Empties the data set and loads the append-only log."},
    {"log", 1, 1, LogMessage, "message", "Writes a line into the log."},
    {"object", 1, 2, DebugObject, "key", "Tells how a value is kept."},
    {"oom", 0, 0, OutOfMemory, "", "Crashes for want of memory."},
    {"panic", 0, 0, Panic, "", "Crashes as after a failed check."},
    {"pause-cron", 1, 1, PauseCron, "<0 | 1>", "Stops background work."},
    {"populate", 1, 3, DebugPopulate, "count [prefix [size]]", "Creates string keys."},
    {"protocol", 1, 1, DebugProtocol, "type", "Answers a value of a reply type."},
    {"quicklist-packed-threshold", 1, 1, PackedThreshold, "size", "Accepted."},
    {"reload", 0, 3, Reload, "[NOSAVE] [NOFLUSH]", "Saves the data, empties it and loads it."},
    {"replybuffer", 2, 2, Accepted, "<PEAK-RESET-TIME value | RESIZING <0 | 1>>", "Accepted."},
    {"segfault", 0, 0, Segfault, "", "Crashes with a bad memory access."},
    {"set-active-expire", 1, 1, SetActiveExpire, "<0 | 1>", "Stops or lets go the expiry sweep."},
    {"set-disable-deny-scripts", 1, 1, SetDisableDenyScripts, "<0 | 1>",
     "Lets scripts call every command."},
    {"set-skip-checksum-validation", 1, 1, SkipChecksums, "<0 | 1>",
     "Lets RESTORE take payloads with a wrong checksum."},
    {"sleep", 1, 1, Sleep, "seconds", "Lets the server stand still."},
    {"stringmatch-len", 2, 2, StringmatchLen, "pattern string", "Tries a glob pattern."},
};

void Help(CommandContext& context) {
  std::vector<std::string> lines = {
      "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"};
  for (const Subcommand& sub : kSubcommands) {
    lines.push_back(Uppercase(sub.name) + (sub.syntax.empty() ? "" : " ") +
                    std::string(sub.syntax));
    lines.push_back("    " + std::string(sub.summary));
  }
  lines.emplace_back("HELP");
  lines.emplace_back("    Prints the subcommands and what each does.");
  context.reply.Array(lines.size());
  for (const std::string& line : lines) context.reply.SimpleString(line);
}

bool DebugAllowed(const CommandContext& context) {
  switch (context.services.options->debug_access) {
    case DebugAccess::kNo:
      return false;
    case DebugAccess::kYes:
      return true;
    case DebugAccess::kLocal:
      return IsLocalCaller(context);
  }
  return false;
}

void Debug(CommandContext& context, ArgCursor args) {
  if (!DebugAllowed(context)) {
    return context.reply.Error(
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", "
        "you "
        "can run it from a local connection, otherwise you need to set this option in the "
        "configuration file, and then restart the server.");
  }
  const std::string_view name = args.Next();
  if (args.AtEnd() && EqualsIgnoreCase(name, "help")) return Help(context);
  for (const Subcommand& sub : kSubcommands) {
    if (!EqualsIgnoreCase(name, sub.name)) continue;
    if (args.remaining() < sub.args_min || args.remaining() > sub.args_max) break;
    return sub.run(context, args);
  }
  context.reply.Error("ERR unknown subcommand or wrong number of arguments for '" +
                      std::string(name) + "'. Try DEBUG HELP.");
}

constexpr CommandSpec kDebug = {
    .name = "debug",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "1.0.0",
    .flags = kAdmin | kNoScript | kLoading | kStale | kProtected | kSystemCommand,
    .syntax = "subcommand [arg [arg ...]]",
    .complexity = "Depends on the subcommand.",
    .summary = "Looks inside the server, for tests."};

}  // namespace

void RegisterDebugCommands(CommandRegistry& registry) {
  registry.Add(kDebug, Debug);
}

}  // namespace torc
