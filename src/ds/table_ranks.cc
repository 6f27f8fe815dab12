#include "ds/table_ranks.h"

#include "base/check.h"
#include "base/memory.h"

namespace torc {

SegmentRanks::~SegmentRanks() {
  for (Node* block : blocks_) Free(block);
}

void SegmentRanks::Set(size_t i, Node node) {
  at(i) = node;
  node.segment->heap_index = static_cast<uint32_t>(i);
}

void SegmentRanks::SiftUp(size_t i, Node node) {
  while (i > 0) {
    const size_t parent = (i - 1) / 2;
    if (at(parent).rank <= node.rank) break;
    Set(i, at(parent));
    i = parent;
  }
  Set(i, node);
}

void SegmentRanks::SiftDown(size_t i, Node node) {
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= count_) break;
    if (child + 1 < count_ && at(child + 1).rank < at(child).rank) ++child;
    if (node.rank <= at(child).rank) break;
    Set(i, at(child));
    i = child;
  }
  Set(i, node);
}

// The first block grows by four, then whole blocks are added.
void SegmentRanks::Grow() {
  if (capacity_ == 0) {
    blocks_.push_back(static_cast<Node*>(Allocate(kFirstNodes * sizeof(Node))));
    capacity_ = kFirstNodes;
  } else if (capacity_ < kBlockNodes) {
    capacity_ *= 4;
    blocks_[0] = static_cast<Node*>(Reallocate(blocks_[0], capacity_ * sizeof(Node)));
  } else {
    blocks_.push_back(static_cast<Node*>(Allocate(kBlockNodes * sizeof(Node))));
    capacity_ += kBlockNodes;
  }
}

// Gives back the last block when the one before it has room again too.
void SegmentRanks::ShrinkToFit() {
  if (blocks_.size() > 1 && count_ + kBlockNodes + kBlockNodes / 2 <= capacity_) {
    Free(blocks_.back());
    blocks_.pop_back();
    capacity_ -= kBlockNodes;
  }
}

void SegmentRanks::Update(TableSegment* segment) {
  const Node node{segment->lowest_rank, segment};
  if (segment->heap_index == TableSegment::kNotInHeap) {
    if (node.rank == kNoRank) return;
    if (count_ == capacity_) Grow();
    SiftUp(count_++, node);
    return;
  }
  if (node.rank == kNoRank) {
    Remove(segment);
    return;
  }
  const size_t i = segment->heap_index;
  if (node.rank < at(i).rank) {
    SiftUp(i, node);
  } else {
    SiftDown(i, node);
  }
}

void SegmentRanks::Remove(TableSegment* segment) {
  const size_t i = segment->heap_index;
  if (i == TableSegment::kNotInHeap) return;
  segment->heap_index = TableSegment::kNotInHeap;
  const uint64_t rank = at(i).rank;
  const Node last = at(--count_);
  if (i != count_) {
    if (last.rank < rank) {
      SiftUp(i, last);
    } else {
      SiftDown(i, last);
    }
  }
  ShrinkToFit();
}

size_t SegmentRanks::size_bytes() const {
  return sizeof(*this) + capacity_ * sizeof(Node) + blocks_.capacity() * sizeof(void*);
}

void SegmentRanks::CheckInvariants() const {
  for (size_t i = 0; i < count_; ++i) {
    TORC_CHECK(at(i).segment->heap_index == i, "a segment knows its place in the heap");
    TORC_CHECK(at(i).segment->lowest_rank == at(i).rank, "the heap knows each segment's rank");
    TORC_CHECK(i == 0 || at((i - 1) / 2).rank <= at(i).rank, "no child is below its parent");
  }
}

}  // namespace torc
