#include "ds/table_segment.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>

#include "base/memory.h"

namespace torc {
namespace {

// Each is one less than a size class in cache lines. Measured while growing to 10 million entries
// of 32 bytes: bytes of active pages beyond the entries, the mean over 1, 1.5, 2, 3, 5 and 7
// million, and moves per insert.
//   39, 47, 55, 63 at 90 %: 10.2 bytes, 5.6 moves      47, 63 at 93 %:      9.4 bytes, 3.0 moves
//   39, 47, 63     at 90 %:  9.9 bytes, 4.2 moves      79, 95, 127 at 90 %: 9.2 bytes, 4.1 moves
// More classes save in the table what they lose in half-used slabs. Segments of up to 127 buckets
// would save 0.2 bytes, for twice the work of the worst insert and of each visit by rank.
constexpr std::array<uint32_t, 11> kSizes = {
    1, 2, 3, 5, 7, 11, 15, 23, 31, 47, TableSegment::kBucketsMax};

// How many entries n buckets take before they grow: 93 % of the slots, and all of up to three
// buckets. At that limit a hit reads 1.14 buckets and a miss 2.0 on the average over all sizes; at
// 91 % 1.11 and 1.8 for 0.2 bytes more an entry.
uint32_t CountMax(uint32_t bucket_count) {
  const uint32_t slots = bucket_count * TableBucket::kSlots;
  return bucket_count <= 3 ? slots : slots * 93 / 100;
}

// Below this count n buckets are too many. One bucket is never too many, unless it is empty or can
// be merged.
uint32_t CountMin(uint32_t bucket_count, int depth) {
  if (bucket_count == 1 && depth == 0) return 1;
  return bucket_count * TableBucket::kSlots / 2;
}

struct EmptySegment {
  TableSegment header;
  TableBucket bucket;
};
constexpr EmptySegment MakeEmpty() {
  EmptySegment empty{};
  empty.header.bucket_count = 1;
  return empty;
}
constexpr EmptySegment kEmpty = MakeEmpty();

}  // namespace

TableSegment* TableSegment::New(uint32_t bucket_count, uint64_t prefix, int depth) {
  void* lines = AllocateLines((size_t{bucket_count} + 1) * sizeof(TableBucket));
  auto* segment = new (lines) TableSegment();
  std::uninitialized_value_construct_n(segment->buckets(), bucket_count);
  segment->bucket_count = bucket_count;
  segment->count_max = CountMax(bucket_count);
  segment->count_min = CountMin(bucket_count, depth);
  segment->prefix = prefix;
  segment->depth = static_cast<uint8_t>(depth);
  return segment;
}

void TableSegment::Delete(TableSegment* segment) {
  if (segment != Empty()) Free(segment);
}

TableSegment* TableSegment::Empty() {
  return const_cast<TableSegment*>(&kEmpty.header);
}

uint32_t TableSegment::BucketsAfter(uint32_t bucket_count) {
  for (const uint32_t size : kSizes) {
    if (size > bucket_count) return size;
  }
  return bucket_count * 2 + 1;
}

uint32_t TableSegment::BucketsFor(size_t count, int depth) {
  // Comfortable is a little above three quarters of the slots.
  uint32_t size = kSizes.front();
  while (count * 32 > size_t{size} * TableBucket::kSlots * 25) {
    if (size == kBucketsMax && depth < kTableDepthMax) break;
    size = BucketsAfter(size);
  }
  return size;
}

}  // namespace torc
