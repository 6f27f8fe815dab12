#pragma once

// TextPacker: texts made smaller by LZ4 or Zstandard, for values that are stored packed
// (value-compression). A packed text tells by itself how to unpack it:
//
//   4 bytes  size of the text
//   1 byte   PackingKind
//   what the library made of it

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/value_limits.h"

namespace torc {

class TextPacker {
 public:
  TextPacker();
  ~TextPacker();
  TextPacker(const TextPacker&) = delete;
  TextPacker& operator=(const TextPacker&) = delete;

  // Whether a text of this size is to be packed at all. Off by default: one comparison.
  static bool Wants(const ValueLimits& limits, size_t text_bytes) {
    return limits.packing != PackingKind::kNone &&
           text_bytes >= static_cast<size_t>(limits.packing_bytes_min) &&
           text_bytes <= static_cast<size_t>(limits.packing_bytes_max);
  }
  // The text packed, or nothing if that would not save an eighth. The view lives until the next
  // call.
  std::string_view Pack(PackingKind kind, std::string_view text);

  // The size of the text that was packed.
  static size_t TextBytes(std::string_view packed);
  // Unpacks into TextBytes(packed) bytes. `packed` is what Pack answered.
  static void Unpack(std::string_view packed, char* to);

 private:
  struct Zstd;
  size_t PackBody(PackingKind kind, std::string_view text, char* to, size_t bytes_max);

  std::string scratch_;
  std::unique_ptr<Zstd> zstd_;  // made when it is first needed
};

}  // namespace torc
