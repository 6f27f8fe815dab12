#pragma once

// What of the table does not depend on the type of its entries: growing, splitting, merging,
// sampling, ranks. These are the rare steps; they learn hashes and ranks of entries through
// TableEntryOps, many at a time, so that the entries' cache misses overlap. Not for use by itself:
// see table.h.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/rng.h"
#include "ds/table_directory.h"
#include "ds/table_ranks.h"
#include "ds/table_segment.h"

namespace torc {

// How the cold code asks about entries. `ranks` may be null: then only hashes are wanted.
struct TableEntryOps {
  const void* traits;
  void (*describe)(const void* traits, void* const* entries, size_t count, uint64_t* hashes,
                   uint64_t* ranks);
};

class TableCore {
 public:
  TableCore() = default;
  TableCore(TableCore&& other) noexcept;
  TableCore& operator=(TableCore&& other) noexcept;
  // Frees segments and directory, not the entries.
  ~TableCore();

  size_t size() const { return size_; }
  size_t size_bytes() const;
  uint32_t work() const { return directory_.work; }

 protected:
  DirectoryWord Find(uint64_t hash) const { return directory_.Find(hash); }
  TableSegment* SegmentOf(uint64_t hash) const { return directory_.Find(hash).segment(); }
  // Gives the table the segments that so many entries will need.
  void Reserve(size_t count, const TableEntryOps& ops);
  // Makes smaller or merges what holds too little.
  void Trim(const TableEntryOps& ops);
  // Makes room for one more entry in the segment of `hash`, and returns that segment.
  TableSegment* Grow(uint64_t hash, const TableEntryOps& ops);
  // Makes the segment of `hash` smaller or merges it, when it holds too little.
  void Shrink(uint64_t hash, const TableEntryOps& ops);

  void NoteRank(uint64_t hash, uint64_t rank);
  uint64_t least_rank() const { return ranks_ == nullptr ? kNoRank : ranks_->lowest_rank(); }
  TableSegment* LowestSegment() const { return ranks_ == nullptr ? nullptr : ranks_->lowest(); }
  // Null when none has a rank.
  TableSegment* RandomRankedSegment(Rng& rng) const {
    if (ranks_ == nullptr || ranks_->count() == 0) return nullptr;
    return ranks_->segment(static_cast<size_t>(rng.Below(ranks_->count())));
  }
  // A visit has seen the last bucket: what it noted becomes the segment's bound.
  void FinishVisit(TableSegment* segment);

  // A random entry, each with the same probability; null when there is none.
  void* SampleEntry(Rng& rng) const;
  // Frees a segment that the drain has emptied; the next one is at `drained_`.
  void DropSegment(TableSegment* segment);
  // Back to the state of a new table; there must be no entries.
  void Reset();
  void CheckCore(const TableEntryOps& ops) const;

  TableDirectory directory_;
  size_t size_ = 0;
  uint64_t drained_ =
      0;  // the first hash that a drain under way has not passed; 0: none is under way
  std::unique_ptr<SegmentRanks> ranks_;  // null until an entry has a rank
  uint32_t segment_lines_ = 0;           // memory of all segments, in cache lines

 private:
  struct Load;
  TableSegment* NewSegment(uint32_t bucket_count, uint64_t prefix, int depth);
  void Retire(TableSegment* segment);
  void Publish(TableSegment* segment);
  void MoveAll(TableSegment* from, TableSegment* to, const TableEntryOps& ops);
  void Rebuild(TableSegment* old, uint32_t bucket_count, const TableEntryOps& ops);
  // Both halves get so many buckets, or more where they need more.
  void Split(TableSegment* old, uint32_t least_buckets, const TableEntryOps& ops);
  template <class Change>
  void ForEachSegment(Change&& change);
  bool TryMerge(TableSegment* segment, const TableEntryOps& ops);
  void* SampleByWalk(Rng& rng) const;
  void FreeSegments();
  void CheckSegment(const TableSegment& segment, const TableEntryOps& ops) const;
};

}  // namespace torc
