#pragma once

// EX, PX, EXAT and PXAT as SET, GETEX and their kin take them.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "command/arg_cursor.h"

namespace torc {

enum class ExpiryUnit : uint8_t { kSecondsFromNow, kMsFromNow, kUnixSeconds, kUnixMs };

struct ExpiryArg {
  ExpiryUnit unit;
  std::string_view text;
};

// Takes "EX n", "PX n", "EXAT n" or "PXAT n" if it comes next.
std::optional<ExpiryArg> TakeExpiry(ArgCursor& args);

// The deadline in Unix milliseconds, always positive; latches "invalid expire time in '<command>'
// command" for a value that is not positive or overflows, and "not an integer" for what is no
// number.
int64_t DeadlineMs(const ExpiryArg& arg, UnixMs now, std::string_view command, ArgCursor& args);

// A deadline from a number that may be negative or past (EXPIRE and its kin); nothing on overflow.
std::optional<int64_t> DeadlineFrom(int64_t value, ExpiryUnit unit, UnixMs now);

}  // namespace torc
