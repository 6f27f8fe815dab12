#pragma once

// Records in a compact block (ds/compact_block.h): a key, perhaps a value, perhaps a rank.
//
//   tag 1   key | key | key | …                            a set
//   tag 2   key | value | key | value | …                  a hash
//   tag 3   key | value | rank | key | value | rank | …    a hash some of whose records have ranks
//
// The block's tag is the number of elements of a record. Keys are unique and in the order in which
// they came. A rank is a positive integer by which the owner wants to find records in order (a
// deadline); 0 stands for none.

#include <cstdint>
#include <limits>

#include "ds/compact_block.h"

namespace torc {

inline constexpr uint8_t kKeyOnly = 1;
inline constexpr uint8_t kKeyValue = 2;
inline constexpr uint8_t kKeyValueRank = 3;

inline constexpr int64_t kUnranked = 0;
// Above all ranks: the least rank of records that have none.
inline constexpr int64_t kNoLeastRank = std::numeric_limits<int64_t>::max();

// Reads the records of a block.
class RecordView {
 public:
  using Place = CompactView::Place;

  RecordView() = default;
  explicit RecordView(CompactView block) : block_(block) {}

  CompactView block() const { return block_; }
  uint32_t parts() const { return block_.tag(); }
  uint32_t count() const { return block_.count() == 0 ? 0 : block_.count() / parts(); }
  Place Begin() const { return 0; }
  Place End() const { return block_.End(); }
  Place Next(Place at) const { return block_.Skip(at, parts()); }
  // The record with this index. O(index).
  Place At(uint32_t index) const { return block_.Skip(0, index * parts()); }
  // The record with this key, or the end.
  Place Find(const CompactNeedle& key) const { return block_.Find(key, 0, parts()); }

  CompactElement Key(Place at) const { return block_.Get(at); }
  CompactElement Value(Place at) const { return block_.Get(block_.Next(at)); }
  int64_t Rank(Place at) const {
    return parts() == kKeyValueRank ? block_.Get(block_.Skip(at, 2)).integer : kUnranked;
  }
  int64_t LeastRank() const;

 private:
  CompactView block_;
};

// A block that begins with this record; without a value, of keys only.
CompactBlock NewRecordBlock(const CompactNeedle& key, const CompactNeedle* value);
// Adds a record whose key is not there yet. `value` exactly if the block has values.
void AppendRecord(CompactBlock* block, const CompactNeedle& key, const CompactNeedle* value);
void ReplaceValue(CompactBlock* block, RecordView::Place at, const CompactNeedle& value);
// Gives a record a rank, or takes it away (kUnranked). The first rank gives every record of the
// block one more element; the record may move.
void SetRank(CompactBlock* block, RecordView::Place at, int64_t rank);
void EraseRecord(CompactBlock* block, RecordView::Place at);

}  // namespace torc
