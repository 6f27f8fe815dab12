#include "types/bitmap/bits.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/bytes.h"
#include "base/text.h"

namespace torc {
namespace {

__extension__ using Wide = __int128;

uint8_t ByteAt(std::string_view bytes, uint64_t index) {
  return index < bytes.size() ? static_cast<uint8_t>(bytes[index]) : 0;
}

uint64_t CountOnesInBytes(std::string_view bytes) {
  uint64_t count = 0;
  while (bytes.size() >= 8) {
    count += static_cast<uint64_t>(std::popcount(LoadLe<uint64_t>(bytes.data())));
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    count += static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(c)));
  }
  return count;
}

Wide LowestOf(FieldType type) {
  return type.is_signed ? -(Wide{1} << (type.bits - 1)) : Wide{0};
}
Wide HighestOf(FieldType type) {
  return (Wide{1} << (type.is_signed ? type.bits - 1 : type.bits)) - 1;
}

// The low `bits` of a number, as the type reads them.
int64_t Truncated(uint64_t word, FieldType type) {
  if (type.bits < 64) word &= (uint64_t{1} << type.bits) - 1;
  const bool negative = type.is_signed && type.bits < 64 && (word >> (type.bits - 1)) != 0;
  if (negative) word |= ~uint64_t{0} << type.bits;
  return static_cast<int64_t>(word);
}

std::optional<int64_t> Fit(Wide value, FieldType type, Overflow overflow) {
  if (value >= LowestOf(type) && value <= HighestOf(type)) return static_cast<int64_t>(value);
  switch (overflow) {
    case Overflow::kFail:
      return std::nullopt;
    case Overflow::kWrap:
      return Truncated(static_cast<uint64_t>(value), type);
    case Overflow::kSaturate:
      return static_cast<int64_t>(value < LowestOf(type) ? LowestOf(type) : HighestOf(type));
  }
  return std::nullopt;
}

}  // namespace

bool BitAt(std::string_view bytes, uint64_t offset) {
  return ((ByteAt(bytes, offset / 8) >> (7 - offset % 8)) & 1) != 0;
}

void SetBitAt(char* bytes, uint64_t offset, bool value) {
  const auto mask = static_cast<uint8_t>(1U << (7 - offset % 8));
  const auto old = static_cast<uint8_t>(bytes[offset / 8]);
  bytes[offset / 8] = static_cast<char>(value ? old | mask : old & ~mask);
}

uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t last) {
  uint64_t count = 0;
  for (; first <= last && first % 8 != 0; ++first) count += BitAt(bytes, first) ? 1 : 0;
  if (first > last) return count;
  const uint64_t whole_bytes = (last + 1 - first) / 8;
  count += CountOnesInBytes(bytes.substr(first / 8, whole_bytes));
  for (first += whole_bytes * 8; first <= last; ++first) count += BitAt(bytes, first) ? 1 : 0;
  return count;
}

std::optional<uint64_t> FindBit(std::string_view bytes, bool value, uint64_t first, uint64_t last) {
  const uint64_t skipped_word = value ? 0 : ~uint64_t{0};
  while (first <= last) {
    if (first % 8 == 0 && last - first >= 63 &&
        LoadLe<uint64_t>(bytes.data() + first / 8) == skipped_word) {
      first += 64;
      continue;
    }
    if (BitAt(bytes, first) == value) return first;
    ++first;
  }
  return std::nullopt;
}

void CombineBits(char* target, size_t target_bytes, BitOperation operation,
                 std::string_view source) {
  const auto combine = [operation](auto a, auto b) {
    using Word = decltype(a);
    switch (operation) {
      case BitOperation::kAnd:
        return static_cast<Word>(a & b);
      case BitOperation::kOr:
        return static_cast<Word>(a | b);
      case BitOperation::kXor:
        return static_cast<Word>(a ^ b);
      case BitOperation::kNot:
        return static_cast<Word>(~b);
    }
    return a;
  };
  size_t i = 0;
  const size_t common = std::min(target_bytes, source.size());
  for (; i + 8 <= common; i += 8) {
    StoreLe(target + i, combine(LoadLe<uint64_t>(target + i), LoadLe<uint64_t>(&source[i])));
  }
  for (; i < target_bytes; ++i) {
    target[i] = static_cast<char>(combine(static_cast<uint8_t>(target[i]), ByteAt(source, i)));
  }
}

std::optional<FieldType> ParseFieldType(std::string_view text) {
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) return std::nullopt;
  FieldType type{.is_signed = text[0] == 'i'};
  const auto bits = ParseInt64(text.substr(1));
  if (!bits || *bits < 1 || *bits > (type.is_signed ? 64 : 63)) return std::nullopt;
  type.bits = static_cast<unsigned>(*bits);
  return type;
}

int64_t ReadField(std::string_view bytes, uint64_t offset, FieldType type) {
  // The field spans at most nine bytes.
  Wide window = 0;
  const uint64_t first = offset / 8;
  for (uint64_t i = 0; i < 9; ++i) window = (window << 8) | ByteAt(bytes, first + i);
  const unsigned shift = 72 - static_cast<unsigned>(offset % 8) - type.bits;
  return Truncated(static_cast<uint64_t>(window >> shift), type);
}

void WriteField(char* bytes, uint64_t offset, FieldType type, int64_t value) {
  const auto word = static_cast<uint64_t>(value);
  for (unsigned i = 0; i < type.bits; ++i) {
    SetBitAt(bytes, offset + i, ((word >> (type.bits - 1 - i)) & 1) != 0);
  }
}

std::optional<int64_t> AddToField(int64_t value, int64_t increment, FieldType type,
                                  Overflow overflow) {
  return Fit(Wide{value} + increment, type, overflow);
}

std::optional<int64_t> FitToField(int64_t value, FieldType type, Overflow overflow) {
  Wide wide = type.is_signed ? Wide{value} : Wide{static_cast<uint64_t>(value)};
  // Redis asks whether highest - value is negative, in 64 bits: for a value so low that this
  // overflows it saturates upwards. Clients see it, so it is kept.
  constexpr Wide kInt64Max = std::numeric_limits<int64_t>::max();
  const bool taken_for_high =
      type.is_signed && type.bits < 64 && HighestOf(type) - wide > kInt64Max;
  if (taken_for_high && overflow == Overflow::kSaturate) wide = HighestOf(type);
  return Fit(wide, type, overflow);
}

}  // namespace torc
