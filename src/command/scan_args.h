#pragma once

// What SCAN, SSCAN, HSCAN and ZSCAN have in common: cursors and options.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/glob.h"
#include "command/arg_cursor.h"

namespace torc {

// Redis reads cursors with strtoul: a sign and leading zeros are fine, a negative one wraps
// around, a zero byte ends the text, and no text is 0.
std::optional<uint64_t> ParseScanCursor(std::string_view text);

struct ScanOptions {
  std::string_view pattern = "*";
  std::optional<std::string_view> type;  // SCAN's alone
  int64_t count = 10;
  bool no_values = false;  // HSCAN's alone

  bool Matches(std::string_view text) const { return pattern == "*" || GlobMatch(pattern, text); }
};

enum class ScanKind : uint8_t { kKeys, kFields, kMembers };

// Reads MATCH, COUNT and what else this kind of scan takes; errors are latched.
ScanOptions ParseScanOptions(ArgCursor& args, ScanKind kind);

// The reply of a scan that found nothing, cursor 0.
void ReplyEmptyScan(ReplyWriter& reply);

}  // namespace torc
