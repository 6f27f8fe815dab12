#include "features/connection/authentication.h"

#include <algorithm>

#include "command/access.h"
#include "command/context.h"
#include "resp/errors.h"

namespace torc {

bool Authenticate(CommandContext& context, std::string_view name, std::string_view password) {
  Session& session = context.session;
  const AclUser* user = context.services.access->users.Authenticate(name, password);
  if (user == nullptr) {
    const bool queued = session.transaction != nullptr;
    NoteRefusal(context.services, session, AclReason::kAuth,
                queued ? AclContext::kMulti : AclContext::kTopLevel, context.argv[0], name);
    context.reply.Error(errors::kWrongPass);
    return false;
  }
  session.user = user;
  session.authenticated = true;
  return true;
}

// A zero byte is no plain byte (7.2 stops looking there; 7.0 did not).
bool IsPlainName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace torc
