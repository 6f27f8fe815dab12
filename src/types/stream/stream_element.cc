#include "types/stream/stream_element.h"

namespace torc {
namespace {

// How many bytes a number needs in two's complement.
int IntegerBytes(int64_t value) {
  const auto magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  return magnitude == 0 ? 1 : (64 - __builtin_clzll(magnitude)) / 8 + 1;
}

char* WriteInteger(char* to, int64_t value) {
  if (value >= 0 && value < 64) {
    *to = static_cast<char>(0x80 | value);
    return to + 1;
  }
  const int bytes = IntegerBytes(value);
  *to = static_cast<char>(0xc0 | (bytes - 1));
  std::memcpy(to + 1, &value, static_cast<size_t>(bytes));
  return to + 1 + bytes;
}

// The length that a listpack repeats behind each element.
uint32_t BackLengthBytes(uint32_t element_bytes) {
  if (element_bytes < 128) return 1;
  if (element_bytes < 16383) return 2;
  if (element_bytes < 2097151) return 3;
  return element_bytes < 268435455 ? 4 : 5;
}

}  // namespace

uint32_t ListpackBytesOf(int64_t integer) {
  if (integer >= 0 && integer < 128) return 2;
  if (integer >= -4096 && integer < 4096) return 3;
  const int bytes = IntegerBytes(integer);
  return 2 + static_cast<uint32_t>(bytes <= 4 ? bytes : 8);
}

char* WriteStreamElement(char* to, std::string_view text, uint32_t* listpack_bytes) {
  constexpr size_t kDigitsMax = 20;
  if (text.size() <= kDigitsMax) {
    if (const auto number = ParseInt64(text)) {
      *listpack_bytes += ListpackBytesOf(*number);
      return WriteInteger(to, *number);
    }
  }
  const auto size_bytes = static_cast<uint32_t>(text.size());
  const uint32_t packed_bytes = size_bytes + (size_bytes < 64 ? 1 : size_bytes < 4096 ? 2 : 5);
  *listpack_bytes += packed_bytes + BackLengthBytes(packed_bytes);
  if (size_bytes < 0x80) {
    *to++ = static_cast<char>(size_bytes);
  } else if (size_bytes < 0x1000) {
    *to++ = static_cast<char>(0xd0 | size_bytes >> 8);
    *to++ = static_cast<char>(size_bytes);
  } else {
    *to++ = static_cast<char>(0xe0);
    StoreLe(to, size_bytes);
    to += 4;
  }
  if (size_bytes != 0) std::memcpy(to, text.data(), size_bytes);
  return to + size_bytes;
}

}  // namespace torc
