// ACL WHOAMI, USERS, LIST, GETUSER, SETUSER, DELUSER.

#include <memory>
#include <string>
#include <vector>

#include "command/access.h"
#include "command/context.h"
#include "features/acl/acl_commands.h"
#include "features/acl/user_sessions.h"

namespace torc {
namespace {

void RedactAll(CommandContext& context) {
  for (size_t i = 2; i < context.argv.size(); ++i) context.RedactArg(i);
}

void Whoami(CommandContext& context, ArgCursor /*args*/) {
  const AclUser* user = context.session.user;
  if (user == nullptr) return context.reply.Null();
  context.reply.Bulk(user->name());
}
constexpr CommandSpec kWhoami =
    AclSpec("whoami", Exactly(2), 0, "", "O(1)", "Answers the name of the connection's user.");

void Users(CommandContext& context, ArgCursor /*args*/) {
  const auto& users = context.services.access->users.all();
  context.reply.Array(users.size());
  for (const auto& [name, user] : users) context.reply.Bulk(name);
}
constexpr CommandSpec kUsers =
    AclSpec("users", Exactly(2), kAdmin, "", "O(N) with N the number of users", "Lists the users.");

void List(CommandContext& context, ArgCursor /*args*/) {
  const auto& users = context.services.access->users.all();
  context.reply.Array(users.size());
  for (const auto& [name, user] : users) context.reply.Bulk("user " + name + " " + user->Rules());
}
constexpr CommandSpec kList =
    AclSpec("list", Exactly(2), kAdmin, "", "O(N) with N the number of users",
            "Shows all users, each by the rules that make it.");

void ReplySelector(ReplyWriter& reply, const AclSelector& selector) {
  reply.Bulk("commands");
  reply.Bulk(selector.CommandsText());
  reply.Bulk("keys");
  reply.Bulk(selector.KeysText());
  reply.Bulk("channels");
  reply.Bulk(selector.ChannelsText());
}

void GetUser(CommandContext& context, ArgCursor args) {
  RedactAll(context);
  const AclUser* user = context.services.access->users.Find(args.Next());
  if (user == nullptr) return context.reply.Null();
  ReplyWriter& reply = context.reply;
  reply.Map(6);
  reply.Bulk("flags");
  const auto flags = user->Flags();
  reply.Set(flags.size());
  for (const std::string_view flag : flags) reply.Bulk(flag);
  reply.Bulk("passwords");
  reply.Array(user->password_hashes().size());
  for (const std::string& hash : user->password_hashes()) reply.Bulk(hash);
  const auto& selectors = user->selectors();
  ReplySelector(reply, selectors[0]);
  reply.Bulk("selectors");
  reply.Array(selectors.size() - 1);
  for (size_t i = 1; i < selectors.size(); ++i) {
    reply.Map(3);
    ReplySelector(reply, selectors[i]);
  }
}
constexpr CommandSpec kGetUser =
    AclSpec("getuser", Exactly(3), kAdmin, "username",
            "O(N) with N the number of passwords, command rules and patterns of the user",
            "Shows what a user is and may do.");

void SetUser(CommandContext& context, ArgCursor args) {
  RedactAll(context);
  const std::string_view name = args.Next();
  AclUsers& users = context.services.access->users;
  const Status changed = users.Set(name, args.Rest(), *context.services.commands);
  if (!changed.ok()) return context.reply.Error("ERR " + changed.message());
  DisconnectListeners(context, *users.Find(name));
  context.reply.Ok();
}
constexpr CommandSpec kSetUser = ChangesUsers(
    AclSpec("setuser", AtLeast(3), kAdmin, "username [rule [rule ...]]",
            "O(N) with N the number of rules", "Makes a user, or changes it, by rules."));

void DelUser(CommandContext& context, ArgCursor args) {
  RedactAll(context);
  const Argv names = args.Rest();
  for (const std::string_view name : names) {
    if (name != AclUsers::kDefaultName) continue;
    return context.reply.Error("ERR The 'default' user cannot be removed");
  }
  int64_t removed = 0;
  for (const std::string_view name : names) {
    const std::unique_ptr<AclUser> user = context.services.access->users.Remove(name);
    if (user == nullptr) continue;
    ++removed;
    DisconnectSessions(context, [&](const Session& session) { return session.user == user.get(); });
  }
  context.reply.Integer(removed);
}
constexpr CommandSpec kDelUser =
    ChangesUsers(AclSpec("deluser", AtLeast(3), kAdmin, "username [username ...]",
                         "O(N) with N the number of users removed and of connections",
                         "Removes users and closes their connections."));

constexpr CommandSpec kAcl = {.name = "acl",
                              .arity = AtLeast(2),
                              .group = Group::kServer,
                              .since = "6.0.0",
                              .help_since = "6.0.0",
                              .complexity = "Depends on the subcommand.",
                              .summary = "Shows and changes users and what they may do."};

}  // namespace

void RegisterAclUserCommands(CommandRegistry& registry) {
  registry.Add(kWhoami, Whoami);
  registry.Add(kUsers, Users);
  registry.Add(kList, List);
  registry.Add(kGetUser, GetUser);
  registry.Add(kSetUser, SetUser);
  registry.Add(kDelUser, DelUser);
}

void RegisterAclCommands(CommandRegistry& registry) {
  registry.Add(kAcl, nullptr);
  RegisterAclUserCommands(registry);
  RegisterAclCheckCommands(registry);
  RegisterAclFileCommands(registry);
}

}  // namespace torc
