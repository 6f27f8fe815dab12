// MONITOR: the client is told of every command from now on, and may not look at data any more.

#include "command/context.h"
#include "command/monitors.h"
#include "features/pubsub/pubsub_commands.h"

namespace torc {
namespace {

void Monitor(CommandContext& context, ArgCursor /*args*/) {
  Session& session = context.session;
  if (session.transaction != nullptr) {
    return context.reply.Error("ERR MONITOR isn't allowed for DENY BLOCKING client");
  }
  // Asked again, it answers nothing, as Redis does.
  if (session.monitor) return;
  context.services.monitors->Add(session);
  context.reply.Ok();
}

constexpr CommandSpec kMonitor = {.name = "monitor",
                                  .arity = Exactly(1),
                                  .group = Group::kServer,
                                  .since = "1.0.0",
                                  .flags = kAdmin | kNoScript | kLoading | kStale,
                                  .complexity = "O(N) with N the clients that look on",
                                  .summary = "Shows every command that the server runs."};

}  // namespace

void RegisterMonitorCommand(CommandRegistry& registry) {
  registry.Add(kMonitor, Monitor);
}

}  // namespace torc
