#include "features/persistence/log_commands.h"

#include "command/context.h"
#include "command/persistence.h"

namespace torc {
namespace {

void Bgrewriteaof(CommandContext& context, ArgCursor /*args*/) {
  LogControl* const log = context.services.log;
  if (log == nullptr) return context.reply.Error("ERR this engine keeps nothing on disk");
  const bool in_transaction = context.session.transaction != nullptr;
  const auto begun = log->Rewrite(in_transaction ? BackgroundStart::kLater : BackgroundStart::kNow);
  if (!begun.ok()) return context.reply.Error("ERR " + begun.status().message());
  context.reply.SimpleString(*begun);
}

constexpr CommandSpec kBgrewriteaof = {
    .name = "bgrewriteaof",
    .arity = Exactly(1),
    .group = Group::kServer,
    .since = "1.0.0",
    .flags = kAdmin | kNoScript | kNoAsyncLoading,
    .complexity = "O(1), and O(N) in slices with N the number of keys",
    .summary = "Begins to replace the append-only log by a snapshot and what follows it."};

}  // namespace

void RegisterLogCommands(CommandRegistry& registry) {
  registry.Add(kBgrewriteaof, Bgrewriteaof);
}

}  // namespace torc
