#include "types/stream/stream_block.h"

#include <new>

#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

// Of a listpack's frame: its length, its count, its end.
constexpr uint32_t kListpackFrameBytes = 7;
constexpr size_t kFirstCapacityBytes = 64;

bool ListpackIsFull(const StreamBlock& block, size_t pairs_bytes, int64_t bytes_max) {
  const auto limit = bytes_max <= 0 || static_cast<uint64_t>(bytes_max) > kStreamEntryBytesMax
                         ? kStreamEntryBytesMax
                         : static_cast<size_t>(bytes_max);
  const size_t listpack_bytes = size_t{block.listpack_bytes} +
                                ListpackBytesOf(int64_t{block.live}) +
                                ListpackBytesOf(int64_t{block.removed});
  return listpack_bytes + pairs_bytes >= limit;
}

StreamBlock* Resize(StreamBlock* block, size_t capacity) {
  const size_t total = AllocationSize(sizeof(StreamBlock) + capacity);
  TORC_CHECK(total <= UINT32_MAX, "a block is bounded");
  block = static_cast<StreamBlock*>(Reallocate(block, total));
  block->capacity = static_cast<uint32_t>(total - sizeof(StreamBlock));
  return block;
}

size_t PairsBytes(StreamPairs pairs) {
  size_t total = 0;
  for (const std::string_view text : pairs) total += text.size();
  return total;
}

// At least `added` bytes behind those in use.
StreamBlock* Reserve(StreamBlock* block, size_t added) {
  const size_t needed = block->size_bytes + added;
  if (needed <= block->capacity) return block;
  constexpr size_t kSlackBytesMax = 1 << 20;
  return Resize(block, needed + std::min<size_t>(block->size_bytes / 2, kSlackBytesMax));
}

bool HasFieldsOf(const StreamBlock& block, StreamPairs pairs) {
  if (pairs.size() / 2 != block.field_count) return false;
  const char* at = block.bytes();
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (!StreamElementIs(at, pairs[i])) return false;
  }
  return true;
}

size_t VarintBytes(uint64_t value) {
  return value == 0 ? 1 : (static_cast<size_t>(63 - __builtin_clzll(value)) / 7) + 1;
}

}  // namespace

StreamEntry::StreamEntry(const StreamBlock& block, const char* at) : begin_(at) {
  const uint64_t head = ReadVarint(at);
  end_ = at + (head >> 1);
  const uint64_t ms = ReadVarint(at);
  const uint64_t seq = ReadVarint(at);
  id_ = {block.base.ms + ms, ms == 0 ? block.base.seq + seq : seq};
  if ((head & 1) != 0) {
    field_count_ = static_cast<uint32_t>(ReadVarint(at));
  } else {
    field_count_ = block.field_count;
    fields_ = block.bytes();
  }
  content_ = at;
}

StreamBlock* NewStreamBlock(StreamId base, StreamPairs pairs) {
  size_t bytes_max = kFirstCapacityBytes;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    bytes_max += pairs[i].size() + kStreamElementHeadBytesMax;
  }
  const size_t total = AllocationSize(sizeof(StreamBlock) + bytes_max);
  auto* block = new (Allocate(total)) StreamBlock{};
  block->refs = 1;
  block->capacity = static_cast<uint32_t>(total - sizeof(StreamBlock));
  block->base = base;
  block->last = base;
  block->field_count = static_cast<uint32_t>(pairs.size() / 2);
  block->listpack_bytes = kListpackFrameBytes + ListpackBytesOf(int64_t{block->field_count}) +
                          ListpackBytesOf(int64_t{0});
  char* at = block->bytes();
  for (size_t i = 0; i < pairs.size(); i += 2) {
    at = WriteStreamElement(at, pairs[i], &block->listpack_bytes);
  }
  block->fields_bytes = static_cast<uint32_t>(at - block->bytes());
  block->size_bytes = block->fields_bytes;
  return block;
}

void ReleaseStreamBlock(StreamBlock* block) {
  if (ShareCount::Drop(block->refs)) Free(block);
}

StreamBlock* OwnStreamBlock(StreamBlock* block) {
  if (ShareCount::IsOne(block->refs)) return block;
  const size_t total = AllocationSize(sizeof(StreamBlock) + block->size_bytes);
  auto* copy = new (Allocate(total))
      StreamBlock{.refs = 1,
                  .capacity = static_cast<uint32_t>(total - sizeof(StreamBlock)),
                  .size_bytes = block->size_bytes,
                  .listpack_bytes = block->listpack_bytes,
                  .live = block->live,
                  .removed = block->removed,
                  .field_count = block->field_count,
                  .fields_bytes = block->fields_bytes,
                  .base = block->base,
                  .last = block->last};
  std::memcpy(copy->bytes(), block->bytes(), block->size_bytes);
  ReleaseStreamBlock(block);
  return copy;
}

size_t StreamBlockBytes(const StreamBlock& block) {
  return sizeof(StreamBlock) + block.capacity;
}

bool StreamBlockIsFull(const StreamBlock& block, size_t pairs_bytes, const ValueLimits& limits) {
  if (ListpackIsFull(block, pairs_bytes, limits.stream_node_bytes)) return true;
  const int64_t entries_max = limits.stream_node_entries;
  return entries_max != 0 && int64_t{block.live} + block.removed >= entries_max;
}

StreamBlock* AppendToStreamBlock(StreamBlock* block, StreamId id, StreamPairs pairs) {
  const bool own_fields = !HasFieldsOf(*block, pairs);
  const size_t step = own_fields ? 1 : 2;
  const size_t content_max =
      4 * kVarintBytesMax + PairsBytes(pairs) + pairs.size() / step * kStreamElementHeadBytesMax;
  block = Reserve(block, content_max);
  // The entry's size stands in front of it: the rest is written behind the room that this could
  // need at most, and moved up.
  char* const begin = block->bytes() + block->size_bytes;
  const size_t head_bytes_max = VarintBytes(content_max << 1);
  char* const content = begin + head_bytes_max;
  const uint64_t ms = id.ms - block->base.ms;
  const uint64_t seq = ms == 0 ? id.seq - block->base.seq : id.seq;
  char* at = WriteVarint(WriteVarint(content, ms), seq);
  uint32_t listpack_bytes = 0;
  const auto fields = static_cast<int64_t>(pairs.size() / 2);
  if (own_fields) {
    at = WriteVarint(at, static_cast<uint64_t>(fields));
    listpack_bytes += ListpackBytesOf(fields);
  }
  for (size_t i = own_fields ? 0 : 1; i < pairs.size(); i += step) {
    at = WriteStreamElement(at, pairs[i], &listpack_bytes);
  }
  const auto content_bytes = static_cast<size_t>(at - content);
  char* const behind_head = WriteVarint(begin, content_bytes << 1 | (own_fields ? 1U : 0U));
  if (behind_head != content) std::memmove(behind_head, content, content_bytes);
  block->size_bytes = static_cast<uint32_t>(behind_head + content_bytes - block->bytes());
  // Around them a listpack has flags, the two parts of the id, and the number of its elements.
  listpack_bytes += ListpackBytesOf(int64_t{0}) + ListpackBytesOf(static_cast<int64_t>(ms)) +
                    ListpackBytesOf(static_cast<int64_t>(id.seq - block->base.seq)) +
                    ListpackBytesOf(own_fields ? 2 * fields + 4 : fields + 3);
  block->listpack_bytes += listpack_bytes;
  block->last = id;
  ++block->live;
  return block;
}

void EraseFromStreamBlock(StreamBlock* block, const StreamEntry& entry) {
  char* const to = block->bytes() + (entry.begin() - block->bytes());
  const char* const from = entry.end();
  const auto bytes = static_cast<uint32_t>(from - to);
  std::memmove(to, from, static_cast<size_t>(block->end() - from));
  block->size_bytes -= bytes;
  --block->live;
  ++block->removed;
}

void EraseFrontOfStreamBlock(StreamBlock* block, const char* to, uint32_t count) {
  char* const begin = block->bytes() + block->fields_bytes;
  const auto bytes = static_cast<uint32_t>(to - begin);
  std::memmove(begin, to, static_cast<size_t>(block->end() - to));
  block->size_bytes -= bytes;
  block->live -= count;
  block->removed += count;
}

StreamBlock* ShrinkStreamBlock(StreamBlock* block) {
  if (AllocationSize(sizeof(StreamBlock) + block->size_bytes) == StreamBlockBytes(*block)) {
    return block;
  }
  return Resize(block, block->size_bytes);
}

const char* SeekInStreamBlock(const StreamBlock& block, StreamId id) {
  const char* at = block.begin();
  while (at != block.end()) {
    const StreamEntry entry(block, at);
    if (entry.id() >= id) break;
    at = entry.end();
  }
  return at;
}

void PlacesInStreamBlock(const StreamBlock& block, std::vector<const char*>* places) {
  places->clear();
  for (const char* at = block.begin(); at != block.end(); at = StreamEntry(block, at).end()) {
    places->push_back(at);
  }
}

}  // namespace torc
