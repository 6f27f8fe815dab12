#include "ds/table_core.h"

#include <bit>
#include <utility>

#include "base/check.h"

namespace torc {

TableCore::TableCore(TableCore&& other) noexcept {
  *this = std::move(other);
}

TableCore& TableCore::operator=(TableCore&& other) noexcept {
  if (this == &other) return *this;
  FreeSegments();
  directory_ = std::move(other.directory_);
  size_ = std::exchange(other.size_, 0);
  drained_ = std::exchange(other.drained_, 0);
  ranks_ = std::move(other.ranks_);
  segment_lines_ = std::exchange(other.segment_lines_, 0);
  return *this;
}

TableCore::~TableCore() {
  FreeSegments();
}

size_t TableCore::size_bytes() const {
  return size_t{segment_lines_} * sizeof(TableBucket) + directory_.size_bytes() +
         (ranks_ == nullptr ? 0 : ranks_->size_bytes());
}

// Those that a drain has not passed yet.
void TableCore::FreeSegments() {
  uint64_t hash = drained_;
  do {
    const DirectoryWord word = Find(hash);
    hash += word.depth() == 0 ? 0 : uint64_t{1} << (64 - word.depth());
    TableSegment::Delete(word.segment());
  } while (hash != 0);
}

void TableCore::Reset() {
  TORC_CHECK(size_ == 0, "no entries are left behind");
  *this = TableCore();
}

void TableCore::DropSegment(TableSegment* segment) {
  drained_ = segment->last_hash() + 1;
  directory_.Drop(*segment);
  segment_lines_ -= segment->bucket_count + 1;
  TableSegment::Delete(segment);
  // All are gone: nothing is left for Reset to look for.
  if (drained_ == 0) directory_ = TableDirectory();
}

void TableCore::NoteRank(uint64_t hash, uint64_t rank) {
  TableSegment* const segment = SegmentOf(hash);
  if (rank < segment->visited_rank) segment->visited_rank = rank;
  if (rank >= segment->lowest_rank) return;
  segment->lowest_rank = rank;
  if (ranks_ == nullptr) ranks_ = std::make_unique<SegmentRanks>();
  ranks_->Update(segment);
}

void TableCore::FinishVisit(TableSegment* segment) {
  segment->lowest_rank = segment->visited_rank;
  segment->visited_rank = kNoRank;
  segment->visited_buckets = 0;
  ranks_->Update(segment);
}

// A random hash falls into a segment of depth d with probability 2^-d. Letting only
// n·2^(d-deepest)/63 of these through, and of them only the occupied slots, makes all entries
// equal. With a good hash segments differ little, and a few attempts are enough; where they do not,
// counting through is slow but as fair.
void* TableCore::SampleEntry(Rng& rng) const {
  constexpr int kAttempts = 200;
  if (size_ == 0) return nullptr;
  const int deepest = directory_.deepest();
  if (deepest == kTableDepthMax) return SampleByWalk(rng);
  const uint32_t slots_max =
      (deepest == 0 ? Find(0).bucket_count() : TableSegment::kBucketsMax) * TableBucket::kSlots;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const DirectoryWord word = Find(rng.Next());
    const uint64_t at = rng.Below(uint64_t{slots_max} << (deepest - word.depth()));
    if (at >= uint64_t{word.bucket_count()} * TableBucket::kSlots) continue;
    const TableBucket& bucket = word.segment()->buckets()[at / TableBucket::kSlots];
    const auto slot = static_cast<uint32_t>(at % TableBucket::kSlots);
    if (bucket.fingerprint(slot) != 0) return bucket.entry(slot);
  }
  return SampleByWalk(rng);
}

void* TableCore::SampleByWalk(Rng& rng) const {
  uint64_t left = rng.Below(size_);
  const TableSegment* segment = SegmentOf(0);
  while (left >= segment->count) {
    left -= segment->count;
    segment = SegmentOf(segment->last_hash() + 1);
  }
  const TableBucket* bucket = segment->buckets();
  uint32_t occupied = bucket->Occupied();
  while (left >= static_cast<uint64_t>(std::popcount(occupied))) {
    left -= static_cast<uint64_t>(std::popcount(occupied));
    occupied = (++bucket)->Occupied();
  }
  while (left-- > 0) occupied &= occupied - 1;
  return bucket->entry(static_cast<uint32_t>(std::countr_zero(occupied)));
}

}  // namespace torc
