#pragma once

// How string and bitmap commands reach a string by key: find it, check its type, reply WRONGTYPE.

#include <cstdint>
#include <optional>
#include <string_view>

#include "command/context.h"
#include "types/string/string_value.h"

namespace torc {

// A key looked up for a string command.
struct StringKey {
  bool wrong_type = false;  // already replied
  Entry* entry = nullptr;   // null: absent
};

StringKey ReadString(CommandContext& context, const KeyRef& key);

struct WritableString {
  bool wrong_type = false;  // already replied
  StringPlace place;
  Entry* entry() const { return place.found.entry; }
  int64_t expiry_ms() const {
    return place.found ? place.found.entry->expiry_ms() : Entry::kNoExpiry;
  }
};

WritableString WriteString(CommandContext& context, const KeyRef& key);

// Replies the error and returns false if a string of offset + added bytes would pass
// proto-max-bulk-len.
bool CheckStringSize(CommandContext& context, uint64_t offset, uint64_t added);

}  // namespace torc
