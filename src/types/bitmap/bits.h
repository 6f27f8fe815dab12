#pragma once

// Bits of a string, numbered from the most significant bit of the first byte, as Redis does. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace torc {

// Bit `offset`; bits past the end are 0.
bool BitAt(std::string_view bytes, uint64_t offset);
void SetBitAt(char* bytes, uint64_t offset, bool value);

// How many bits are 1 within [first, last], bit offsets; last must lie within the string.
uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t last);
// The first bit with this value within [first, last], or nothing.
std::optional<uint64_t> FindBit(std::string_view bytes, bool value, uint64_t first, uint64_t last);

enum class BitOperation : uint8_t { kAnd, kOr, kXor, kNot };
// target[i] = target[i] op source[i], where a source is as if filled with zeros up to target_bytes.
void CombineBits(char* target, size_t target_bytes, BitOperation operation,
                 std::string_view source);

// A BITFIELD integer type: i1…i64, u1…u63.
struct FieldType {
  bool is_signed = false;
  unsigned bits = 0;
};
// "u8", "i16"; nothing if it is no such type.
std::optional<FieldType> ParseFieldType(std::string_view text);

// The field at bit `offset`; bits past the end are 0.
int64_t ReadField(std::string_view bytes, uint64_t offset, FieldType type);
// The field must lie within the bytes.
void WriteField(char* bytes, uint64_t offset, FieldType type, int64_t value);

enum class Overflow : uint8_t { kWrap, kSaturate, kFail };
// value + increment as the type can hold it; nothing if it overflows and that fails.
std::optional<int64_t> AddToField(int64_t value, int64_t increment, FieldType type,
                                  Overflow overflow);
// A value given from outside as the type can hold it. A negative one for an unsigned type counts as
// huge.
std::optional<int64_t> FitToField(int64_t value, FieldType type, Overflow overflow);

}  // namespace torc
