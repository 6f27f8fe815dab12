#pragma once

// All connections of a shard's loop, by id; what CLIENT LIST, INFO and CLIENT KILL see.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "command/services.h"
#include "server/connection.h"

namespace torc {

struct ClientFigures {
  uint64_t connections_received = 0;
  uint64_t connections_rejected = 0;
  uint64_t bytes_in = 0;  // of closed connections
  uint64_t bytes_out = 0;
  uint64_t output_limit_disconnections = 0;
  uint64_t query_limit_disconnections = 0;
  uint64_t evicted = 0;  // over maxmemory-clients
};

class ClientTable final : public ClientDirectory {
 public:
  Connection* Add(Stream stream, ConnectionOwner* owner, ClientId id);
  // Frees a connection; it must not be in any list of the loop.
  void Remove(Connection* connection);
  // Null if there is none. O(log N).
  Connection* Find(ClientId id) const {
    const auto it = connections_.find(id.value());
    return it == connections_.end() ? nullptr : it->second.get();
  }
  size_t size() const { return connections_.size(); }
  // The same; for any thread.
  size_t count() const { return count_.load(std::memory_order_relaxed); }
  ClientFigures& figures() { return figures_; }
  const ClientFigures& figures() const { return figures_; }
  uint64_t TotalBytesIn() const;
  uint64_t TotalBytesOut() const;
  // What all connections take, buffers included.
  size_t AllocatedBytes() const;
  // The same as far as it was counted: each connection when it was last served or looked at. O(1).
  // Any thread.
  size_t counted_bytes() const { return counted_bytes_.load(std::memory_order_relaxed); }
  void Count(Connection* connection);
  void Uncount(Connection* connection);

  // Visits up to `count` connections, going on where the last call stopped.
  void VisitSome(size_t count, const std::function<void(Connection&)>& visit);

  // --- ClientDirectory ---
  void ForEach(const std::function<void(Session&, const Transport&)>& visit) override;
  void Disconnect(ClientId id, bool after_reply) override;
  Transport TransportOf(const Session& session) override;
  Session* SessionOf(ClientId id) override {
    Connection* connection = Find(id);
    return connection == nullptr ? nullptr : &connection->session();
  }

 private:
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;  // in order of their ids
  std::atomic<size_t> counted_bytes_{0};  // changed by the loop's thread alone
  std::atomic<size_t> count_{0};
  uint64_t visit_next_ = 0;
  ConnectionOwner* owner_ = nullptr;
  ClientFigures figures_;
};

}  // namespace torc
