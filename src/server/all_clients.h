#pragma once

// AllClients: the clients of all shards as commands of one shard see them. Whoever asks for more
// than its own session has all shards to itself.

#include <cstddef>
#include <functional>
#include <vector>

#include "command/services.h"
#include "server/client_table.h"

namespace torc {

class AllClients final : public ClientDirectory {
 public:
  // The tables, by shard, must outlive it; `own` is the index of the shard it serves.
  AllClients(std::vector<ClientTable*> tables, size_t own)
      : tables_(std::move(tables)), own_(own) {}

  // In the order of their ids, whatever their shards.
  void ForEach(const std::function<void(Session&, const Transport&)>& visit) override;
  void Disconnect(ClientId id, bool after_reply) override;
  Transport TransportOf(const Session& session) override;
  Session* SessionOf(ClientId id) override;

 private:
  std::vector<ClientTable*> tables_;
  size_t own_;
};

}  // namespace torc
