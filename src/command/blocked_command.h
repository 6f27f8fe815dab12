#pragma once

// A command that waits: what a session keeps of it.

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "store/type_ops.h"

namespace torc {

struct Command;
struct Session;
enum class ReplyMode : uint8_t;

struct BlockedCommand {
  const Command* command = nullptr;
  std::vector<std::string> args;  // the command as it was sent
  DbIndex db;
  std::vector<std::string> keys;      // without repeats
  ValueType type = ValueType::kList;  // of the values that can serve it
  int64_t deadline_ns = 0;            // on the monotone clock; 0: waits for ever
  ReplyMode reply_mode{};             // when it began
  bool needs_key = false;             // ends, with its error, when its key goes or changes type
  bool found_nothing = false;         // it ran again and asked to wait again
};

}  // namespace torc
