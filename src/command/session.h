#pragma once

// Session: what a client is to the engine, without its socket. The server gives each connection
// one; tests and embedders make them by hand.

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "command/reply_queue.h"

namespace torc {

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
  bool internal = false;  // shadow replay, log replay: no authentication, no pause, no statistics
  bool close_after_reply = false;  // QUIT, CLIENT KILL of itself, a protocol error
  ReplyMode reply_mode = ReplyMode::kOn;
  std::string user = "default";
  std::string name;
  std::string lib_name;
  std::string lib_version;
  const CommandSpec* last_command = nullptr;
  int64_t created_unix_ms = 0;
  int64_t last_used_unix_ms = 0;
  uint64_t commands = 0;
  ReplyQueue replies;
};

}  // namespace torc
