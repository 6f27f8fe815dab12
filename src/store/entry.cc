#include "store/entry.h"

#include "base/check.h"

namespace torc {

size_t Entry::SizeFor(std::string_view key, const Shape& shape) {
  return kHeaderBytes + (shape.expiry_ms != kNoExpiry ? 8 : 0) +
         (key.size() > kShortKeyBytesMax ? 4 : 0) + key.size() + shape.inline_bytes;
}

Entry* Entry::New(std::string_view key, const Shape& shape) {
  TORC_DCHECK(key.size() <= kKeyBytesMax, "a key is bounded by proto-max-bulk-len");
  TORC_DCHECK(shape.inline_bytes <= kInlineBytesMax, "larger values are boxed");
  auto* entry = static_cast<Entry*>(Allocate(SizeFor(key, shape)));
  uint8_t* bytes = entry->raw();
  const bool long_key = key.size() > kShortKeyBytesMax;
  const bool has_expiry = shape.expiry_ms != kNoExpiry;
  bytes[0] = static_cast<uint8_t>(static_cast<uint8_t>(shape.type) | (shape.encoding << 4));
  bytes[1] = static_cast<uint8_t>((has_expiry ? kHasExpiry : 0) | (long_key ? kLongKey : 0) |
                                  (shape.boxed ? kBoxed : 0));
  entry->set_clock(shape.clock);  // keeps the flags
  bytes[5] = long_key ? 0 : static_cast<uint8_t>(key.size());
  const auto inline_bytes = static_cast<uint16_t>(shape.inline_bytes);
  std::memcpy(bytes + 6, &inline_bytes, sizeof(inline_bytes));
  if (has_expiry) entry->set_expiry_ms(shape.expiry_ms);
  const size_t key_at = entry->key_offset();
  if (long_key) {
    const auto size = static_cast<uint32_t>(key.size());
    std::memcpy(bytes + key_at - 4, &size, sizeof(size));
  }
  if (!key.empty()) std::memcpy(bytes + key_at, key.data(), key.size());
  return entry;
}

void Entry::Delete(Entry* entry) {
  Free(entry);
}

bool Entry::ResizeInline(size_t inline_bytes) {
  if (inline_bytes > kInlineBytesMax) return false;
  const size_t old_size = size_bytes();
  const size_t new_size = value_offset() + inline_bytes;
  if (new_size != old_size && AllocationSize(new_size) != AllocationSize(old_size)) return false;
  const auto size = static_cast<uint16_t>(inline_bytes);
  std::memcpy(raw() + 6, &size, sizeof(size));
  return true;
}

}  // namespace torc
