#pragma once

// What SETBIT and BITFIELD share: offsets as arguments, and a string with room for a bit.

#include <cstdint>
#include <optional>
#include <string_view>

#include "command/context.h"

namespace torc {

// A bit offset within proto-max-bulk-len; otherwise replies Redis's error. With `field_bits` > 0
// the text may be "#n": n fields of that many bits.
std::optional<uint64_t> ParseBitOffset(CommandContext& context, std::string_view text,
                                       unsigned field_bits = 0);

struct GrownString {
  char* bytes;
  bool grown;  // longer than before, or new
};
// The key's string, made if absent and extended with zeros to hold `bits` bits. Replies WRONGTYPE
// and returns nothing for another type.
std::optional<GrownString> GrownForBits(CommandContext& context, const KeyRef& key, uint64_t bits);

}  // namespace torc
