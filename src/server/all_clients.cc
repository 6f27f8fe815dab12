#include "server/all_clients.h"

#include <algorithm>
#include <utility>

namespace torc {

void AllClients::ForEach(const std::function<void(Session&, const Transport&)>& visit) {
  if (tables_.size() == 1) return tables_[0]->ForEach(visit);
  std::vector<std::pair<Session*, Transport>> all;
  for (ClientTable* table : tables_) {
    table->ForEach([&all](Session& session, const Transport& transport) {
      all.emplace_back(&session, transport);
    });
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.first->id < b.first->id; });
  for (const auto& [session, transport] : all) visit(*session, transport);
}

void AllClients::Disconnect(ClientId id, bool after_reply) {
  for (ClientTable* table : tables_) table->Disconnect(id, after_reply);
}

Transport AllClients::TransportOf(const Session& session) {
  if (tables_[own_]->Find(session.id) != nullptr) return tables_[own_]->TransportOf(session);
  for (ClientTable* table : tables_) {
    if (table->Find(session.id) != nullptr) return table->TransportOf(session);
  }
  return {};
}

Session* AllClients::SessionOf(ClientId id) {
  for (ClientTable* table : tables_) {
    if (Session* session = table->SessionOf(id)) return session;
  }
  return nullptr;
}

}  // namespace torc
