#include "persist/rdb_writer.h"

#include <liblzf/lzf.h>

#include <limits>

#include "base/text.h"
#include "persist/rdb_format.h"

namespace torc {
namespace {

// Below, LZF cannot win.
constexpr size_t kCompressedBytesMin = 21;

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

constexpr uint8_t Encoded(uint8_t encoding) {
  return static_cast<uint8_t>(kRdbLengthEncoded << 6 | encoding);
}

}  // namespace

void RdbWriter::Length(uint64_t value) {
  if (value < 1U << 6) {
    U8(static_cast<uint8_t>(value));
  } else if (value < 1U << 14) {
    U8(static_cast<uint8_t>(kRdbLength14Bits << 6 | value >> 8));
    U8(static_cast<uint8_t>(value));
  } else if (value <= UINT32_MAX) {
    U8(kRdbLength32Bits);
    Fixed(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    U8(kRdbLength64Bits);
    Fixed(__builtin_bswap64(value));
  }
}

bool RdbWriter::IntegerEncoding(int64_t value) {
  if (Fits<int8_t>(value)) {
    U8(Encoded(kRdbStringInt8));
    Fixed(static_cast<int8_t>(value));
  } else if (Fits<int16_t>(value)) {
    U8(Encoded(kRdbStringInt16));
    Fixed(static_cast<int16_t>(value));
  } else if (Fits<int32_t>(value)) {
    U8(Encoded(kRdbStringInt32));
    Fixed(static_cast<int32_t>(value));
  } else {
    return false;
  }
  return true;
}

void RdbWriter::IntegerString(int64_t value) {
  if (IntegerEncoding(value)) return;
  const DecimalText text(value);
  Length(text.view().size());
  Bytes(text.view());
}

void RdbWriter::String(std::string_view text) {
  constexpr size_t kInt32DigitsMax = 11;
  if (text.size() <= kInt32DigitsMax) {
    const auto value = ParseInt64(text);
    if (value && IntegerEncoding(*value)) return;
  }
  RawString(text);
}

void RdbWriter::RawString(std::string_view bytes) {
  if (options_.compress && bytes.size() >= kCompressedBytesMin &&
      bytes.size() <= kCompressedBytesMax && Compressed(bytes)) {
    return;
  }
  Length(bytes.size());
  Bytes(bytes);
}

// LZF writes behind the room that the header will take at most; the result is then moved up to it.
bool RdbWriter::Compressed(std::string_view bytes) {
  constexpr size_t kHeaderBytesMax = 1 + 5 + 5;
  constexpr size_t kGainBytesMin = 4;
  const size_t room = bytes.size() - kGainBytesMin;
  char* const target = out_->Reserve(kHeaderBytesMax + room) + kHeaderBytesMax;
  const auto size_bytes = lzf_compress(bytes.data(), static_cast<unsigned>(bytes.size()), target,
                                       static_cast<unsigned>(room));
  if (size_bytes == 0) return false;
  const size_t header_at = out_->size();
  U8(Encoded(kRdbStringLzf));
  Length(size_bytes);
  Length(bytes.size());
  TORC_DCHECK(out_->size() - header_at <= kHeaderBytesMax, "the header fits its room");
  std::memmove(out_->Reserve(0), target, size_bytes);
  out_->Commit(size_bytes);
  return true;
}

}  // namespace torc
