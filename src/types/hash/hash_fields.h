#pragma once

// "FIELDS count field …" as HEXPIRE and its kin end with, and what a deadline is allowed to be.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "command/expiry_args.h"

namespace torc {

// The latest deadline of a field, in Unix milliseconds: Redis's (7.4.1 takes this one and refuses
// the next), in the year 4199.
inline constexpr int64_t kFieldDeadlineMax = (int64_t{1} << 46) - 1;

// What commands say of a count that is none: those that write deadlines or values, and the others.
inline constexpr std::string_view kBadFieldCount =
    "ERR Parameter `numFields` should be greater than 0";
inline constexpr std::string_view kFieldCountNotPositive =
    "ERR Number of fields must be a positive integer";
// Takes the word FIELDS, a count, and `words_per_field` words for each, which must be all that is
// left. Errors are latched.
Argv TakeFields(ArgCursor& args, size_t words_per_field = 1,
                std::string_view bad_count = kBadFieldCount);

// The deadline that a command's number means; errors are latched: not a number, negative, too
// late.
int64_t FieldDeadline(std::string_view text, ExpiryUnit unit, UnixMs now, std::string_view command,
                      ArgCursor& args);

// A deadline that is over deletes at once; where effects are replayed they say so themselves.
inline bool IsPast(const CommandContext& context, int64_t deadline_ms) {
  return !context.session.internal && deadline_ms <= context.now.value();
}

// Fields that a command treated alike, to be replayed as one command: "HDEL key" and the fields, or
// "HPEXPIREAT key deadline FIELDS count" and the fields.
void ReplayDelete(CommandContext& context, std::string_view key,
                  const std::vector<std::string_view>& fields);
void ReplayDeadline(CommandContext& context, std::string_view key, int64_t deadline_ms,
                    const std::vector<std::string_view>& fields);

}  // namespace torc
