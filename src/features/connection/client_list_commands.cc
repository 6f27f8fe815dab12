// CLIENT INFO and CLIENT LIST.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "command/client_line.h"
#include "command/context.h"
#include "features/connection/connection_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

size_t ArgumentBytes(Argv argv) {
  size_t total = 0;
  for (const std::string_view arg : argv) total += arg.size();
  return total;
}

// The lines of all clients that `wanted` takes. Without a directory the caller is the only client.
template <typename Wanted>
std::string Lines(CommandContext& context, Wanted&& wanted) {
  std::string out;
  const auto add = [&](const Session& session, const Transport& transport) {
    if (!wanted(session)) return;
    const bool running = session.id == context.session.id;
    out += ClientLine(session, transport, context.now, running ? ArgumentBytes(context.argv) : 0);
    out += '\n';
  };
  if (context.services.clients == nullptr) {
    add(context.session, {});
  } else {
    context.services.clients->ForEach(
        [&](Session& session, const Transport& transport) { add(session, transport); });
  }
  return out;
}

void ClientInfo(CommandContext& context, ArgCursor /*args*/) {
  const ClientId id = context.session.id;
  context.reply.Verbatim("txt", Lines(context, [&](const Session& s) { return s.id == id; }));
}

constexpr CommandSpec kClientInfo = {.name = "info",
                                     .parent = "client",
                                     .arity = Exactly(2),
                                     .group = Group::kConnection,
                                     .since = "6.2.0",
                                     .flags = kNoScript | kLoading | kStale,
                                     .acl = kAclConnection,
                                     .complexity = "O(1)",
                                     .summary = "Describes the connection as CLIENT LIST would.",
                                     .tips = "NONDETERMINISTIC_OUTPUT"};

struct ClientFilter {
  std::optional<ClientType> type;
  std::vector<uint64_t> ids;  // empty: all

  bool Takes(const Session& session) const {
    if (type && TypeOf(session) != *type) return false;
    return ids.empty() || std::find(ids.begin(), ids.end(), session.id.value()) != ids.end();
  }
};

// Replies the error and returns nothing if the arguments are wrong.
std::optional<ClientFilter> ParseFilter(CommandContext& context, ArgCursor args) {
  ClientFilter filter;
  if (args.AtEnd()) return filter;
  if (args.remaining() == 2 && args.Take("TYPE")) {
    const std::string_view name = args.Next();
    filter.type = ParseClientType(name);
    if (filter.type) return filter;
    context.reply.Error("ERR Unknown client type '" + std::string(errors::ShownText(name)) + "'");
    return std::nullopt;
  }
  if (!args.TakeWith("ID", 1)) {
    context.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  while (!args.AtEnd()) {
    filter.ids.push_back(static_cast<uint64_t>(args.Integer("ERR Invalid client ID")));
  }
  if (!args.Done(context.reply)) return std::nullopt;
  return filter;
}

void ClientList(CommandContext& context, ArgCursor args) {
  const auto filter = ParseFilter(context, args);
  if (!filter) return;
  context.reply.Verbatim("txt", Lines(context, [&](const Session& s) { return filter->Takes(s); }));
}

constexpr CommandSpec kClientList = {
    .name = "list",
    .parent = "client",
    .arity = AtLeast(2),
    .group = Group::kConnection,
    .since = "2.4.0",
    .flags = kAdmin | kNoScript | kLoading | kStale,
    .acl = kAclConnection,
    .syntax = "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
    .complexity = "O(N) with N the number of connections",
    .summary = "Lists the open connections, or some of them.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterClientListCommands(CommandRegistry& registry) {
  registry.Add(kClientInfo, ClientInfo);
  registry.Add(kClientList, ClientList);
}

}  // namespace torc
