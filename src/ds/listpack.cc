#include "ds/listpack.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace torc {
namespace {

constexpr size_t kIntegerTextBytesMax = 20;

uint8_t ByteAt(const char* at) {
  return static_cast<uint8_t>(*at);
}

char AsChar(uint64_t value) {
  return static_cast<char>(static_cast<uint8_t>(value));
}

// The number of bytes that hold the size of an element at its end. The bounds are Redis's: two of
// them leave the largest number of their class to the next.
size_t BackBytes(size_t size_bytes) {
  if (size_bytes <= 127) return 1;
  if (size_bytes < 16383) return 2;
  if (size_bytes < 2097151) return 3;
  if (size_bytes < 268435455) return 4;
  return 5;
}

// Head and payload of the element at `at`.
size_t BodyBytes(const char* at) {
  const uint8_t head = ByteAt(at);
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1 + (head & 0x3fU);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return 2 + ((head & 0x0fU) << 8 | ByteAt(at + 1));
  switch (head) {
    case 0xf0:
      return 5 + size_t{LoadLe<uint32_t>(at + 1)};
    case 0xf1:
      return 3;
    case 0xf2:
      return 4;
    case 0xf3:
      return 5;
    default:
      return 9;
  }
}

size_t WriteIntegerHead(int64_t value, char* to) {
  if (value >= 0 && value <= 127) {
    to[0] = AsChar(static_cast<uint64_t>(value));
    return 1;
  }
  if (value >= -4096 && value <= 4095) {
    const auto bits = static_cast<uint64_t>(value) & 0x1fff;
    to[0] = AsChar(0xc0 | bits >> 8);
    to[1] = AsChar(bits);
    return 2;
  }
  constexpr int64_t kInt24Max = (1 << 23) - 1;
  size_t bytes = 8;
  if (value == static_cast<int16_t>(value)) {
    bytes = 2;
  } else if (value >= -kInt24Max - 1 && value <= kInt24Max) {
    bytes = 3;
  } else if (value == static_cast<int32_t>(value)) {
    bytes = 4;
  }
  to[0] = AsChar(bytes == 8 ? 0xf4 : 0xf1 + (bytes - 2));
  std::memcpy(to + 1, &value, bytes);
  return 1 + bytes;
}

size_t WriteTextHead(size_t size_bytes, char* to) {
  if (size_bytes < 64) {
    to[0] = AsChar(0x80 | size_bytes);
    return 1;
  }
  if (size_bytes < 4096) {
    to[0] = AsChar(0xe0 | size_bytes >> 8);
    to[1] = AsChar(size_bytes);
    return 2;
  }
  to[0] = AsChar(0xf0);
  StoreLe(to + 1, static_cast<uint32_t>(size_bytes));
  return 5;
}

}  // namespace

PackedForm::PackedForm(std::string_view text) {
  std::optional<int64_t> integer;
  if (text.size() <= kIntegerTextBytesMax) integer = ParseInt64(text);
  if (integer) {
    head_bytes_ = static_cast<uint8_t>(WriteIntegerHead(*integer, head_.data()));
  } else {
    head_bytes_ = static_cast<uint8_t>(WriteTextHead(text.size(), head_.data()));
    text_ = text;
  }
  size_t body_bytes = head_bytes_ + text_.size();
  const size_t back_bytes = BackBytes(body_bytes);
  back_bytes_ = static_cast<uint8_t>(back_bytes);
  for (size_t i = back_bytes; i-- > 0; body_bytes >>= 7) {
    back_[i] = AsChar((body_bytes & 0x7f) | (i == 0 ? 0 : 0x80));
  }
}

void PackedForm::Write(char* to) const {
  std::memcpy(to, head_.data(), head_bytes_);
  to += head_bytes_;
  if (!text_.empty()) std::memcpy(to, text_.data(), text_.size());
  std::memcpy(to + text_.size(), back_.data(), back_bytes_);
}

bool PackedForm::IsAt(const char* at, const char* end) const {
  const size_t body_bytes = head_bytes_ + text_.size();
  if (static_cast<size_t>(end - at) <= body_bytes) return false;
  return std::memcmp(at, head_.data(), head_bytes_) == 0 &&
         (text_.empty() || std::memcmp(at + head_bytes_, text_.data(), text_.size()) == 0);
}

PackedElement ReadPacked(const char* at) {
  const uint8_t head = ByteAt(at);
  if (head < 0x80) return {.integer = head};
  if (head < 0xc0) return {.text = at + 1, .size_bytes = head & 0x3fU};
  if (head < 0xe0) {
    const int32_t bits = (head & 0x1f) << 8 | ByteAt(at + 1);
    return {.integer = bits < 4096 ? bits : bits - 8192};
  }
  if (head < 0xf0) {
    return {.text = at + 2, .size_bytes = (head & 0x0fU) << 8 | ByteAt(at + 1)};
  }
  switch (head) {
    case 0xf0:
      return {.text = at + 5, .size_bytes = LoadLe<uint32_t>(at + 1)};
    case 0xf1:
      return {.integer = LoadLe<int16_t>(at + 1)};
    case 0xf2: {
      const uint32_t bits = LoadLe<uint16_t>(at + 1) | uint32_t{ByteAt(at + 3)} << 16;
      return {.integer = static_cast<int32_t>(bits << 8) >> 8};
    }
    case 0xf3:
      return {.integer = LoadLe<int32_t>(at + 1)};
    default:
      return {.integer = LoadLe<int64_t>(at + 1)};
  }
}

const char* NextPacked(const char* at) {
  const size_t body_bytes = BodyBytes(at);
  return at + body_bytes + BackBytes(body_bytes);
}

const char* PrevPacked(const char* end) {
  size_t body_bytes = 0;
  int shift = 0;
  const char* at = end - 1;
  for (;; --at, shift += 7) {
    body_bytes |= (size_t{ByteAt(at)} & 0x7f) << shift;
    if ((ByteAt(at) & 0x80) == 0) break;
  }
  return at - body_bytes;
}

}  // namespace torc
