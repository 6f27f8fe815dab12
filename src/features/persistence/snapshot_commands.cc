#include "features/persistence/snapshot_commands.h"

#include "command/context.h"
#include "command/persistence.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kNoDisk = "ERR this engine keeps nothing on disk";

void Save(CommandContext& context, ArgCursor /*args*/) {
  if (context.services.snapshots == nullptr) return context.reply.Error(kNoDisk);
  const Status saved = context.services.snapshots->Save();
  if (saved.ok()) return context.reply.Ok();
  // As in Redis, why a save failed stands in the log only.
  context.reply.Error(saved.message().empty() ? "ERR" : "ERR " + saved.message());
}

constexpr CommandSpec kSave = {.name = "save",
                               .arity = Exactly(1),
                               .group = Group::kServer,
                               .since = "1.0.0",
                               .flags = kAdmin | kNoScript | kNoAsyncLoading | kNoMulti,
                               .complexity = "O(N) with N the number of keys",
                               .summary = "Saves all databases and answers when they are on disk."};

void Bgsave(CommandContext& context, ArgCursor args) {
  auto start = BackgroundStart::kNow;
  if (!args.AtEnd()) {
    if (args.remaining() != 1 || !args.Take("SCHEDULE")) {
      return context.reply.Error(errors::kSyntax);
    }
    start = BackgroundStart::kWhenFree;
  }
  if (context.session.transaction != nullptr) start = BackgroundStart::kLater;
  if (context.services.snapshots == nullptr) return context.reply.Error(kNoDisk);
  const auto begun = context.services.snapshots->SaveInBackground(start);
  if (!begun.ok()) return context.reply.Error("ERR " + begun.status().message());
  context.reply.SimpleString(*begun);
}

constexpr CommandSpec kBgsave = {.name = "bgsave",
                                 .arity = AtLeast(1),
                                 .group = Group::kServer,
                                 .since = "1.0.0",
                                 .flags = kAdmin | kNoScript | kNoAsyncLoading,
                                 .syntax = "[SCHEDULE]",
                                 .complexity = "O(1), and O(N) in slices with N the number of keys",
                                 .summary = "Begins to save all databases while commands go on."};

void Lastsave(CommandContext& context, ArgCursor /*args*/) {
  const SnapshotControl* snapshots = context.services.snapshots;
  context.reply.Integer(snapshots == nullptr ? 0 : snapshots->LastSaveUnixS());
}

constexpr CommandSpec kLastsave = {.name = "lastsave",
                                   .arity = Exactly(1),
                                   .group = Group::kServer,
                                   .since = "1.0.0",
                                   .flags = kFast | kLoading | kStale,
                                   .acl = kAclAdmin | kAclDangerous,
                                   .complexity = "O(1)",
                                   .summary = "Answers when the databases were last saved.",
                                   .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterSnapshotCommands(CommandRegistry& registry) {
  registry.Add(kSave, Save);
  registry.Add(kBgsave, Bgsave);
  registry.Add(kLastsave, Lastsave);
}

}  // namespace torc
