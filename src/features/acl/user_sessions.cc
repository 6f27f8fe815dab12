#include "features/acl/user_sessions.h"

#include <algorithm>
#include <vector>

#include "command/access.h"
#include "command/context.h"

namespace torc {
namespace {

bool ListensUnduly(const Session& session, const AclUser& user) {
  if (session.subscriptions == nullptr) return false;
  for (const ChannelKind kind :
       {ChannelKind::kChannel, ChannelKind::kPattern, ChannelKind::kShardChannel}) {
    const auto& places = session.subscriptions->places[static_cast<size_t>(kind)];
    const bool as_pattern = kind == ChannelKind::kPattern;
    if (std::any_of(places.begin(), places.end(), [&](const auto& place) {
          return !user.AllowsChannel(place.first, as_pattern);
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace

void DisconnectSessions(CommandContext& context, const std::function<bool(const Session&)>& fits) {
  const AclUser* nobody = &context.services.access->users.default_user();
  std::vector<ClientId> others;
  const auto let_go = [&](Session& session) {
    if (!fits(session)) return;
    session.user = nobody;
    session.authenticated = false;
    if (&session == &context.session) {
      session.close_after_reply = true;
    } else {
      others.push_back(session.id);
    }
  };
  ClientDirectory* clients = context.services.clients;
  if (clients == nullptr) return let_go(context.session);
  clients->ForEach([&](Session& session, const Transport& /*transport*/) { let_go(session); });
  for (const ClientId id : others) clients->Disconnect(id, false);
}

void DisconnectListeners(CommandContext& context, const AclUser& user) {
  DisconnectSessions(context, [&](const Session& session) {
    return session.user == &user && ListensUnduly(session, user);
  });
}

}  // namespace torc
