#pragma once

// Fields and values as they stand in a stream's block: byte strings or integers, and varints.
//
//   00–7f   a text of 0 to 127 bytes, which follow
//   80–bf   an integer from 0 to 63
//   c0–c7   an integer of one to eight bytes, little-endian, two's complement
//   d0–df   a text of up to 4095 bytes: the low bits and one more byte are its length
//   e0      a longer text: a length of four bytes follows
//
// A text that is the canonical decimal form of an int64 is kept as an integer and read back as the
// same text. Each text has one encoding.
//
// A block ends where Redis's listpack of the same entries would end, so that what approximate
// trimming removes is the same: what an element would take there is counted too.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/text.h"

namespace torc {

struct StreamElement {
  bool is_integer = false;
  int64_t integer = 0;
  std::string_view text;  // unless it is an integer
};

// An element's text, an integer's digits included: it must outlive the view.
class StreamElementText {
 public:
  explicit StreamElementText(const StreamElement& element) : text_(element.text) {
    if (!element.is_integer) return;
    digits_.emplace(element.integer);
    text_ = digits_->view();
  }
  StreamElementText(const StreamElementText&) = delete;
  StreamElementText& operator=(const StreamElementText&) = delete;
  std::string_view view() const { return text_; }

 private:
  std::optional<DecimalText> digits_;
  std::string_view text_;
};

inline constexpr size_t kStreamElementHeadBytesMax = 9;

// Encodes `text` at `to`, which has text.size() + kStreamElementHeadBytesMax bytes of room; returns
// the end, and adds what the text would take in a listpack to `listpack_bytes`.
char* WriteStreamElement(char* to, std::string_view text, uint32_t* listpack_bytes);

// Reads the element at `at`, which moves behind it.
inline StreamElement ReadStreamElement(const char*& at) {
  const auto head = static_cast<uint8_t>(*at++);
  StreamElement element;
  uint32_t size_bytes = head;
  if (head >= 0x80) {
    if (head < 0xd0) {
      element.is_integer = true;
      if (head < 0xc0) {
        element.integer = head & 0x3f;
        return element;
      }
      const int bytes = (head & 7) + 1;
      uint64_t bits = 0;
      std::memcpy(&bits, at, static_cast<size_t>(bytes));
      const int unused = 64 - 8 * bytes;
      element.integer = static_cast<int64_t>(bits << unused) >> unused;
      at += bytes;
      return element;
    }
    if (head < 0xe0) {
      size_bytes = (head & 0xfU) << 8 | static_cast<uint8_t>(*at++);
    } else {
      size_bytes = LoadLe<uint32_t>(at);
      at += 4;
    }
  }
  element.text = {at, size_bytes};
  at += size_bytes;
  return element;
}

// Whether the element at `at`, which moves behind it, is this text.
inline bool StreamElementIs(const char*& at, std::string_view text) {
  const StreamElement element = ReadStreamElement(at);
  if (!element.is_integer) return element.text == text;
  const auto number = ParseInt64(text);
  return number && *number == element.integer;
}

// What an integer would take in a listpack.
uint32_t ListpackBytesOf(int64_t integer);

// LEB128.
inline char* WriteVarint(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}
inline uint64_t ReadVarint(const char*& at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
}
inline constexpr size_t kVarintBytesMax = 10;

}  // namespace torc
