#pragma once

// The sessions of users that changed.

#include <functional>

#include "command/acl_user.h"
#include "command/session.h"

namespace torc {

class CommandContext;

// Closes those that `fits` takes, the caller's behind its reply. None of them is anybody any more:
// their users may end.
void DisconnectSessions(CommandContext& context, const std::function<bool(const Session&)>& fits);

// Closes the user's connections that listen to what it may not listen to (any more).
void DisconnectListeners(CommandContext& context, const AclUser& user);

}  // namespace torc
