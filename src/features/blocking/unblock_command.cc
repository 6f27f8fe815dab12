// CLIENT UNBLOCK: ends another client's wait.

#include <string>

#include "command/context.h"
#include "command/dispatcher.h"
#include "features/blocking/blocking_commands.h"

namespace torc {
namespace {

void ClientUnblock(CommandContext& context, ArgCursor args) {
  const std::string_view id_text = args.Next();
  std::string_view error;
  if (!args.AtEnd() && args.Take("ERROR")) {
    error = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
  } else if (!args.AtEnd() && !args.Take("TIMEOUT")) {
    return context.reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  ArgCursor id_cursor({&id_text, 1}, 0);
  const int64_t id = id_cursor.Integer();
  if (!id_cursor.Done(context.reply)) return;
  ClientDirectory* clients = context.services.clients;
  Session* target =
      clients == nullptr ? nullptr : clients->SessionOf(ClientId(static_cast<uint64_t>(id)));
  const bool waits = target != nullptr && target->blocked != nullptr;
  if (waits) context.services.dispatcher->EndWait(*target, error);
  context.reply.Integer(waits ? 1 : 0);
}

constexpr CommandSpec kClientUnblock = {
    .name = "unblock",
    .parent = "client",
    .arity = AtLeast(3),
    .group = Group::kConnection,
    .since = "5.0.0",
    .flags = kAdmin | kNoScript | kLoading | kStale,
    .acl = kAclConnection,
    .syntax = "client-id [TIMEOUT | ERROR]",
    .complexity = "O(log N) with N the number of connections",
    .summary = "Ends the wait of a client, as if its time were up or with an error."};

}  // namespace

void RegisterUnblockCommand(CommandRegistry& registry) {
  registry.Add(kClientUnblock, ClientUnblock);
}

void RegisterBlockingCommands(CommandRegistry& registry) {
  if (registry.FindOwn("lmpop") != nullptr) RegisterListBlockingCommands(registry);
  if (registry.FindOwn("zmpop") != nullptr) RegisterZsetBlockingCommands(registry);
  RegisterUnblockCommand(registry);
}

}  // namespace torc
