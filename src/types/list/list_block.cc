#include "types/list/list_block.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

// What a full block of the usual size should take from the allocator.
constexpr size_t kUsualBytes = 8192;

// A good capacity for so many bytes: some room to grow once a block is no longer tiny, but none
// beyond the usual size, at which blocks are full.
size_t CapacityFor(size_t used_bytes) {
  constexpr size_t kTinyBytes = 128;
  const size_t need = sizeof(ListBlock) + used_bytes;
  size_t want = need;
  if (need > kTinyBytes) want += std::min<size_t>(need / 4, 4096);
  if (need <= kUsualBytes) want = std::min(want, kUsualBytes);
  return AllocationSize(want) - sizeof(ListBlock);
}

// A copy of the used bytes into a new block of this capacity, beginning at `begin`.
ListBlock* CopyBlock(const ListBlock& from, size_t capacity_bytes, size_t begin) {
  ListBlock* const to = NewBlock(capacity_bytes);
  to->count = from.count;
  to->begin = static_cast<uint32_t>(begin);
  to->end = static_cast<uint32_t>(begin + from.used_bytes());
  std::memcpy(to->data() + begin, from.first(), from.used_bytes());
  return to;
}

void MoveTo(ListBlock* block, size_t begin) {
  const size_t used = block->used_bytes();
  std::memmove(block->data() + begin, block->first(), used);
  block->begin = static_cast<uint32_t>(begin);
  block->end = static_cast<uint32_t>(begin + used);
}

enum class Side : uint8_t { kFront, kBack };

// Makes `bytes` of room at one side. Half of the room left over goes to the other side, so that
// pushing at both ends in turn does not move everything each time.
void MakeRoom(ListBlock** box, Side side, size_t bytes) {
  ListBlock* block = *box;
  const size_t used = block->used_bytes();
  const size_t room = side == Side::kFront ? block->begin : block->capacity - block->end;
  if (room >= bytes) return;
  const size_t need = used + bytes;
  const bool grows = block->capacity < need || block->capacity - need < used / 8;
  const size_t capacity =
      grows ? std::max<size_t>(CapacityFor(need), block->capacity) : block->capacity;
  const size_t spare = capacity - need;
  const size_t begin = side == Side::kFront ? bytes + spare - spare / 4 : spare / 4;
  if (capacity == block->capacity) return MoveTo(block, begin);
  *box = CopyBlock(*block, capacity, begin);
  Free(block);
}

}  // namespace

ListBlock* NewBlock(size_t capacity_bytes) {
  const size_t bytes = AllocationSize(sizeof(ListBlock) + capacity_bytes);
  TORC_CHECK(bytes <= UINT32_MAX, "a block's elements are bounded by the commands");
  auto* block = static_cast<ListBlock*>(Allocate(bytes));
  *block = {.refs = 1,
            .count = 0,
            .capacity = static_cast<uint32_t>(bytes - sizeof(ListBlock)),
            .begin = 0,
            .end = 0};
  return block;
}

void UnrefBlock(ListBlock* block) {
  if (ShareCount::Drop(block->refs)) Free(block);
}

void OwnBlock(ListBlock** block) {
  if (ShareCount::IsOne((*block)->refs)) return;
  ListBlock* const shared = *block;
  *block = CopyBlock(*shared, shared->capacity, shared->begin);
  UnrefBlock(shared);
}

size_t OffsetInBlock(const ListBlock& block, uint32_t index) {
  const char* at = nullptr;
  if (index <= block.count / 2) {
    at = block.first();
    for (uint32_t i = 0; i < index; ++i) at = NextPacked(at);
  } else {
    at = block.last_end();
    for (uint32_t i = block.count; i > index; --i) at = PrevPacked(at);
  }
  return static_cast<size_t>(at - block.first());
}

void InsertInBlock(ListBlock** box, size_t offset, const PackedForm& form) {
  const size_t size = form.size_bytes();
  // The side with less to move, or the one with room.
  const size_t used = (*box)->used_bytes();
  const Side side = offset < used - offset || used == 0 ? Side::kFront : Side::kBack;
  MakeRoom(box, offset == used ? Side::kBack : side, size);
  ListBlock* const block = *box;
  char* at = block->data() + block->begin + offset;
  if (side == Side::kFront && offset != used) {
    at -= size;
    std::memmove(block->data() + block->begin - size, block->first(), offset);
    block->begin -= static_cast<uint32_t>(size);
  } else {
    std::memmove(at + size, at, used - offset);
    block->end += static_cast<uint32_t>(size);
  }
  form.Write(at);
  ++block->count;
}

void EraseInBlock(ListBlock** box, size_t offset, size_t size_bytes, uint32_t element_count) {
  ListBlock* block = *box;
  const size_t behind = block->used_bytes() - offset - size_bytes;
  char* const at = block->data() + block->begin + offset;
  if (offset <= behind) {
    std::memmove(block->data() + block->begin + size_bytes, block->first(), offset);
    block->begin += static_cast<uint32_t>(size_bytes);
  } else {
    std::memmove(at, at + size_bytes, behind);
    block->end -= static_cast<uint32_t>(size_bytes);
  }
  block->count -= element_count;
  constexpr size_t kWorthKeepingBytes = 512;
  if (block->capacity > kWorthKeepingBytes && block->used_bytes() < block->capacity / 4) {
    TrimBlock(box);
  }
}

void AppendBlock(ListBlock** box, const ListBlock& other) {
  const size_t size = other.used_bytes();
  MakeRoom(box, Side::kBack, size);
  ListBlock* const block = *box;
  std::memcpy(block->data() + block->end, other.first(), size);
  block->end += static_cast<uint32_t>(size);
  block->count += other.count;
}

ListBlock* SplitBlock(ListBlock** box, uint32_t index) {
  ListBlock* const block = *box;
  const size_t offset = OffsetInBlock(*block, index);
  const size_t moved = block->used_bytes() - offset;
  ListBlock* const right = NewBlock(CapacityFor(moved));
  std::memcpy(right->data(), block->first() + offset, moved);
  right->end = static_cast<uint32_t>(moved);
  right->count = block->count - index;
  block->end -= static_cast<uint32_t>(moved);
  block->count = index;
  TrimBlock(box);
  return right;
}

void TrimBlock(ListBlock** box) {
  ListBlock* const block = *box;
  const size_t capacity =
      AllocationSize(sizeof(ListBlock) + block->used_bytes()) - sizeof(ListBlock);
  if (capacity >= block->capacity) return;
  *box = CopyBlock(*block, capacity, 0);
  UnrefBlock(block);
}

}  // namespace torc
