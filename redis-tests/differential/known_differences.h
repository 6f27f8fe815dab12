#pragma once

// What may differ between the two servers and why: the one list of exceptions. Torc answers as
// Redis 7.2 does; the peer that Debian ships is 7.0. Each entry names the change between the two,
// or the freedom that Redis's documentation leaves. An entry never hides more than one reply of one
// command.

#include <span>
#include <string_view>

#include "redis-tests/differential/command.h"
#include "support/resp_reader.h"

namespace torc::differential {

struct KnownDifference {
  std::string_view command;  // glob over the command as CliLine writes it, case ignored
  std::string_view
      ours;  // glob over our reply as RespValue::Print writes it, or one of those below
  std::string_view peer;          // glob over the peer's, or the same
  std::string_view peer_version;  // prefix of the redis_version for which it holds
  std::string_view reason;
};

// Stands for both replies where only the way of writing doubles differs (double_form.h).
inline constexpr std::string_view kDoubleForm = "(doubles)";
// Stands for both replies where places that are equally far away come in another order.
inline constexpr std::string_view kTies = "(ties)";

std::span<const KnownDifference> KnownDifferences();

// The entry that explains a difference, or null.
const KnownDifference* FindKnownDifference(const Command& command, const testing::RespValue& ours,
                                           const testing::RespValue& peer,
                                           std::string_view peer_version);

}  // namespace torc::differential
