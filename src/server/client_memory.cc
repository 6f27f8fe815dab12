// What clients' buffers take, and what is done about it: maxmemory-clients, and room in the
// keyspace for a large value before it arrives.

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "server/shard_loop.h"

namespace torc {

size_t ShardLoop::ClientsLimitBytes() const {
  const int64_t limit = options_->clients_memory_max;
  if (limit >= 0) return static_cast<size_t>(limit);
  return shard_->eviction().budget().limit_bytes() / 100 * static_cast<size_t>(-limit);
}

void ShardLoop::MakeRoomFor(const Connection& connection) {
  constexpr size_t kWorthMakingBytes = size_t{32} << 10;
  const size_t wanted_bytes = connection.wanted_bytes();
  if (wanted_bytes < kWorthMakingBytes || !shard_->eviction().limited()) return;
  (void)shard_->eviction().MakeRoom(wanted_bytes);
}

// What this shard's clients may take beside the others'. Of several shards the one whose clients
// take most disconnects some, so there only is a bound below what they take.
size_t ShardLoop::OwnClientsLimitBytes() const {
  const size_t limit_bytes = ClientsLimitBytes();
  if (limit_bytes == 0) return std::numeric_limits<size_t>::max();
  if (group_ == nullptr) return limit_bytes;
  size_t others_bytes = 0;
  for (const ShardLoop* loop : group_->loops) {
    if (loop == this) continue;
    const size_t bytes = loop->clients_.counted_bytes();
    if (bytes > clients_.counted_bytes()) return std::numeric_limits<size_t>::max();
    others_bytes += bytes;
  }
  return limit_bytes - std::min(limit_bytes, others_bytes);
}

void ShardLoop::LimitLargeRequests() {
  constexpr size_t kLargeBytes = size_t{64} << 10;
  if (options_->clients_memory_max == 0) return;
  bool any_large = false;
  for (const Work& work : works_) {
    if (work.connection->input().bytes().size() < kLargeBytes) continue;
    clients_.Count(work.connection);
    any_large = true;
  }
  if (any_large) LimitClients();
}

void ShardLoop::LimitClients() {
  const size_t limit_bytes = OwnClientsLimitBytes();
  if (clients_.counted_bytes() <= limit_bytes) return;
  std::vector<Connection*> largest_first;
  clients_.VisitSome(clients_.size(), [&](Connection& connection) {
    if (!connection.session().no_evict && !connection.ended()) largest_first.push_back(&connection);
  });
  std::sort(
      largest_first.begin(), largest_first.end(),
      [](const Connection* a, const Connection* b) { return a->counted_bytes > b->counted_bytes; });
  for (Connection* connection : largest_first) {
    if (clients_.counted_bytes() <= limit_bytes) break;
    Log(LogLevel::kNotice, "Evicting client %s: its buffers take %zu bytes",
        connection->stream().PeerAddress().c_str(), connection->counted_bytes);
    ++clients_.figures().evicted;
    clients_.Uncount(connection);
    connection->Kill();
    connection->session().close_after_reply = true;
    Ready(connection);
  }
}

}  // namespace torc
