// The invariants of a table, for tests and debugging: everything is recomputed from the entries.

#include <bit>
#include <vector>

#include "base/check.h"
#include "ds/table_core.h"

namespace torc {

void TableCore::CheckSegment(const TableSegment& segment, const TableEntryOps& ops) const {
  const uint32_t n = segment.bucket_count;
  std::vector<uint32_t> passed(n, 0);
  uint32_t count = 0;
  for (uint32_t b = 0; b < n; ++b) {
    const TableBucket& bucket = segment.buckets()[b];
    for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
      const auto slot = static_cast<uint32_t>(std::countr_zero(rest));
      void* entry = bucket.entry(slot);
      uint64_t hash = 0;
      uint64_t rank = kNoRank;
      ops.describe(ops.traits, &entry, 1, &hash, &rank);
      ++count;
      TORC_CHECK(bucket.fingerprint(slot) == TableBucket::Fingerprint(hash),
                 "fingerprint of the hash");
      TORC_CHECK(SegmentOf(hash) == &segment, "an entry is in the segment of its hash");
      TORC_CHECK(segment.lowest_rank <= rank, "no rank is below its segment's");
      TORC_CHECK(b >= segment.visited_buckets || segment.visited_rank <= rank,
                 "no visited rank is below what the visit noted");
      for (uint32_t at = segment.Home(hash); at != b; at = (at + 1) % n) ++passed[at];
    }
  }
  TORC_CHECK(count == segment.count, "the segment counts its entries");
  TORC_CHECK(count <= segment.count_max, "the segment is not overfull");
  for (uint32_t b = 0; b < n; ++b) {
    const uint8_t noted = segment.buckets()[b].passed();
    TORC_CHECK(noted == TableBucket::kPassedMax || noted == passed[b],
               "a bucket counts who passed it");
  }
}

void TableCore::CheckCore(const TableEntryOps& ops) const {
  size_t entries = 0;
  size_t lines = 0;
  size_t ranked = 0;
  std::vector<uint32_t> at_depth(kTableDepthMax + 1, 0);
  uint64_t hash = 0;
  do {
    const DirectoryWord word = Find(hash);
    const TableSegment& segment = *word.segment();
    TORC_CHECK(word.depth() == segment.depth, "a word has its segment's depth");
    TORC_CHECK(word.bucket_count() == segment.bucket_count, "a word has its segment's size");
    TORC_CHECK(segment.prefix == hash, "segments follow one another");
    TORC_CHECK(Find(segment.last_hash()) == word, "all words of a segment are the same");
    if (&segment != TableSegment::Empty()) lines += segment.bucket_count + 1;
    if (segment.heap_index != TableSegment::kNotInHeap) ++ranked;
    TORC_CHECK((segment.lowest_rank != kNoRank) == (segment.heap_index != TableSegment::kNotInHeap),
               "segments with a rank are in the heap");
    ++at_depth[segment.depth];
    entries += segment.count;
    CheckSegment(segment, ops);
    hash = segment.last_hash() + 1;
  } while (hash != 0);
  TORC_CHECK(entries == size_, "the table counts its entries");
  TORC_CHECK(lines == segment_lines_, "the table counts its memory");
  TORC_CHECK(ranked == (ranks_ == nullptr ? 0 : ranks_->count()),
             "the heap has only these segments");
  if (ranks_ != nullptr) ranks_->CheckInvariants();
  for (int depth = 0; depth <= kTableDepthMax; ++depth) {
    TORC_CHECK(at_depth[static_cast<size_t>(depth)] == directory_.segments_at(depth),
               "the directory counts segments by depth");
  }
  TORC_CHECK(
      directory_.root_depth() == std::min(directory_.deepest(), TableDirectory::kRootDepthMax),
      "the root is as deep as needed");
}

}  // namespace torc
