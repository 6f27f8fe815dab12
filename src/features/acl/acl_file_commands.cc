// ACL LOAD and SAVE: the file of users.

#include <string>

#include "command/access.h"
#include "command/context.h"
#include "features/acl/acl_commands.h"
#include "features/acl/user_sessions.h"

namespace torc {
namespace {

// Null, with the error replied, if the server has no such file.
AclFile* FileOf(CommandContext& context) {
  AclFile* file = context.services.acl_file;
  if (file != nullptr && !file->path().empty()) return file;
  context.reply.Error(
      "ERR This Redis instance is not configured to use an ACL file. You may want to specify users "
      "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis "
      "configuration file set) in order to store users in the Redis configuration.");
  return nullptr;
}

void Load(CommandContext& context, ArgCursor /*args*/) {
  AclFile* file = FileOf(context);
  if (file == nullptr) return;
  const auto text = file->Read();
  if (!text.ok()) return context.reply.Error("ERR " + text.status().message());
  AclUsers& users = context.services.access->users;
  AclUsers::Table replaced;
  const Status loaded = users.Load(*text, file->path(), *context.services.commands, &replaced);
  if (!loaded.ok()) return context.reply.Error("ERR " + loaded.message());
  const AclUser* stays = &users.default_user();
  DisconnectSessions(context, [stays](const Session& session) {
    return session.user != stays && session.user != nullptr;
  });
  context.reply.Ok();
}
constexpr CommandSpec LoadSpec() {
  CommandSpec spec = ChangesUsers(
      AclSpec("load", Exactly(2), kAdmin, "", "O(N) with N the number of users and connections",
              "Takes the users of the ACL file, and closes the connections of all others."));
  spec.tips = {};
  return spec;
}
constexpr CommandSpec kLoad = LoadSpec();

void Save(CommandContext& context, ArgCursor /*args*/) {
  AclFile* file = FileOf(context);
  if (file == nullptr) return;
  const Status saved = file->Replace(context.services.access->users.FileText());
  if (!saved.ok()) {
    return context.reply.Error(
        "ERR There was an error trying to save the ACLs. Please check the server logs for more "
        "information");
  }
  context.reply.Ok();
}
constexpr CommandSpec SaveSpec() {
  CommandSpec spec = AclSpec("save", Exactly(2), kAdmin, "", "O(N) with N the number of users",
                             "Writes the users into the ACL file.");
  spec.tips = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED";
  return spec;
}
constexpr CommandSpec kSave = SaveSpec();

}  // namespace

void RegisterAclFileCommands(CommandRegistry& registry) {
  registry.Add(kLoad, Load);
  registry.Add(kSave, Save);
}

}  // namespace torc
