#pragma once

// Elements in the form that Redis calls listpack: short texts and integers in a byte sequence that
// can be walked from both ends.
//
//   | head, 1–9 bytes | text, if it is one | size of what came before, 1–5 bytes |
//
//   head 0xxxxxxx                an integer from 0 to 127
//   head 10xxxxxx                a text of up to 63 bytes
//   head 110xxxxx + 1 byte       an integer of 13 bits
//   head 1110xxxx + 1 byte       a text of up to 4095 bytes
//   head 11110000 + 4 bytes      a longer text
//   head 11110001 … 11110100     an integer of 2, 3, 4 or 8 bytes
//
// The size at the end is big-endian in groups of seven bits, so that it reads backwards. Every text
// has exactly one form as written here: equal bytes mean equal elements, and the other way round.
//
// The format is Redis's because lists need exactly this (both ends, small integers), because its
// sizes are what the thresholds of OBJECT ENCODING count, and because dumps then are copies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace torc {

// An element as it lies in a sequence. Dies with the next write to it.
struct PackedElement {
  const char* text = nullptr;  // null: an integer
  size_t size_bytes = 0;       // of the text
  int64_t integer = 0;
};

// The bytes of an element, an integer's in decimal. The view outlives the element, not itself.
class PackedText {
 public:
  explicit PackedText(const PackedElement& element)
      : digits_(element.integer),
        text_(element.text == nullptr ? digits_.view()
                                      : std::string_view(element.text, element.size_bytes)) {}
  PackedText(const PackedText&) = delete;
  PackedText& operator=(const PackedText&) = delete;
  std::string_view view() const { return text_; }

 private:
  DecimalText digits_;
  std::string_view text_;
};

// How a text will lie in a sequence. The text must outlive it and is shorter than 4 GiB.
class PackedForm {
 public:
  explicit PackedForm(std::string_view text);
  size_t size_bytes() const { return head_bytes_ + text_.size() + back_bytes_; }
  // Writes size_bytes() bytes.
  void Write(char* to) const;
  // Whether the element at `at`, with at least one byte before the sequence's end, is this one.
  // `end` is the end of the sequence.
  bool IsAt(const char* at, const char* end) const;

 private:
  static constexpr size_t kHeadBytesMax = 9;
  static constexpr size_t kBackBytesMax = 5;
  std::array<char, kHeadBytesMax> head_;
  std::array<char, kBackBytesMax> back_;
  uint8_t head_bytes_ = 0;
  uint8_t back_bytes_ = 0;
  std::string_view text_;  // empty for an integer
};

// The element that begins at `at`. The sequence must be well formed, as PackedForm writes it.
PackedElement ReadPacked(const char* at);
// Where the next element begins: `at` plus all bytes of the one there.
const char* NextPacked(const char* at);
// Where the element that ends before `end` begins.
const char* PrevPacked(const char* end);

}  // namespace torc
