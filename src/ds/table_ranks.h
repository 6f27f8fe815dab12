#pragma once

// The segments of one table that have a rank, as a binary heap with the lowest on top. A node keeps
// the rank beside the pointer, so that sifting reads no segment; it writes each moved segment's
// heap_index.
//
// Nodes lie in blocks of 256, and only the first block grows by copying: a push moves at most 4
// KiB, and the heap of a table with one segment takes 64 bytes. Segments must be removed before
// they are deleted.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ds/table_segment.h"

namespace torc {

class SegmentRanks {
 public:
  SegmentRanks() = default;
  SegmentRanks(const SegmentRanks&) = delete;
  SegmentRanks& operator=(const SegmentRanks&) = delete;
  ~SegmentRanks();

  // Brings the heap in line with segment->lowest_rank: inserts, moves or, at kNoRank, removes.
  void Update(TableSegment* segment);
  void Remove(TableSegment* segment);
  // The segment with the lowest rank; null when none has one.
  TableSegment* lowest() const { return count_ == 0 ? nullptr : blocks_[0][0].segment; }
  uint64_t lowest_rank() const { return count_ == 0 ? kNoRank : blocks_[0][0].rank; }
  size_t count() const { return count_; }
  // The segments in no particular order.
  TableSegment* segment(size_t index) const { return at(index).segment; }
  size_t size_bytes() const;
  // That each parent is at or below its children and each segment knows its place.
  void CheckInvariants() const;

 private:
  struct Node {
    uint64_t rank;
    TableSegment* segment;
  };
  static constexpr size_t kBlockNodes = 256;
  static constexpr size_t kFirstNodes = 4;

  Node& at(size_t i) const { return blocks_[i / kBlockNodes][i % kBlockNodes]; }
  void Set(size_t i, Node node);
  void SiftUp(size_t i, Node node);
  void SiftDown(size_t i, Node node);
  void Grow();
  void ShrinkToFit();

  size_t count_ = 0;
  size_t capacity_ = 0;
  std::vector<Node*> blocks_;
};

}  // namespace torc
