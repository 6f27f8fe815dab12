#pragma once

// Parcel: what one shard has for another, sent as one message: commands of many clients with a copy
// of their arguments. It comes back as it is, with the replies in it; so nothing is allocated once
// it is warm. Notices travel alone and end where they arrive.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/ids.h"
#include "command/arg_cursor.h"
#include "command/command_registry.h"
#include "store/keyspace.h"

namespace torc {

struct Parcel {
  enum class Kind : uint8_t { kRequests, kReplies, kNotices };

  // A command that was admitted where its client lives, with what it needs of its session.
  struct Request {
    const Command* command = nullptr;
    uint32_t first_arg = 0;
    uint32_t arg_count = 0;
    uint64_t key_hash = 0;
    PartitionId partition;
    uint32_t key_arg = 0;  // 0: none
    DbIndex db;
    ClientId client;
    int protocol = 2;
    bool no_touch = false;
    bool wants_reply = true;
    bool late = false;  // it is answered later, by a parcel of its own
    // The sender's: where the reply goes.
    void* origin = nullptr;
    uint64_t slot = 0;
    // What came of it.
    size_t reply_end = 0;  // in `replies`
    int64_t slow_us = -1;  // what it took, if that is worth noting
  };

  Kind kind = Kind::kRequests;
  size_t sender = 0;
  bool late = false;  // was taken out of another one: not counted as under way
  std::vector<Request> requests;
  std::vector<size_t> arg_ends;  // of all requests, offsets into bytes
  std::string bytes;
  size_t served = 0;  // of requests
  Buffer replies;
  uint64_t log_position = 0;  // replies may be told once the log is durable so far
  std::vector<std::function<void()>> notices;
  uint64_t stamp = 0;  // of notices: greater than that of any that were sent before, by whomever

  void AddArgs(Request& request, Argv argv) {
    request.first_arg = static_cast<uint32_t>(arg_ends.size());
    request.arg_count = static_cast<uint32_t>(argv.size());
    for (const std::string_view arg : argv) {
      bytes.append(arg);
      arg_ends.push_back(bytes.size());
    }
  }
  // Into `views`, which is cleared.
  Argv Args(const Request& request, std::vector<std::string_view>* views) const {
    views->clear();
    for (size_t i = request.first_arg; i < request.first_arg + request.arg_count; ++i) {
      views->push_back(Arg(request, i - request.first_arg));
    }
    return *views;
  }
  std::string_view Reply(size_t index) const {
    const size_t begin = index == 0 ? 0 : requests[index - 1].reply_end;
    return replies.view().substr(begin, requests[index].reply_end - begin);
  }
  std::string_view Arg(const Request& request, size_t index) const {
    const size_t at = request.first_arg + index;
    const size_t begin = at == 0 ? 0 : arg_ends[at - 1];
    return std::string_view(bytes).substr(begin, arg_ends[at] - begin);
  }
  // Its first key's reference, as far as it has one.
  KeyRef Key(const Request& request) const {
    if (request.key_arg == 0) return {};
    return {Arg(request, request.key_arg), request.key_hash, request.partition};
  }
  // For the next use.
  void Clear();
};

}  // namespace torc
