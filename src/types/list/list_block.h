#pragma once

// A block of list elements: a small list, or a stretch of a large one.
//
//   | refs | count | capacity | begin | end | room | element | element | … | room |
//
// Elements lie in listpack's form (ds/listpack.h) with room at both ends, so that a queue pushes
// and pops at either without moving what is between. Blocks are counted: a list and its copies
// share them, and one with a second owner is read only (OwnBlock makes a copy).
//
// Costs: reading, pushing and popping at an end O(1), amortised where it grows; in the middle
// O(bytes). A full block of 8 KiB loses 20 bytes to the header.

#include <cstddef>
#include <cstdint>

#include "ds/listpack.h"

namespace torc {

struct ListBlock {
  uint32_t refs;
  uint32_t count;     // elements
  uint32_t capacity;  // of data()
  uint32_t begin;     // where the first element lies
  uint32_t end;

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  const char* first() const { return data() + begin; }
  const char* last_end() const { return data() + end; }
  size_t used_bytes() const { return end - begin; }
  // The size of a listpack with the same elements: what Redis's limits count.
  size_t listpack_bytes() const { return used_bytes() + kListpackFrameBytes; }

  static constexpr size_t kListpackFrameBytes = 7;
};

// What it takes, as allocated.
inline size_t BlockBytes(const ListBlock& block) {
  return sizeof(ListBlock) + block.capacity;
}

// An empty block with one owner; its capacity is what the allocator gives for so much.
ListBlock* NewBlock(size_t capacity_bytes);
void UnrefBlock(ListBlock* block);
// Makes the caller the only owner, by a copy if needed. Before any of the writes below.
void OwnBlock(ListBlock** block);

// Where the element at `index` lies, counted from first(); index == count is the end. Walks from
// the nearer end.
size_t OffsetInBlock(const ListBlock& block, uint32_t index);

// Writes; the block may move.
void InsertInBlock(ListBlock** block, size_t offset, const PackedForm& form);
void EraseInBlock(ListBlock** block, size_t offset, size_t size_bytes, uint32_t element_count);
void AppendBlock(ListBlock** block, const ListBlock& other);
// Moves everything from the element at `index` on into a new block.
ListBlock* SplitBlock(ListBlock** block, uint32_t index);
// Gives back room that the block does not need while nothing is written to it.
void TrimBlock(ListBlock** block);

}  // namespace torc
