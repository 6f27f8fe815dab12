#pragma once

// What writing and reading Redis's form of a stream's block agree on.

#include <cstddef>
#include <cstdint>

namespace torc {

inline constexpr size_t kRdbStreamIdBytes = 16;  // big-endian, ms first

// Flags of an entry.
inline constexpr int64_t kListpackRemoved = 1;
inline constexpr int64_t kListpackSameFields = 2;

// How many elements an entry has before its last, which says so.
constexpr int64_t ListpackEntryElements(int64_t fields, bool same_fields) {
  return same_fields ? fields + 3 : 2 * fields + 4;
}

}  // namespace torc
