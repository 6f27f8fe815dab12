#include "persist/rdb_packed.h"

#include <algorithm>

#include "base/bytes.h"

namespace torc {
namespace {

constexpr size_t kListpackHeaderBytes = 6;
constexpr size_t kZiplistHeaderBytes = 10;
constexpr size_t kIntsetHeaderBytes = 8;
constexpr uint8_t kEnd = 0xff;
// In a ziplist and a zipmap: the length stands in the four bytes behind this one.
constexpr uint8_t kLongLength = 254;

// How many bytes the length of an item takes that a listpack writes behind it.
size_t BackLengthBytes(uint64_t item_bytes) {
  if (item_bytes <= 127) return 1;
  if (item_bytes < 16383) return 2;
  if (item_bytes < 2097151) return 3;
  if (item_bytes < 268435455) return 4;
  return 5;
}

int64_t SignExtend(uint64_t value, int bits) {
  const uint64_t sign = uint64_t{1} << (bits - 1);
  return static_cast<int64_t>((value ^ sign) - sign);
}

}  // namespace

std::optional<std::string_view> PackedCursor::Take(uint64_t size_bytes) {
  if (rest_.size() < size_bytes) return std::nullopt;
  const std::string_view taken = rest_.substr(0, static_cast<size_t>(size_bytes));
  rest_.remove_prefix(static_cast<size_t>(size_bytes));
  return taken;
}

std::optional<int64_t> PackedCursor::TakeNumber(size_t size_bytes) {
  const auto bytes = Take(size_bytes);
  if (!bytes) return std::nullopt;
  uint64_t value = 0;
  std::memcpy(&value, bytes->data(), size_bytes);
  return size_bytes == 8 ? static_cast<int64_t>(value)
                         : SignExtend(value, static_cast<int>(size_bytes) * 8);
}

std::optional<uint8_t> PackedCursor::TakeByte() {
  const auto byte = Take(1);
  if (!byte) return std::nullopt;
  return static_cast<uint8_t>((*byte)[0]);
}

// --- Listpack ---

ListpackCursor::ListpackCursor(std::string_view bytes) : PackedCursor(bytes) {
  if (bytes.size() <= kListpackHeaderBytes || LoadLe<uint32_t>(bytes.data()) != bytes.size()) {
    Break();
    rest_ = {};
    return;
  }
  rest_.remove_prefix(kListpackHeaderBytes);
}

bool ListpackCursor::TakeText(uint64_t size_bytes, PackedItem* item) {
  const auto text = Take(size_bytes);
  if (text) item->SetText(*text);
  return text.has_value();
}

bool ListpackCursor::TakeInteger(size_t size_bytes, PackedItem* item) {
  const auto number = TakeNumber(size_bytes);
  if (number) item->SetNumber(*number);
  return number.has_value();
}

bool ListpackCursor::TakeItem(uint8_t first, PackedItem* item) {
  if (first < 0x80) {
    item->SetNumber(first);
    return true;
  }
  if (first < 0xc0) return TakeText(first & 0x3f, item);
  if (first < 0xf0) {
    const auto second = TakeByte();
    if (!second) return false;
    if (first >= 0xe0) return TakeText(static_cast<uint64_t>(first & 0x0f) << 8 | *second, item);
    item->SetNumber(SignExtend(static_cast<uint64_t>(first & 0x1f) << 8 | *second, 13));
    return true;
  }
  switch (first) {
    case 0xf0: {
      const auto size_bytes = Take(4);
      return size_bytes && TakeText(LoadLe<uint32_t>(size_bytes->data()), item);
    }
    case 0xf1:
      return TakeInteger(2, item);
    case 0xf2:
      return TakeInteger(3, item);
    case 0xf3:
      return TakeInteger(4, item);
    case 0xf4:
      return TakeInteger(8, item);
    default:
      return false;
  }
}

bool ListpackCursor::Next(PackedItem* item) {
  if (!ok_) return false;
  const size_t before = rest_.size();
  const auto first = TakeByte();
  if (!first) return Break();
  if (*first == kEnd) {
    if (!rest_.empty()) return Break();
    rest_ = std::string_view("\xff", 1);  // the end again, if asked again
    return false;
  }
  if (!TakeItem(*first, item)) return Break();
  return Take(BackLengthBytes(before - rest_.size())) ? true : Break();
}

// --- Ziplist ---

ZiplistCursor::ZiplistCursor(std::string_view bytes) : PackedCursor(bytes) {
  if (bytes.size() <= kZiplistHeaderBytes || LoadLe<uint32_t>(bytes.data()) != bytes.size()) {
    Break();
    rest_ = {};
    return;
  }
  rest_.remove_prefix(kZiplistHeaderBytes);
}

bool ZiplistCursor::TakeItem(uint8_t first, PackedItem* item) {
  std::optional<std::string_view> text;
  if (first < 0x40) {
    text = Take(first);
  } else if (first < 0x80) {
    const auto second = TakeByte();
    if (second) text = Take(static_cast<uint64_t>(first & 0x3f) << 8 | *second);
  } else if (first == 0x80) {
    const auto size_bytes = Take(4);
    if (size_bytes) text = Take(__builtin_bswap32(LoadLe<uint32_t>(size_bytes->data())));
  } else {
    std::optional<int64_t> number;
    if (first == 0xc0) number = TakeNumber(2);
    if (first == 0xd0) number = TakeNumber(4);
    if (first == 0xe0) number = TakeNumber(8);
    if (first == 0xf0) number = TakeNumber(3);
    if (first == 0xfe) number = TakeNumber(1);
    if (first >= 0xf1 && first <= 0xfd) number = (first & 0x0f) - 1;
    if (number) item->SetNumber(*number);
    return number.has_value();
  }
  if (text) item->SetText(*text);
  return text.has_value();
}

bool ZiplistCursor::Next(PackedItem* item) {
  if (!ok_) return false;
  const auto previous_bytes = TakeByte();
  if (!previous_bytes) return Break();
  if (*previous_bytes == kEnd) {
    if (!rest_.empty()) return Break();
    rest_ = std::string_view("\xff", 1);
    return false;
  }
  if (*previous_bytes == kLongLength && !Take(4)) return Break();
  const auto first = TakeByte();
  return first && TakeItem(*first, item) ? true : Break();
}

// --- Zipmap ---

ZipmapCursor::ZipmapCursor(std::string_view bytes) : PackedCursor(bytes) {
  // The number of fields is only a hint.
  if (!TakeByte()) Break();
}

std::optional<uint64_t> ZipmapCursor::TakeLength(uint8_t first) {
  if (first < kLongLength) return first;
  if (first == kEnd) return std::nullopt;
  const auto bytes = Take(4);
  if (!bytes) return std::nullopt;
  return LoadLe<uint32_t>(bytes->data());
}

bool ZipmapCursor::Next(PackedItem* item) {
  if (!ok_) return false;
  const auto first = TakeByte();
  if (!first) return Break();
  if (*first == kEnd && !at_value_) {
    if (!rest_.empty()) return Break();
    rest_ = std::string_view("\xff", 1);
    return false;
  }
  const auto size_bytes = TakeLength(*first);
  if (!size_bytes) return Break();
  // Behind the length of a value stands how many vacant bytes follow it.
  uint8_t vacant = 0;
  if (at_value_) {
    const auto byte = TakeByte();
    if (!byte) return Break();
    vacant = *byte;
  }
  const auto text = Take(*size_bytes);
  if (!text || !Take(vacant)) return Break();
  item->SetText(*text);
  at_value_ = !at_value_;
  return true;
}

// --- Intset ---

IntsetCursor::IntsetCursor(std::string_view bytes) : PackedCursor(bytes) {
  if (bytes.size() >= kIntsetHeaderBytes) {
    number_bytes_ = LoadLe<uint32_t>(bytes.data());
    count_ = LoadLe<uint32_t>(bytes.data() + 4);
    rest_.remove_prefix(kIntsetHeaderBytes);
  }
  const bool known = number_bytes_ == 2 || number_bytes_ == 4 || number_bytes_ == 8;
  if (!known || rest_.size() != uint64_t{count_} * number_bytes_) {
    Break();
    count_ = 0;
    rest_ = {};
  }
}

bool IntsetCursor::Next(PackedItem* item) {
  if (!ok_ || rest_.empty()) return false;
  const auto number = TakeNumber(number_bytes_);
  if (!number) return Break();
  item->SetNumber(*number);
  return true;
}

// --- Builders ---

ListpackBuilder::ListpackBuilder() {
  Clear();
}

void ListpackBuilder::Clear() {
  bytes_.assign(kListpackHeaderBytes, '\0');
  count_ = 0;
}

// The length of an item, in groups of seven bits, the last group first, all but the first marked.
void ListpackBuilder::EndItem(size_t from) {
  const uint64_t item_bytes = bytes_.size() - from;
  const size_t groups = BackLengthBytes(item_bytes);
  for (size_t i = groups; i-- > 0;) {
    const auto group = static_cast<uint8_t>((item_bytes >> (7 * i)) & 0x7f);
    bytes_.push_back(static_cast<char>(i == groups - 1 ? group : group | 0x80));
  }
  ++count_;
}

void ListpackBuilder::AddNumber(int64_t number) {
  const size_t from = bytes_.size();
  ByteWriter writer(&bytes_);
  if (number >= 0 && number <= 127) {
    writer.U8(static_cast<uint8_t>(number));
  } else if (number >= -4096 && number <= 4095) {
    writer.U8(static_cast<uint8_t>(0xc0 | ((number >> 8) & 0x1f)));
    writer.U8(static_cast<uint8_t>(number));
  } else if (number == static_cast<int16_t>(number)) {
    writer.U8(0xf1);
    writer.Fixed(static_cast<int16_t>(number));
  } else if (number >= -(1 << 23) && number < 1 << 23) {
    writer.U8(0xf2);
    writer.U16(static_cast<uint16_t>(number));
    writer.U8(static_cast<uint8_t>(number >> 16));
  } else if (number == static_cast<int32_t>(number)) {
    writer.U8(0xf3);
    writer.Fixed(static_cast<int32_t>(number));
  } else {
    writer.U8(0xf4);
    writer.Fixed(number);
  }
  EndItem(from);
}

void ListpackBuilder::Add(std::string_view text) {
  constexpr size_t kDigitsMax = 20;
  if (text.size() <= kDigitsMax) {
    if (const auto number = ParseInt64(text)) return AddNumber(*number);
  }
  const size_t from = bytes_.size();
  ByteWriter writer(&bytes_);
  if (text.size() < 64) {
    writer.U8(static_cast<uint8_t>(0x80 | text.size()));
  } else if (text.size() < 4096) {
    writer.U8(static_cast<uint8_t>(0xe0 | text.size() >> 8));
    writer.U8(static_cast<uint8_t>(text.size()));
  } else {
    writer.U8(0xf0);
    writer.U32(static_cast<uint32_t>(text.size()));
  }
  writer.Bytes(text);
  EndItem(from);
}

std::string_view ListpackBuilder::Finish() {
  // So many and more: count them.
  constexpr uint32_t kCountUnknown = 0xffff;
  bytes_.push_back(static_cast<char>(kEnd));
  StoreLe(bytes_.data(), static_cast<uint32_t>(bytes_.size()));
  StoreLe(bytes_.data() + 4, static_cast<uint16_t>(std::min(count_, kCountUnknown)));
  return bytes_;
}

size_t IntsetNumberBytes(int64_t lowest, int64_t highest) {
  if (lowest >= INT16_MIN && highest <= INT16_MAX) return 2;
  return lowest >= INT32_MIN && highest <= INT32_MAX ? 4 : 8;
}

IntsetBuilder::IntsetBuilder(size_t number_bytes) : number_bytes_(number_bytes) {
  bytes_.assign(kIntsetHeaderBytes, '\0');
}

void IntsetBuilder::Add(int64_t number) {
  bytes_.append(reinterpret_cast<const char*>(&number), number_bytes_);
  ++count_;
}

std::string_view IntsetBuilder::Finish() {
  StoreLe(bytes_.data(), static_cast<uint32_t>(number_bytes_));
  StoreLe(bytes_.data() + 4, count_);
  return bytes_;
}

}  // namespace torc
