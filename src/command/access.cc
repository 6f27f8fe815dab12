#include "command/access.h"

#include "command/client_line.h"
#include "command/context.h"
#include "command/process_totals.h"
#include "command/services.h"

namespace torc {
namespace {

size_t Bytes(Argv argv) {
  size_t total = 0;
  for (const std::string_view arg : argv) total += arg.size();
  return total;
}

void Note(const Services& services, const Session& session, AclLogEntry entry,
          size_t argument_bytes) {
  if (services.access == nullptr) return;
  const UnixMs now(services.clock->WallMs());
  // Of a script's command it is its caller's line.
  const Session& client = session.script_caller == nullptr ? session : *session.script_caller;
  const Transport transport =
      services.clients == nullptr ? Transport() : services.clients->TransportOf(client);
  entry.client_line = ClientLine(client, transport, now, argument_bytes);
  entry.created_unix_ms = now.value();
  OnFirstShard(services, [log = &services.access->log, entry = std::move(entry)] {
    log->Add(AclLogEntry(entry));
  });
}

}  // namespace

AclVerdict CheckAccess(const Session& session, const Command& command, Argv argv) {
  if (MayDoEverything(session)) return {};
  AclCall call(command, argv);
  return session.user->Check(call);
}

bool MayReadAllKeys(const CommandContext& context) {
  return MayDoEverything(context.session) ||
         context.session.user->ReadsAllKeys(context.command, context.argv);
}

std::string RefusalText(const AclVerdict& verdict, const AclUser& user, const Command& command,
                        Argv argv, bool verbose) {
  const std::string who = "User " + user.name() + " has no permissions to ";
  if (verdict.denial == AclDenial::kCommand)
    return who + "run the '" + command.full_name + "' command";
  const std::string what = verdict.denial == AclDenial::kKey ? "key" : "channel";
  if (!verbose) return "No permissions to access a " + what;
  return who + "access the '" + std::string(argv[verdict.position]) + "' " + what;
}

void NoteRefusal(const Services& services, const Session& session, AclReason reason,
                 AclContext context, std::string_view object, std::string_view user) {
  Note(services, session,
       {.reason = reason,
        .context = context,
        .object = std::string(object),
        .user = std::string(user)},
       object.size());
}

void NoteRefusal(const Services& services, const Session& session, const AclVerdict& verdict,
                 AclContext context, const Command& command, Argv argv) {
  const bool of_command = verdict.denial == AclDenial::kCommand;
  Note(services, session,
       {.reason = of_command
                      ? AclReason::kCommand
                      : (verdict.denial == AclDenial::kKey ? AclReason::kKey : AclReason::kChannel),
        .context = context,
        .object = of_command ? command.full_name : std::string(argv[verdict.position]),
        .user = session.user == nullptr ? std::string() : session.user->name()},
       Bytes(argv));
}

}  // namespace torc
