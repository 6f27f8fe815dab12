#pragma once

// Connection: one client's socket with its session, what it has sent and not yet been served, and
// the parser's place in it. Callbacks only collect; ShardLoop executes.

#include <cstdint>
#include <span>
#include <string_view>

#include "command/routing.h"
#include "command/session.h"
#include "net/input_buffer.h"
#include "net/stream.h"
#include "resp/request_parser.h"
#include "server/config_values.h"

namespace torc {

class Connection;

// Why a connection's next command does not run yet, with several shards.
enum class Waiting : uint8_t {
  kNothing,
  kReplies,  // for the replies of other shards to its commands so far
  kShards,   // for shards to be borrowed
  kRoom,     // for another shard to take what it was sent
};

// Told when a connection has something for the execute phase.
class ConnectionOwner {
 public:
  virtual void Ready(Connection* connection) = 0;

  uint64_t reads = 0;   // of all its connections' sockets
  uint64_t writes = 0;  // to them

 protected:
  ~ConnectionOwner() = default;
};

class Connection final : public StreamHandler {
 public:
  // The owner must outlive the connection.
  Connection(Stream stream, ConnectionOwner* owner);

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  InputBuffer& input() { return input_; }
  RequestParser& parser() { return parser_; }
  Stream& stream() { return stream_; }

  // What may be sent now, encrypted if need be: nothing while an earlier rest is still on its way.
  std::string_view Sendable(const ReleaseHorizon& horizon);
  // Sends it with one system call of its own.
  void Flush(const ReleaseHorizon& horizon);
  // The outcome of sending the first `sendable_bytes` bytes: how many were taken, or a negative
  // errno. The rest is given to the loop if the peer does not keep up.
  void Sent(size_t sendable_bytes, int64_t result);
  // All replies have reached the kernel.
  bool drained() const { return session_.replies.empty() && unsent_bytes() == 0; }
  size_t pending_output_bytes() const { return session_.replies.pending_bytes() + unsent_bytes(); }
  ClientClass client_class() const {
    return session_.subscriptions != nullptr ? ClientClass::kPubSub : ClientClass::kNormal;
  }
  Transport DescribeTransport() const;
  size_t allocated_bytes() const;
  // Of a value that has begun to arrive: what is still to come, as far as the client says.
  size_t wanted_bytes() const { return parser_.wanted_bytes(); }

  // The peer sends no more: the connection is closed once its commands have run. Or it was killed.
  bool ended() const { return ended_; }
  // Closed at the next occasion, whatever it still has to get, or has sent.
  void Kill() { ended_ = killed_ = true; }
  bool killed() const { return killed_; }

  // For the owner's lists.
  bool queued = false;    // in the list of the ready
  bool deferred = false;  // a command waits for the end of a pause
  bool held = false;      // replies wait for the disk
  Waiting waiting = Waiting::kNothing;
  size_t counted_bytes = 0;         // in the sum of all clients' memory
  bool closing = false;             // its end waits until it may concern other shards
  size_t sent_to = 0;               // the shard of its last command that went to another
  ShardSet wanted_shards;           // kShards: these
  int64_t soft_limit_since_ms = 0;  // beyond the soft output limit since then; 0: is not
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;

 private:
  // Encrypts the first so many bytes of the replies; what is to be sent then.
  std::string_view Seal(size_t ready_bytes);
  size_t unsent_bytes() const { return stream_.pending_bytes() + stream_.sealed().size(); }

  std::span<char> ReadTarget() override;
  void OnRead(std::string_view bytes) override;
  void OnWritable() override;
  void OnEnd(StreamEnd end) override;

  Stream stream_;
  ConnectionOwner* owner_;
  InputBuffer input_;
  RequestParser parser_;
  Session session_;
  bool ended_ = false;
  bool killed_ = false;
};

}  // namespace torc
