#pragma once

// Keys that hold a HyperLogLog, for its commands.

#include <string>
#include <string_view>

#include "types/hll/hyperloglog.h"
#include "types/string/string.h"

namespace torc {

inline constexpr std::string_view kNotHyperLogLog =
    "WRONGTYPE Key is not a valid HyperLogLog string value.";
inline constexpr std::string_view kCorruptHyperLogLog = "INVALIDOBJ Corrupted HLL object detected";

// Replies the error and returns false if the entry, which may be null, is a string but no
// HyperLogLog.
bool CheckHyperLogLog(CommandContext& context, const Entry* entry);
// The key's HyperLogLog for writing, or none; false if it was refused, which has been replied. A
// short one that a file brought back is a raw string from now on, as in Redis, even if the command
// changes nothing.
bool OpenHyperLogLog(CommandContext& context, const KeyRef& key, WritableString* string);
// Stores the whole value, keeping the deadline.
void StoreHyperLogLog(const WritableString& string, std::string_view bytes);

}  // namespace torc
