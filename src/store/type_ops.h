#pragma once

// What store, persist and features know of a data type: one table of functions per type. A new type
// brings its own table (types/<type>/<type>_type.cc) and changes nothing else.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace torc {

class Entry;

// Redis's type numbers; the low four bits of an entry's first byte.
enum class ValueType : uint8_t { kString, kList, kSet, kSortedSet, kHash, kModule, kStream };
inline constexpr size_t kValueTypeCount = 8;

struct TypeOps {
  std::string_view name;  // what TYPE answers
  // What OBJECT ENCODING answers.
  std::string_view (*encoding)(const Entry& entry);
  // Frees what the entry's value holds outside the entry itself.
  void (*free_value)(Entry* entry);
  // Copies the value of `from` into `to`, an entry with another key whose value is uninitialised
  // but of the same inline size.
  void (*copy_value)(const Entry& from, Entry* to);
  // Bytes allocated outside the entry itself (size classes included).
  size_t (*outside_bytes)(const Entry& entry);
  // How many elements (1 for a string): what decides between DEL and a lazy free.
  size_t (*length)(const Entry& entry);
  // What OBJECT REFCOUNT answers: 1, or INT32_MAX for what Redis shares between keys.
  int64_t (*reference_count)(const Entry& entry);
  // A hash of the logical value, independent of encoding and of internal order.
  uint64_t (*digest)(const Entry& entry, uint64_t seed);
};

// Types by number; null where this build has no such type.
using TypeTable = std::array<const TypeOps*, kValueTypeCount>;

}  // namespace torc
