#pragma once

// What a string must be for SET or DELEX to change it: equal to a text, or of a digest, or not.

#include <string>
#include <string_view>

#include "command/arg_cursor.h"
#include "store/entry.h"

namespace torc {

struct StringCondition {
  enum class Kind : uint8_t { kNone, kEqual, kNotEqual, kDigestEqual, kDigestNotEqual };
  Kind kind = Kind::kNone;
  std::string_view operand;  // a text, or the 16 hexadecimal digits of a digest

  bool any() const { return kind != Kind::kNone; }
  // `entry` is a string, or null where there is none: that is equal to nothing.
  bool Holds(const Entry* entry) const;
};

// Takes IFEQ, IFNE, IFDEQ or IFDNE with what follows; false if the next argument is none of them or
// the last. A digest that is none is an error of the cursor's.
bool TakeStringCondition(ArgCursor& args, StringCondition* condition);
// Whether an argument is one of these words.
bool IsStringCondition(std::string_view word);

// The digest of Redis 8.4: XXH3 with 64 bits, as 16 hexadecimal digits.
std::string DigestOf(std::string_view text);

}  // namespace torc
