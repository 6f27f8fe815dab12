// How segments change size. The entries of a segment are read off bucket by bucket into a load on
// the stack, their hashes and ranks are asked for all at once, and they are put into the new
// segment or segments. A load is at most what a segment that can be split holds; a larger one is
// moved in several loads.

#include <array>
#include <bit>

#include "base/check.h"
#include "ds/table_core.h"

namespace torc {
namespace {

// Two segments merge when both together hold no more than this: little more than half of what
// splits one.
constexpr size_t kMergeCountMax = size_t{TableSegment::kBucketsMax} * TableBucket::kSlots / 2;

constexpr uint64_t BuddyBit(int depth) {
  return uint64_t{1} << (64 - depth);
}

}  // namespace

struct TableCore::Load {
  static constexpr size_t kEntriesMax = size_t{TableSegment::kBucketsMax} * TableBucket::kSlots;
  size_t count = 0;
  std::array<void*, kEntriesMax> entries;
  std::array<uint64_t, kEntriesMax> hashes;
  std::array<uint64_t, kEntriesMax> ranks;

  // Reads off the entries of buckets [begin, end) and asks what they are.
  void Take(const TableSegment& segment, uint32_t begin, uint32_t end, bool with_ranks,
            const TableEntryOps& ops) {
    count = 0;
    for (uint32_t b = begin; b < end; ++b) {
      const TableBucket& bucket = segment.buckets()[b];
      for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
        entries[count++] = bucket.entry(static_cast<uint32_t>(std::countr_zero(rest)));
      }
    }
    ops.describe(ops.traits, entries.data(), count, hashes.data(),
                 with_ranks ? ranks.data() : nullptr);
    if (!with_ranks) std::fill_n(ranks.begin(), count, kNoRank);
  }
  void PutInto(TableSegment* segment, size_t i) const {
    segment->Put(hashes[i], entries[i]);
    ++segment->count;
    if (ranks[i] < segment->lowest_rank) segment->lowest_rank = ranks[i];
  }
};

TableSegment* TableCore::NewSegment(uint32_t bucket_count, uint64_t prefix, int depth) {
  TableSegment* const segment = TableSegment::New(bucket_count, prefix, depth);
  segment_lines_ += bucket_count + 1;
  return segment;
}

// Frees a segment whose entries are elsewhere.
void TableCore::Retire(TableSegment* segment) {
  if (segment == TableSegment::Empty()) return;
  if (ranks_ != nullptr) ranks_->Remove(segment);
  segment_lines_ -= segment->bucket_count + 1;
  TableSegment::Delete(segment);
}

// Makes a new segment the one that its hashes find.
void TableCore::Publish(TableSegment* segment) {
  directory_.work += static_cast<uint32_t>(directory_.Assign(*segment));
  if (ranks_ != nullptr) ranks_->Update(segment);
}

void TableCore::MoveAll(TableSegment* from, TableSegment* to, const TableEntryOps& ops) {
  Load load;
  for (uint32_t begin = 0; begin < from->bucket_count; begin += TableSegment::kBucketsMax) {
    const uint32_t end = std::min(begin + TableSegment::kBucketsMax, from->bucket_count);
    load.Take(*from, begin, end, ranks_ != nullptr, ops);
    for (size_t i = 0; i < load.count; ++i) load.PutInto(to, i);
  }
  directory_.work += from->count;
}

void TableCore::Rebuild(TableSegment* old, uint32_t bucket_count, const TableEntryOps& ops) {
  TableSegment* const segment = NewSegment(bucket_count, old->prefix, old->depth);
  segment->version = old->version;
  MoveAll(old, segment, ops);
  Publish(segment);
  Retire(old);
}

void TableCore::Split(TableSegment* old, uint32_t least_buckets, const TableEntryOps& ops) {
  const int depth = old->depth + 1;
  const uint64_t bit = BuddyBit(depth);
  Load load;
  load.Take(*old, 0, old->bucket_count, ranks_ != nullptr, ops);
  size_t high_count = 0;
  for (size_t i = 0; i < load.count; ++i) high_count += (load.hashes[i] & bit) != 0 ? 1 : 0;
  const auto buckets_for = [&](size_t count) {
    return std::max(least_buckets, TableSegment::BucketsFor(count, depth));
  };
  TableSegment* const low = NewSegment(buckets_for(load.count - high_count), old->prefix, depth);
  TableSegment* const high = NewSegment(buckets_for(high_count), old->prefix | bit, depth);
  low->version = high->version = old->version;
  for (size_t i = 0; i < load.count; ++i) {
    load.PutInto((load.hashes[i] & bit) != 0 ? high : low, i);
  }
  directory_.work += static_cast<uint32_t>(load.count);
  directory_.work += static_cast<uint32_t>(directory_.Deepen(old->prefix, depth));
  directory_.CountSplit(depth - 1);
  Publish(low);
  Publish(high);
  Retire(old);
}

// In the order of hashes. `change` may replace the segment it is given by larger or smaller ones.
template <class Change>
void TableCore::ForEachSegment(Change&& change) {
  uint64_t hash = 0;
  do {
    TableSegment* const segment = SegmentOf(hash);
    hash = segment->last_hash() + 1;
    change(segment);
  } while (hash != 0);
}

void TableCore::Reserve(size_t count, const TableEntryOps& ops) {
  // Segments differ by chance: this leaves all but few of them below what would make them grow.
  constexpr size_t kSegmentEntries = 300;
  if (count <= size_) return;
  int depth = 0;
  while (depth < kTableDepthMax && count >> depth > kSegmentEntries) ++depth;
  const uint32_t bucket_count = TableSegment::BucketsFor((count >> depth) + 1, depth);
  if (SegmentOf(0) == TableSegment::Empty()) {
    Publish(NewSegment(TableSegment::BucketsFor(1, 0), 0, 0));
  }
  for (int d = 0; d < depth; ++d) {
    ForEachSegment([&](TableSegment* segment) {
      if (segment->depth <= d) Split(segment, d + 1 == depth ? bucket_count : 1, ops);
    });
  }
  ForEachSegment([&](TableSegment* segment) {
    if (segment->bucket_count < bucket_count && segment->depth <= depth) {
      Rebuild(segment, bucket_count, ops);
    }
  });
}

void TableCore::Trim(const TableEntryOps& ops) {
  ForEachSegment([&](TableSegment* segment) {
    if (segment->count < segment->count_min) Shrink(segment->prefix, ops);
  });
}

TableSegment* TableCore::Grow(uint64_t hash, const TableEntryOps& ops) {
  for (;;) {
    TableSegment* const segment = SegmentOf(hash);
    if (segment->count < segment->count_max) return segment;
    if (segment == TableSegment::Empty()) {
      Publish(NewSegment(TableSegment::BucketsFor(1, 0), 0, 0));
    } else if (segment->bucket_count < TableSegment::kBucketsMax ||
               segment->depth == kTableDepthMax) {
      Rebuild(segment, TableSegment::BucketsAfter(segment->bucket_count), ops);
    } else {
      // All entries may land on one side; then that side is split again, at most kTableDepthMax
      // times.
      Split(segment, 1, ops);
    }
  }
}

// Merges the segment with its other half, where that is one segment of the same version and both
// are small.
bool TableCore::TryMerge(TableSegment* segment, const TableEntryOps& ops) {
  if (segment->depth == 0) return false;
  const int depth = segment->depth;
  TableSegment* const buddy = SegmentOf(segment->prefix ^ BuddyBit(depth));
  if (buddy->depth != depth || buddy->version != segment->version) return false;
  const size_t count = size_t{segment->count} + buddy->count;
  if (count > kMergeCountMax) return false;
  TableSegment* const merged = NewSegment(TableSegment::BucketsFor(count, depth - 1),
                                          segment->prefix & ~BuddyBit(depth), depth - 1);
  merged->version = segment->version;
  MoveAll(segment, merged, ops);
  MoveAll(buddy, merged, ops);
  directory_.CountMerge(depth);
  Publish(merged);
  directory_.work += static_cast<uint32_t>(directory_.Trim(merged->prefix));
  Retire(segment);
  Retire(buddy);
  return true;
}

void TableCore::Shrink(uint64_t hash, const TableEntryOps& ops) {
  for (;;) {
    TableSegment* const segment = SegmentOf(hash);
    if (segment->count >= segment->count_min) return;
    if (size_ == 0 && segment->depth == 0) {
      Reset();
      return;
    }
    if (TryMerge(segment, ops)) continue;
    const uint32_t bucket_count = TableSegment::BucketsFor(segment->count, segment->depth);
    if (bucket_count < segment->bucket_count) Rebuild(segment, bucket_count, ops);
    return;
  }
}

}  // namespace torc
