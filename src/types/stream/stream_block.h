#pragma once

// StreamBlock: consecutive entries of a stream in one allocation, shared by the streams that were
// copied from one another.
//
//   header (64 bytes) | fields of the first entry | entry | entry | …
//   entry:  size and own-fields bit | ms - base.ms | seq (- base.seq if ms is the base's)
//           | [field count, field, value, field, value, …]  or, with the block's fields:  value, …
//
// All numbers are varints; fields and values are elements (stream_element.h). An entry with the
// field names of the block's first one does not repeat them: a log line of three short values takes
// three to five bytes beside them. Redis's listpack takes about nine, and one more for each value.
//
// An entry removed from the middle or the front leaves no bytes behind, but it goes on counting
// towards the size at which the block is full, as in Redis: what approximate trimming removes
// depends on where blocks end.
//
// A block with one reference may be written; OwnBlock copies any other. Entries die with the next
// write.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/share_count.h"
#include "store/value_limits.h"
#include "types/stream/stream_element.h"
#include "types/stream/stream_id.h"

namespace torc {

// Fields and values in turn.
using StreamPairs = std::span<const std::string_view>;

// The bytes of one entry's fields and values together: beyond, XADD refuses it.
inline constexpr size_t kStreamEntryBytesMax = size_t{1} << 30;

struct StreamBlock {
  uint32_t refs;
  uint32_t capacity;        // bytes behind the header
  uint32_t size_bytes;      // of them in use
  uint32_t listpack_bytes;  // a listpack of all entries ever put here, without its two counts
  uint32_t live;            // entries
  uint32_t removed;         // entries that were
  uint32_t field_count;     // of the first entry
  uint32_t fields_bytes;    // where the entries begin
  StreamId base;            // the id of the first entry ever put here
  StreamId last;            // the id of the last
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  const char* begin() const { return bytes() + fields_bytes; }
  const char* end() const { return bytes() + size_bytes; }
};

// An entry in its block.
class StreamEntry {
 public:
  StreamEntry() = default;
  // The entry that begins at `at`.
  StreamEntry(const StreamBlock& block, const char* at);

  StreamId id() const { return id_; }
  uint32_t field_count() const { return field_count_; }
  // Whether the fields are the block's.
  bool shares_fields() const { return fields_ != nullptr; }
  // Where the entry begins and ends.
  const char* begin() const { return begin_; }
  const char* end() const { return end_; }
  // fn(StreamElement field, StreamElement value) for each pair in order.
  template <class Fn>
  void ForEachPair(Fn&& fn) const {
    const char* field_at = fields_;
    const char* at = content_;
    for (uint32_t i = 0; i < field_count_; ++i) {
      const StreamElement field = ReadStreamElement(fields_ != nullptr ? field_at : at);
      fn(field, ReadStreamElement(at));
    }
  }

 private:
  StreamId id_;
  uint32_t field_count_ = 0;
  const char* fields_ = nullptr;  // the block's, if shared
  const char* content_ = nullptr;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
};

// A block whose fields are those of this entry, which is to be its first: one reference, no entry
// yet.
StreamBlock* NewStreamBlock(StreamId base, StreamPairs pairs);
inline void RetainStreamBlock(StreamBlock* block) {
  ShareCount::Add(block->refs);
}
void ReleaseStreamBlock(StreamBlock* block);
// The block, or a copy of it if others use it too; takes over the caller's reference.
StreamBlock* OwnStreamBlock(StreamBlock* block);
// What the block costs the allocator.
size_t StreamBlockBytes(const StreamBlock& block);

// Whether an entry of so many bytes has to go into another block.
bool StreamBlockIsFull(const StreamBlock& block, size_t pairs_bytes, const ValueLimits& limits);
// The block must be one's own in all of these; it may move. The id is after all others.
StreamBlock* AppendToStreamBlock(StreamBlock* block, StreamId id, StreamPairs pairs);
// Removes the entry at `at`; or the first `count`, which end at `to`.
void EraseFromStreamBlock(StreamBlock* block, const StreamEntry& entry);
void EraseFrontOfStreamBlock(StreamBlock* block, const char* to, uint32_t count);
// Gives back what was reserved for growing.
StreamBlock* ShrinkStreamBlock(StreamBlock* block);

// The first entry with this id or a later one; the block's end if there is none.
const char* SeekInStreamBlock(const StreamBlock& block, StreamId id);
// Where each entry begins, in order.
void PlacesInStreamBlock(const StreamBlock& block, std::vector<const char*>* places);

}  // namespace torc
