#pragma once

// How a command that may wait is made of one that does not: look for a key that can serve, run the
// plain command on it, or wait for all of them. The plain command brings its effects and events
// with it: BLPOP is replayed as LPOP.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "store/type_ops.h"

namespace torc {

// The deadline (0: none) out of an argument in seconds with fractions; replies the error and
// returns nothing if it is no time to wait.
std::optional<int64_t> WaitDeadlineNs(CommandContext& context, std::string_view seconds);

enum class KeyState : uint8_t { kMissing, kWrongType, kPresent };
KeyState StateOf(CommandContext& context, std::string_view key, ValueType type);

// Runs the plain command in place of the waiting one, as part of it. Its reply goes to `reply`.
void RunPlain(CommandContext& context, std::string_view name,
              const std::vector<std::string_view>& args, ReplyWriter& reply);
inline void RunPlain(CommandContext& context, std::string_view name,
                     const std::vector<std::string_view>& args) {
  RunPlain(context, name, args, context.reply);
}

}  // namespace torc
