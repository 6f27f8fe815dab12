#include "server/client_table.h"

#include <utility>

namespace torc {

Connection* ClientTable::Add(Stream stream, ConnectionOwner* owner, ClientId id) {
  owner_ = owner;
  auto connection = std::make_unique<Connection>(std::move(stream), owner);
  Connection* raw = connection.get();
  raw->session().id = id;
  connections_.emplace(id.value(), std::move(connection));
  count_.store(connections_.size(), std::memory_order_relaxed);
  ++figures_.connections_received;
  return raw;
}

void ClientTable::Count(Connection* connection) {
  const size_t bytes = connection->allocated_bytes();
  if (bytes == connection->counted_bytes) return;
  counted_bytes_.store(counted_bytes() + bytes - connection->counted_bytes,
                       std::memory_order_relaxed);
  connection->counted_bytes = bytes;
}

void ClientTable::Uncount(Connection* connection) {
  counted_bytes_.store(counted_bytes() - connection->counted_bytes, std::memory_order_relaxed);
  connection->counted_bytes = 0;
}

void ClientTable::Remove(Connection* connection) {
  Uncount(connection);
  figures_.bytes_in += connection->bytes_in;
  figures_.bytes_out += connection->bytes_out;
  connections_.erase(connection->session().id.value());
  count_.store(connections_.size(), std::memory_order_relaxed);
}

uint64_t ClientTable::TotalBytesIn() const {
  uint64_t total = figures_.bytes_in;
  for (const auto& [id, connection] : connections_) total += connection->bytes_in;
  return total;
}

uint64_t ClientTable::TotalBytesOut() const {
  uint64_t total = figures_.bytes_out;
  for (const auto& [id, connection] : connections_) total += connection->bytes_out;
  return total;
}

size_t ClientTable::AllocatedBytes() const {
  size_t total = 0;
  for (const auto& [id, connection] : connections_) total += connection->allocated_bytes();
  return total;
}

void ClientTable::VisitSome(size_t count, const std::function<void(Connection&)>& visit) {
  for (size_t i = 0; i < count && i < connections_.size(); ++i) {
    auto it = connections_.lower_bound(visit_next_);
    if (it == connections_.end()) it = connections_.begin();
    visit_next_ = it->first + 1;
    visit(*it->second);
  }
}

void ClientTable::ForEach(const std::function<void(Session&, const Transport&)>& visit) {
  for (auto& [id, connection] : connections_) {
    if (connection->killed()) continue;  // gone, but for the turn's end
    visit(connection->session(), connection->DescribeTransport());
  }
}

void ClientTable::Disconnect(ClientId id, bool after_reply) {
  const auto it = connections_.find(id.value());
  if (it == connections_.end()) return;
  Connection& connection = *it->second;
  if (after_reply) {
    connection.session().close_after_reply = true;
  } else {
    connection.Kill();
    connection.session().close_after_reply = true;
  }
  owner_->Ready(&connection);
}

Transport ClientTable::TransportOf(const Session& session) {
  const auto it = connections_.find(session.id.value());
  return it == connections_.end() ? Transport{} : it->second->DescribeTransport();
}

}  // namespace torc
