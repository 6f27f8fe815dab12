// CLIENT KILL, in its old form (an address) and its new one (filters that must all fit).

#include <optional>
#include <string>
#include <vector>

#include "command/access.h"
#include "command/client_line.h"
#include "command/context.h"
#include "features/connection/connection_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

struct KillFilter {
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::string_view> user;
  std::optional<ClientType> type;
  std::optional<uint64_t> id;
  bool spares_caller = true;

  bool Fits(const Session& session, const Transport& transport) const {
    return (!address || transport.peer_address == *address) &&
           (!local_address || transport.local_address == *local_address) &&
           (!user || (session.user != nullptr && session.user->name() == *user)) &&
           (!type || TypeOf(session) == *type) && (!id || session.id.value() == *id);
  }
};

// Reads one "name value" pair; false after an error, which has been replied.
bool ParsePair(CommandContext& context, ArgCursor& args, KillFilter* filter) {
  ReplyWriter& reply = context.reply;
  if (args.TakeWith("ID", 1)) {
    const auto id = ParseInt64(args.Next());
    if (!id || *id < 1) {
      reply.Error("ERR client-id should be greater than 0");
      return false;
    }
    filter->id = static_cast<uint64_t>(*id);
  } else if (args.TakeWith("TYPE", 1)) {
    const std::string_view name = args.Next();
    filter->type = ParseClientType(name);
    if (!filter->type) {
      reply.Error("ERR Unknown client type '" + std::string(errors::ShownText(name)) + "'");
      return false;
    }
  } else if (args.TakeWith("ADDR", 1)) {
    filter->address = args.Next();
  } else if (args.TakeWith("LADDR", 1)) {
    filter->local_address = args.Next();
  } else if (args.TakeWith("USER", 1)) {
    filter->user = args.Next();
    if (context.services.access->users.Find(*filter->user) == nullptr) {
      reply.Error("ERR No such user '" + std::string(errors::ShownText(*filter->user)) + "'");
      return false;
    }
  } else if (args.TakeWith("SKIPME", 1)) {
    filter->spares_caller = args.Take("YES");
    if (!filter->spares_caller && !args.Take("NO")) args.FailSyntax();
  } else {
    args.FailSyntax();
  }
  if (!args.ok()) reply.Error(args.error());
  return args.ok();
}

// Disconnects what fits; returns how many.
int64_t Kill(CommandContext& context, const KillFilter& filter) {
  ClientDirectory* clients = context.services.clients;
  if (clients == nullptr) return 0;
  const ClientId self = context.session.id;
  bool self_too = false;
  std::vector<ClientId> others;
  clients->ForEach([&](Session& session, const Transport& transport) {
    if (!filter.Fits(session, transport)) return;
    if (session.id != self) {
      others.push_back(session.id);
    } else if (!filter.spares_caller) {
      self_too = true;
    }
  });
  for (const ClientId id : others) clients->Disconnect(id, false);
  if (self_too) context.session.close_after_reply = true;
  return static_cast<int64_t>(others.size()) + (self_too ? 1 : 0);
}

void ClientKill(CommandContext& context, ArgCursor args) {
  KillFilter filter;
  if (args.remaining() == 1) {
    filter.address = args.Next();
    filter.spares_caller = false;
    if (Kill(context, filter) == 0) return context.reply.Error("ERR No such client");
    return context.reply.Ok();
  }
  while (!args.AtEnd()) {
    if (!ParsePair(context, args, &filter)) return;
  }
  context.reply.Integer(Kill(context, filter));
}

constexpr CommandSpec kClientKill = {
    .name = "kill",
    .parent = "client",
    .arity = AtLeast(3),
    .group = Group::kConnection,
    .since = "2.4.0",
    .flags = kAdmin | kNoScript | kLoading | kStale,
    .acl = kAclConnection,
    .syntax =
        "<ip:port | [ID client-id] [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] "
        "[USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME <YES | NO>]>",
    .complexity = "O(N) with N the number of connections",
    .summary = "Closes connections, by address or by what they have in common."};

}  // namespace

void RegisterClientKillCommands(CommandRegistry& registry) {
  registry.Add(kClientKill, ClientKill);
}

}  // namespace torc
