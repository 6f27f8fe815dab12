#include "resp/decimal.h"

#include <array>
#include <cstring>

namespace torc {
namespace {

// "00" "01" … "99": two digits per division.
constexpr std::array<char, 200> MakePairs() {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
constexpr std::array<char, 200> kPairs = MakePairs();

}  // namespace

char* WriteLongDecimal(char* to, uint64_t value) {
  char digits[kDecimalBytesMax];
  char* const end = digits + kDecimalBytesMax;
  char* at = end;
  while (value >= 100) {
    at -= 2;
    std::memcpy(at, &kPairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (value >= 10) {
    at -= 2;
    std::memcpy(at, &kPairs[2 * value], 2);
  } else {
    *--at = static_cast<char>('0' + value);
  }
  const auto size_bytes = static_cast<size_t>(end - at);
  std::memcpy(to, at, size_bytes);
  return to + size_bytes;
}

}  // namespace torc
