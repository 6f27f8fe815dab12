#include "ds/compact_block.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

constexpr uint8_t kShortTextMax = 0x5f;
constexpr uint8_t kMiddleText = 0x60;
constexpr size_t kMiddleTextMax = 4095;
constexpr uint8_t kLongText = 0x70;
constexpr uint8_t kInteger = 0x70;  // with its width from 1 to 8 added
constexpr uint8_t kSmallInteger = 0x80;

// How many bytes an integer takes in two's complement.
uint8_t WidthOf(int64_t integer) {
  const auto magnitude = static_cast<uint64_t>(integer < 0 ? ~integer : integer);
  const int bits = 65 - (magnitude == 0 ? 64 : __builtin_clzll(magnitude));
  return static_cast<uint8_t>((bits + 7) / 8);
}

int64_t LoadInteger(const uint8_t* bytes, uint32_t width) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, width);
  const uint32_t unused_bits = 64 - 8 * width;
  return static_cast<int64_t>(value << unused_bits) >> unused_bits;
}

}  // namespace

CompactNeedle::CompactNeedle(std::string_view text) {
  constexpr size_t kDigitsMax = 20;
  if (!text.empty() && text.size() <= kDigitsMax && text[0] <= '9') {
    if (const auto integer = ParseInt64(text)) {
      SetInteger(*integer);
      return;
    }
  }
  SetText(text);
}

void CompactNeedle::SetText(std::string_view text) {
  if (!text.empty()) tail_ = text;
  if (text.size() <= kShortTextMax) {
    head_[0] = static_cast<uint8_t>(text.size());
    head_bytes_ = 1;
  } else if (text.size() <= kMiddleTextMax) {
    head_[0] = static_cast<uint8_t>(kMiddleText | text.size() >> 8);
    head_[1] = static_cast<uint8_t>(text.size());
    head_bytes_ = 2;
  } else {
    TORC_CHECK(text.size() <= CompactBlock::kElementBytesMax, "an element has a limit");
    head_[0] = kLongText;
    StoreLe(head_.data() + 1, static_cast<uint32_t>(text.size()));
    head_bytes_ = 5;
  }
}

int64_t CompactNeedle::integer() const {
  if (head_[0] >= kSmallInteger) return head_[0] & 0x7f;
  return LoadInteger(head_.data() + 1, static_cast<uint32_t>(head_[0] - kInteger));
}

void CompactNeedle::SetInteger(int64_t integer) {
  if (integer >= 0 && integer < 0x80) {
    head_[0] = static_cast<uint8_t>(kSmallInteger | integer);
    head_bytes_ = 1;
    return;
  }
  const uint8_t width = WidthOf(integer);
  head_[0] = static_cast<uint8_t>(kInteger + width);
  StoreLe(head_.data() + 1, integer);
  head_bytes_ = 1U + width;
}

uint64_t CompactNeedle::Hash(uint64_t seed) const {
  // An integer by its encoding, a text by its bytes.
  if (head_[0] <= kLongText) return HashBytes(tail_, seed);
  return HashBytes({reinterpret_cast<const char*>(head_.data()), head_bytes_}, seed);
}

uint64_t CompactView::Hash(Place at, uint64_t seed) const {
  const uint8_t* const element = data() + at;
  if (element[0] <= kLongText) return HashBytes(Get(at).text, seed);
  return HashBytes({reinterpret_cast<const char*>(element), ElementBytes(element)}, seed);
}

uint32_t CompactView::LongElementBytes(const uint8_t* element) {
  const uint8_t tag = element[0];
  if (tag < kLongText) return 2 + ((tag & 0x0fU) << 8 | element[1]);
  if (tag == kLongText) return 5 + LoadLe<uint32_t>(element + 1);
  return 1U + tag - kInteger;
}

size_t CompactView::allocated_bytes() const {
  return header_ == nullptr ? 0 : AllocationSize(sizeof(CompactHeader) + header_->size_bytes);
}

CompactView::Place CompactView::Before(Place at) const {
  TORC_DCHECK(at > 0, "there is an element before");
  Place place = 0;
  for (Place next = Next(0); next != at; next = Next(next)) place = next;
  return place;
}

void CompactView::Places(Place* places) const {
  for (Place at = 0; at < End(); at = Next(at)) *places++ = at;
}

CompactElement CompactView::Get(Place at) const {
  const uint8_t* const element = data() + at;
  const uint8_t tag = element[0];
  if (tag >= kSmallInteger) return {.is_integer = true, .integer = tag & 0x7f, .text = {}};
  if (tag > kLongText) {
    return {.is_integer = true,
            .integer = LoadInteger(element + 1, static_cast<uint32_t>(tag - kInteger)),
            .text = {}};
  }
  const uint32_t size = ElementBytes(element);
  const uint32_t head = tag <= kShortTextMax ? 1 : tag < kLongText ? 2 : 5;
  return {.text = {reinterpret_cast<const char*>(element) + head, size - head}};
}

CompactView::Place CompactView::Find(const CompactNeedle& needle, Place from,
                                     uint32_t stride) const {
  const Place end = End();
  const uint8_t* const bytes = data();
  for (Place at = from; at < end;) {
    const uint32_t size = ElementBytes(bytes + at);
    if (needle.Is(bytes + at, size)) return at;
    at += size;
    for (uint32_t i = 1; i < stride; ++i) at += ElementBytes(bytes + at);
  }
  return end;
}

void CompactView::CheckInvariants() const {
  if (header_ == nullptr) return;
  TORC_CHECK(header_->refs > 0, "a block in use is referred to");
  TORC_CHECK(header_->size_bytes <= CompactBlock::kBytesMax, "no block is too large");
  uint32_t count = 0;
  Place at = 0;
  for (; at < End(); at = Next(at)) {
    ++count;
    const uint32_t size = ElementBytes(data() + at);
    TORC_CHECK(at + size <= End(), "an element ends within its block");
    const CompactText text(Get(at));
    TORC_CHECK(CompactNeedle(text.view()).Is(data() + at, size), "each text has one encoding");
  }
  TORC_CHECK(count == header_->count, "the block knows its count");
}

void CompactBlock::ReleaseBlock(void* block) {
  auto* const header = static_cast<CompactHeader*>(block);
  if (header != nullptr && ShareCount::Drop(RefsOf(header))) Free(header);
}

void CompactBlock::set_tag(uint8_t tag) {
  Splice(0, 0, 0, 0);
  header_->tag = tag;
}

// The allocation changes only when its class does.
void CompactBlock::Resize(uint32_t old_size, uint32_t new_size) {
  const size_t needed = AllocationSize(sizeof(CompactHeader) + new_size);
  if (needed == AllocationSize(sizeof(CompactHeader) + old_size)) return;
  header_ = static_cast<CompactHeader*>(Reallocate(header_, needed));
}

// The copy is made at its new size, with the gap in it.
uint8_t* CompactBlock::SpliceShared(Place at, uint32_t removed, uint32_t added) {
  const CompactView old(header_);
  const uint32_t size = old.size_bytes() - removed + added;
  auto* const copy =
      static_cast<CompactHeader*>(Allocate(AllocationSize(sizeof(CompactHeader) + size)));
  *copy = {.refs = 1, .size_bytes = size, .count = old.count(), .tag = old.tag()};
  CompactHeader* const shared = std::exchange(header_, copy);
  if (shared != nullptr) {
    std::memcpy(data(), old.data(), at);
    std::memcpy(data() + at + added, old.data() + at + removed, old.size_bytes() - at - removed);
    ReleaseBlock(shared);
  }
  return data() + at;
}

void CompactBlock::AppendRanges(CompactView other, std::span<const Range> ranges, uint32_t count) {
  uint32_t added = 0;
  for (const Range& range : ranges) added += range.to - range.from;
  uint8_t* to = Splice(view().End(), 0, added, static_cast<int32_t>(count));
  for (const Range& range : ranges) {
    std::memcpy(to, other.data() + range.from, range.to - range.from);
    to += range.to - range.from;
  }
}

uint8_t* CompactBlock::Splice(Place at, uint32_t removed, uint32_t added, int32_t count_change) {
  TORC_CHECK(removed >= added || HasRoom(added - removed), "a block stays below its limit");
  uint8_t* gap;
  if (header_ == nullptr || !ShareCount::IsOne(RefsOf(header_))) {
    gap = SpliceShared(at, removed, added);
  } else {
    const uint32_t old_size = header_->size_bytes;
    const uint32_t new_size = old_size - removed + added;
    const uint32_t behind = old_size - at - removed;
    if (added > removed) Resize(old_size, new_size);
    if (added != removed) std::memmove(data() + at + added, data() + at + removed, behind);
    if (added < removed) Resize(old_size, new_size);
    header_->size_bytes = new_size;
    gap = data() + at;
  }
  header_->count += static_cast<uint32_t>(count_change);
  return gap;
}

}  // namespace torc
