#pragma once

// Session: what a client is to the engine, without its socket. The server gives each connection
// one; tests and embedders make them by hand.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "command/blocked_command.h"
#include "command/reply_queue.h"
#include "command/subscriptions.h"
#include "command/tracking_mode.h"
#include "command/transaction.h"
#include "store/watch_table.h"

namespace torc {

class AclUser;
class Outbox;
struct CommandSpec;

enum class ReplyMode : uint8_t {
  kOn,
  kOff,
  kSkipNext,  // CLIENT REPLY SKIP: the next command's reply is dropped, then on again
  kSkipThis,  // that next command is running
};

// Where a client's bytes come from and go to; what CLIENT LIST shows of it.
struct Transport {
  std::string peer_address;  // "127.0.0.1:50012", "[::1]:50012", "/path:0"
  std::string local_address;
  int descriptor = -1;
  bool unix_socket = false;
  size_t query_bytes = 0;
  size_t query_free_bytes = 0;
  size_t output_buffer_bytes = 0;
  size_t output_pending_bytes = 0;
  size_t total_bytes = 0;
};

struct Session {
  ClientId id;
  DbIndex db;
  int protocol = 2;
  bool authenticated = false;
  bool no_evict = false;
  bool no_touch = false;
  bool asking = false;
  bool readonly = false;
  bool internal = false;   // shadow replay, log replay: no authentication, no pause, no statistics
  bool in_script = false;  // its command is called by a script
  bool visiting = false;   // runs commands of clients of other shards: none of its own
  bool close_after_reply = false;  // QUIT, CLIENT KILL of itself, a protocol error
  ReplyMode reply_mode = ReplyMode::kOn;
  const AclUser* user = nullptr;  // of AclUsers; null: the engine's own session, which may do all
  std::string name;
  std::string lib_name;
  std::string lib_version;
  Session* script_caller = nullptr;  // of a script's own session: the client that runs it
  bool unlogged = false;             // a script's redis.set_repl: effects go to no log
  bool error_counted = false;        // the error that is replied was counted where it came about
  const CommandSpec* last_command = nullptr;
  int64_t created_unix_ms = 0;
  int64_t last_used_unix_ms = 0;
  uint64_t commands = 0;
  ReplyQueue replies;
  Outbox* outbox = nullptr;                      // its shard's; null with one shard
  bool has_output = false;                       // noted there
  int64_t slow_us = -1;                          // visiting: what a slow command took
  std::unique_ptr<Transaction> transaction;      // null outside MULTI
  std::unique_ptr<Subscriptions> subscriptions;  // null without any
  std::unique_ptr<BlockedCommand> blocked;       // null unless a command waits
  std::unique_ptr<TrackingMode> tracking;        // null unless keys are tracked for it
  bool monitor = false;
  // Watched keys, each with the table that knows its record.
  std::vector<std::pair<WatchTable*, WatchTable::Watch>> watches;
  // Watched no longer, but their tables, of other shards, do not know yet.
  std::vector<std::pair<WatchTable*, WatchTable::Watch>> dropped_watches;
};

// Lets go of all watched keys. Their shards must be borrowed.
inline void Unwatch(Session& session) {
  for (auto* watches : {&session.watches, &session.dropped_watches}) {
    for (const auto& [table, watch] : *watches) table->End(watch);
    watches->clear();
  }
}

// The same where the shards are not borrowed: the tables are told by the next Unwatch.
inline void DropWatches(Session& session) {
  auto& dropped = session.dropped_watches;
  dropped.insert(dropped.end(), session.watches.begin(), session.watches.end());
  session.watches.clear();
}

}  // namespace torc
