// The dispatcher's part in permissions: what a user may not run is refused, kept in ACL LOG and
// answered in Redis's words, which depend on where the command stood.

#include <string>

#include "command/access.h"
#include "command/dispatcher.h"

namespace torc {
namespace {

// What EXEC answers in place of a command that was allowed when it was queued.
std::string RefusalAtExec(const AclVerdict& verdict) {
  std::string text =
      "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC "
      "call. This command is no longer allowed for the following reason: ";
  switch (verdict.denial) {
    case AclDenial::kCommand:
      return text + "no permission to execute the command or subcommand";
    case AclDenial::kKey:
      return text + "no permission to touch the specified keys";
    case AclDenial::kChannel:
      return text + "no permission to access one of the channels used as arguments to the command";
    case AclDenial::kNone:
      break;
  }
  return text + "no permission";
}

}  // namespace

bool Dispatcher::Permit(Session& session, const Command& command, Argv argv, ReplyWriter& reply) {
  const AclVerdict verdict = CheckAccess(session, command, argv);
  if (verdict.allowed()) return true;
  const bool queued = session.transaction != nullptr;
  NoteRefusal(*services_, session, verdict, queued ? AclContext::kMulti : AclContext::kTopLevel,
              command, argv);
  Refuse(session, &command, reply,
         "NOPERM " + RefusalText(verdict, *session.user, command, argv, false));
  return false;
}

bool Dispatcher::PermitInside(const CommandContext& outer, const Command& command, Argv argv,
                              ReplyWriter& reply) {
  const AclVerdict verdict = CheckAccess(outer.session, command, argv);
  if (verdict.allowed()) return true;
  const bool in_exec = outer.command.Has(kRunsQueue);
  NoteRefusal(*services_, outer.session, verdict, in_exec ? AclContext::kMulti : AclContext::kLua,
              command, argv);
  if (in_exec) {
    reply.Error(RefusalAtExec(verdict));
  } else {
    reply.Error("NOPERM ACL failure in script: " +
                RefusalText(verdict, *outer.session.user, command, argv, false));
  }
  return false;
}

bool Dispatcher::PermitAgain(Session& session, const Command& command, Argv argv) {
  const AclVerdict verdict = CheckAccess(session, command, argv);
  if (verdict.allowed()) return true;
  NoteRefusal(*services_, session, verdict, AclContext::kTopLevel, command, argv);
  EndWait(session, "NOPERM " + RefusalText(verdict, *session.user, command, argv, false),
          Ending::kRefused);
  return false;
}

}  // namespace torc
