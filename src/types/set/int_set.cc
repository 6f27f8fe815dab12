#include "types/set/int_set.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

uint32_t WidthLog2Of(int64_t number) {
  if (number == static_cast<int16_t>(number)) return 1;
  return number == static_cast<int32_t>(number) ? 2 : 3;
}

int64_t LoadAt(const uint8_t* data, uint32_t index, uint32_t width_log2) {
  const uint8_t* const at = data + (size_t{index} << width_log2);
  if (width_log2 == 1) return LoadLe<int16_t>(at);
  return width_log2 == 2 ? LoadLe<int32_t>(at) : LoadLe<int64_t>(at);
}

void StoreAt(uint8_t* data, uint32_t index, uint32_t width_log2, int64_t number) {
  std::memcpy(data + (size_t{index} << width_log2), &number, size_t{1} << width_log2);
}

size_t BytesFor(uint32_t count, uint32_t width_log2) {
  return 8 + (size_t{count} << width_log2);
}

}  // namespace

IntSet::~IntSet() {
  if (header_ != nullptr && ShareCount::Drop(header_->refs)) Free(header_);
}

IntSet IntSet::Clone() const {
  if (header_ != nullptr) ShareCount::Add(header_->refs);
  return Adopt(header_);
}

size_t IntSet::allocated_bytes() const {
  if (header_ == nullptr) return 0;
  return AllocationSize(BytesFor(header_->count, header_->width_log2));
}

int64_t IntSet::At(uint32_t index) const {
  return LoadAt(data(), index, header_->width_log2);
}

IntSet::Found IntSet::Search(int64_t number) const {
  uint32_t low = 0;
  uint32_t high = count();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const int64_t there = At(middle);
    if (there == number) return {middle, true};
    (there < number ? low : high) = there < number ? middle + 1 : middle;
  }
  return {low, false};
}

void IntSet::Rebuild(uint32_t width_log2, uint32_t count, uint32_t keep, uint32_t from,
                     uint32_t to) {
  static_assert(sizeof(Header) == 8);
  const uint32_t old_count = this->count();
  const uint32_t behind = old_count - from;
  const size_t needed = AllocationSize(BytesFor(count, width_log2));
  if (header_ == nullptr || !ShareCount::IsOne(header_->refs) ||
      header_->width_log2 != width_log2) {
    const IntSet old = std::move(*this);
    header_ = static_cast<Header*>(Allocate(needed));
    header_->refs = 1;
    for (uint32_t i = 0; i < keep; ++i) StoreAt(data(), i, width_log2, old.At(i));
    for (uint32_t i = 0; i < behind; ++i) StoreAt(data(), to + i, width_log2, old.At(from + i));
  } else {
    const size_t had = AllocationSize(BytesFor(old_count, width_log2));
    if (needed > had) header_ = static_cast<Header*>(Reallocate(header_, needed));
    std::memmove(data() + (size_t{to} << width_log2), data() + (size_t{from} << width_log2),
                 size_t{behind} << width_log2);
    if (needed < had) header_ = static_cast<Header*>(Reallocate(header_, needed));
  }
  header_->count = count & kCountMax;
  header_->width_log2 = width_log2 & 3;
}

bool IntSet::Add(int64_t number) {
  const Found place = Search(number);
  if (place.found) return false;
  TORC_CHECK(count() < kCountMax, "a set of integers stays below its limit");
  const uint32_t wide = WidthLog2Of(number);
  const uint32_t width_log2 =
      header_ == nullptr ? wide : std::max(wide, uint32_t{header_->width_log2});
  Rebuild(width_log2, count() + 1, place.index, place.index, place.index + 1);
  StoreAt(data(), place.index, width_log2, number);
  return true;
}

bool IntSet::Remove(int64_t number) {
  const Found place = Search(number);
  if (place.found) RemoveAt(place.index);
  return place.found;
}

void IntSet::RemoveAt(uint32_t index) {
  Rebuild(header_->width_log2, count() - 1, index, index + 1, index);
}

void IntSet::CheckInvariants() const {
  if (header_ == nullptr) return;
  TORC_CHECK(header_->refs > 0, "a set in use is referred to");
  for (uint32_t i = 1; i < count(); ++i) TORC_CHECK(At(i - 1) < At(i), "numbers ascend");
}

}  // namespace torc
