#pragma once

// Whether two replies to the same command say the same. Pure.

#include <string_view>

#include "redis-tests/differential/command.h"
#include "support/resp_reader.h"

namespace torc::differential {

// Compares the raw bytes of two replies by the command's check. For the solo checks (command.h)
// this is only the first half: both must be of one shape, and errors and nils must be equal.
bool SameReply(const Command& command, std::string_view ours, std::string_view peer);

// The same for values inside another reply (what EXEC gives back).
bool SameValue(const Command& command, const testing::RespValue& ours,
               const testing::RespValue& peer);

// A copy with aggregates in canonical order: what compares equal when order does not matter. With
// pairs, an array's items stay together two by two.
testing::RespValue Sorted(testing::RespValue value, bool pairs);

}  // namespace torc::differential
