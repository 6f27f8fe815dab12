#pragma once

// Decimal digits written straight into a reply: lengths are mostly one or two digits, values mostly
// few.

#include <cstdint>

namespace torc {

// At most this many bytes are written by WriteDecimal and WriteSignedDecimal.
inline constexpr int kDecimalBytesMax = 20;

// 100 and above: out of the way of the short lengths. Returns the end.
char* WriteLongDecimal(char* to, uint64_t value);

// Writes the digits at `to`, which has kDecimalBytesMax bytes of room; returns their end.
inline char* WriteDecimal(char* to, uint64_t value) {
  if (value < 10) {
    *to = static_cast<char>('0' + value);
    return to + 1;
  }
  if (value < 100) {
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
    return to + 2;
  }
  return WriteLongDecimal(to, value);
}

inline char* WriteSignedDecimal(char* to, int64_t value) {
  if (value >= 0) return WriteDecimal(to, static_cast<uint64_t>(value));
  *to = '-';
  return WriteDecimal(to + 1, ~static_cast<uint64_t>(value) + 1);
}

inline char* WriteLineEnd(char* to) {
  to[0] = '\r';
  to[1] = '\n';
  return to + 2;
}

}  // namespace torc
