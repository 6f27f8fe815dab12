#pragma once

// Entry: a key, its value and its expiry in one allocation.
//
//   byte 0      type (low 4 bits) and encoding (high 4 bits)
//   byte 1..4   from the lowest bit: 4 flags (has expiry, long key, boxed value, mark), then
//               28 bits of access clock, which store/access_clock.h explains
//   byte 5      key size, if below 256
//   byte 6..7   value size, if the value is inline
//   [8 bytes]   expiry in Unix milliseconds            if has expiry
//   [4 bytes]   key size                               if long key
//   key bytes
//   value bytes, or an 8-byte pointer to the boxed value (unaligned: read it with value_box())
//   [8 bytes]   earliest deadline of a part, if a boxed value has parts that expire by themselves
//
// The byte budget (jemalloc's classes are 8, 16, 32, 48, 64, 80, 96, 112, 128, 160, …; the table
// adds its slot, about 7.1 bytes / load ≈ 9.5):
//
//   16-byte key, 8-byte value           8 + 16 + 8      = 32 → class 32: 8 beyond payload, with
//   slot ~17.5 the same with a TTL                 8 + 8 + 16 + 8  = 40 → class 48: 24, with slot
//   ~33.5 16-byte key, 64-byte value          8 + 16 + 64     = 88 → class 96: 16, with slot ~25.5
//   a counter (int)                     8 + 16 + 8      = 32 → class 32
//
// What was refused: a stored hash (8 bytes a key; splits recompute it instead), links for LRU or
// FIFO (16 bytes; policies sample stamps), a separate value object for small strings (16 to 32
// bytes and a miss).
//
// A string is inline up to kInlineBytesMax, so that overwriting it stays one allocation; beyond, it
// is a Blob of its own with room to grow, and the entry stays where it is.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ids.h"
#include "base/memory.h"
#include "store/type_ops.h"

namespace torc {

class Entry {
 public:
  static constexpr size_t kHeaderBytes = 8;
  static constexpr size_t kInlineBytesMax = 1024;
  static constexpr size_t kShortKeyBytesMax = 255;
  static constexpr size_t kKeyBytesMax = UINT32_MAX;
  static constexpr int64_t kNoExpiry = -1;

  struct Shape {
    ValueType type = ValueType::kString;
    uint8_t encoding = 0;
    bool boxed = false;
    size_t inline_bytes = 0;  // of the value; 8 when boxed
    int64_t expiry_ms = kNoExpiry;
    uint32_t clock = 0;
  };

  // A new entry with its key copied and its value uninitialised. Never null.
  static Entry* New(std::string_view key, const Shape& shape);
  // Frees the entry itself, not what its value holds outside (TypeOps::free_value does that).
  static void Delete(Entry* entry);

  ValueType type() const { return static_cast<ValueType>(raw()[0] & 0x0f); }
  uint8_t encoding() const { return raw()[0] >> 4; }
  void set_encoding(uint8_t encoding) {
    raw()[0] = static_cast<uint8_t>((raw()[0] & 0x0f) | (encoding << 4));
  }
  bool has_expiry() const { return (raw()[1] & kHasExpiry) != 0; }
  bool boxed() const { return (raw()[1] & kBoxed) != 0; }
  // The keyspace's: which entries the snapshot under way has seen (see keyspace_snapshot.cc).
  bool mark() const { return (raw()[1] & kMark) != 0; }
  void set_mark(bool mark) {
    raw()[1] = static_cast<uint8_t>((raw()[1] & ~kMark) | (mark ? kMark : 0));
  }
  // Unix milliseconds, or kNoExpiry.
  int64_t expiry_ms() const {
    int64_t value = kNoExpiry;
    if (has_expiry()) std::memcpy(&value, raw() + kHeaderBytes, sizeof(value));
    return value;
  }
  // Only on an entry that has an expiry already (another shape needs another allocation).
  void set_expiry_ms(int64_t value) { std::memcpy(raw() + kHeaderBytes, &value, sizeof(value)); }
  // As in Redis, the millisecond of the deadline still belongs to the key.
  bool ExpiredAt(UnixMs now) const { return has_expiry() && expiry_ms() < now.value(); }

  uint32_t clock() const { return flags_and_clock() >> kFlagBits; }
  void set_clock(uint32_t clock) {
    const uint32_t word = (flags_and_clock() & ((1U << kFlagBits) - 1)) | clock << kFlagBits;
    std::memcpy(raw() + 1, &word, sizeof(word));
  }

  std::string_view key() const {
    return {reinterpret_cast<const char*>(raw() + key_offset()), key_bytes()};
  }
  // The inline value's bytes (of a boxed value: the pointer's).
  std::string_view inline_value() const {
    return {reinterpret_cast<const char*>(value_data()), inline_bytes()};
  }
  char* mutable_inline_value() { return reinterpret_cast<char*>(raw() + value_offset()); }
  size_t inline_bytes() const {
    uint16_t value;
    std::memcpy(&value, raw() + 6, sizeof(value));
    return value;
  }
  void* value_box() const {
    void* box;
    std::memcpy(&box, value_data(), sizeof(box));
    return box;
  }
  void set_value_box(void* box) { std::memcpy(raw() + value_offset(), &box, sizeof(box)); }
  // A boxed value of kBoxWithDeadlineBytes has parts with deadlines of their own (the fields of a
  // hash): behind the box stands the earliest one, or something earlier; kNoPartsDeadline if none.
  static constexpr size_t kBoxBytes = 8;
  static constexpr size_t kBoxWithDeadlineBytes = 16;
  static constexpr int64_t kNoPartsDeadline = INT64_MAX;
  bool has_parts_deadline() const { return boxed() && inline_bytes() == kBoxWithDeadlineBytes; }
  int64_t parts_deadline_ms() const {
    int64_t value;
    std::memcpy(&value, value_data() + kBoxBytes, sizeof(value));
    return value;
  }
  void set_parts_deadline_ms(int64_t value) {
    std::memcpy(raw() + value_offset() + kBoxBytes, &value, sizeof(value));
  }
  bool PartsDueAt(UnixMs now) const {
    return has_parts_deadline() && parts_deadline_ms() < now.value();
  }
  // What this entry asked the allocator for, and what that costs.
  size_t size_bytes() const { return value_offset() + inline_bytes(); }
  size_t allocated_bytes() const { return AllocationSize(size_bytes()); }
  // The size an entry of this key and shape would have.
  static size_t SizeFor(std::string_view key, const Shape& shape);
  // Changes the inline size in place, if the new size lies in the same allocation class and below
  // the inline limit; else returns false and changes nothing.
  bool ResizeInline(size_t inline_bytes);

 private:
  enum : uint8_t { kHasExpiry = 1, kLongKey = 2, kBoxed = 4, kMark = 8 };
  static constexpr int kFlagBits = 4;
  // In the byte order of the machines there are builds for: the flags come first.
  uint32_t flags_and_clock() const {
    uint32_t word;
    std::memcpy(&word, raw() + 1, sizeof(word));
    return word;
  }

  bool long_key() const { return (raw()[1] & kLongKey) != 0; }
  size_t key_offset() const { return kHeaderBytes + (has_expiry() ? 8 : 0) + (long_key() ? 4 : 0); }
  size_t key_bytes() const {
    if (!long_key()) return raw()[5];
    uint32_t size;
    std::memcpy(&size, raw() + key_offset() - 4, sizeof(size));
    return size;
  }
  size_t value_offset() const { return key_offset() + key_bytes(); }
  uint8_t* raw() { return reinterpret_cast<uint8_t*>(this); }
  const uint8_t* raw() const { return reinterpret_cast<const uint8_t*>(this); }
  const uint8_t* value_data() const { return raw() + value_offset(); }

  uint8_t header_[kHeaderBytes];  // reached, like all behind it, through raw()
};
static_assert(sizeof(Entry) == Entry::kHeaderBytes);

}  // namespace torc
