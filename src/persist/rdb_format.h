#pragma once

// The numbers of the RDB format: value types, opcodes, length and string encodings. How they fit
// together: persist/RDB_FORMAT.md.

#include <cstdint>
#include <initializer_list>

namespace torc {

// What Torc writes: the version of Redis 7.0. What it reads: 1 to 11 (Redis 7.2).
inline constexpr int kRdbVersionWritten = 10;
inline constexpr int kRdbVersionMin = 1;
inline constexpr int kRdbVersionMax = 11;

// How a value is written. Version 10 knows those up to kStreamListpacks2; a writer uses no later
// one.
enum class RdbType : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSetText = 3,  // scores as text
  kHash = 4,
  kSortedSet = 5,  // scores as binary doubles
  kModulePreGa = 6,
  kModule = 7,
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntset = 11,
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,  // of ziplists
  kStreamListpacks = 15,
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListQuicklist2 = 18,  // of listpacks and plain nodes
  kStreamListpacks2 = 19,
  kSetListpack = 20,
  kStreamListpacks3 = 21,
};
inline constexpr uint8_t kRdbTypeMax = 21;

// A set of RDB types as bits: what a data type can load.
using RdbTypeSet = uint32_t;
constexpr RdbTypeSet RdbTypes(std::initializer_list<RdbType> types) {
  RdbTypeSet set = 0;
  for (const RdbType type : types) set |= RdbTypeSet{1} << static_cast<int>(type);
  return set;
}

enum class RdbOpcode : uint8_t {
  kFunction2 = 245,
  kFunctionPreGa = 246,
  kModuleAux = 247,
  kIdle = 248,
  kFreq = 249,
  kAux = 250,
  kResizeDb = 251,
  kExpiryMs = 252,
  kExpirySeconds = 253,
  kSelectDb = 254,
  kEof = 255,
};

// The first two bits of a length.
inline constexpr uint8_t kRdbLength6Bits = 0;
inline constexpr uint8_t kRdbLength14Bits = 1;
inline constexpr uint8_t kRdbLengthLong = 2;
inline constexpr uint8_t kRdbLengthEncoded = 3;  // a string in one of the encodings below
inline constexpr uint8_t kRdbLength32Bits = 0x80;
inline constexpr uint8_t kRdbLength64Bits = 0x81;
inline constexpr uint8_t kRdbStringInt8 = 0;
inline constexpr uint8_t kRdbStringInt16 = 1;
inline constexpr uint8_t kRdbStringInt32 = 2;
inline constexpr uint8_t kRdbStringLzf = 3;

}  // namespace torc
