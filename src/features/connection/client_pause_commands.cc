// CLIENT PAUSE and UNPAUSE: commands wait, keys do not expire, until the pause ends.

#include <algorithm>
#include <limits>

#include "command/context.h"
#include "features/connection/connection_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

void NoteChange(CommandContext& context) {
  if (context.services.server != nullptr) context.services.server->PauseChanged();
}

void ClientPause(CommandContext& context, ArgCursor args) {
  const std::string_view timeout = args.Next();
  PauseMode mode = PauseMode::kAll;
  if (!args.AtEnd() && !args.Take("ALL")) {
    if (!args.Take("WRITE")) args.Fail("ERR CLIENT PAUSE mode must be WRITE or ALL");
    mode = PauseMode::kWrites;
  }
  const auto duration_ms = ParseInt64(timeout);
  if (!duration_ms) args.Fail(errors::kTimeoutNotInteger);
  if (duration_ms && *duration_ms < 0) args.Fail(errors::kNegativeTimeout);
  const int64_t now_ms = context.now.value();
  if (duration_ms && *duration_ms > std::numeric_limits<int64_t>::max() - now_ms) {
    args.Fail("ERR timeout is out of range");
  }
  if (!args.Done(context.reply)) return;
  // A pause that runs already is only ever made longer and stricter.
  PauseState& pause = *context.services.pause;
  if (!pause.ActiveAt(context.now)) pause = {};
  pause.mode = std::max(pause.mode, mode);
  pause.until = std::max(pause.until, context.now + *duration_ms);
  context.reply.Ok();
  NoteChange(context);
}

constexpr CommandSpec kClientPause = {
    .name = "pause",
    .parent = "client",
    .arity = AtLeast(3),
    .group = Group::kConnection,
    .since = "3.0.0",
    .flags = kAdmin | kNoScript | kLoading | kStale,
    .acl = kAclConnection,
    .syntax = "timeout [WRITE | ALL]",
    .complexity = "O(1)",
    .summary = "Makes the commands of all clients, or only the writing ones, wait for some time."};

void ClientUnpause(CommandContext& context, ArgCursor /*args*/) {
  *context.services.pause = {};
  context.reply.Ok();
  NoteChange(context);
}

constexpr CommandSpec kClientUnpause = {
    .name = "unpause",
    .parent = "client",
    .arity = Exactly(2),
    .group = Group::kConnection,
    .since = "6.2.0",
    .flags = kAdmin | kNoScript | kLoading | kStale,
    .acl = kAclConnection,
    .complexity = "O(N) with N the number of commands that wait",
    .summary = "Ends a pause; the commands that waited run."};

}  // namespace

void RegisterClientPauseCommands(CommandRegistry& registry) {
  registry.Add(kClientPause, ClientPause);
  registry.Add(kClientUnpause, ClientUnpause);
}

}  // namespace torc
