#pragma once

// A segment: all entries whose hashes share a prefix, in one block of cache lines.
//
//   | header | bucket 0 | bucket 1 | … | bucket n-1 |        n + 1 lines, from AllocateLines
//
// An entry's *home* is the bucket at its hash's place between the first and the last hash of the
// segment, so homes ascend with hashes: a segment that grows, splits or merges keeps that order,
// and a scan in hash order needs to remember nothing but a hash. An entry that finds its home full
// goes to the next bucket with a vacant slot, cyclically, and is counted in `passed` of each bucket
// it left behind.
//
// A home is computed from the *position* only, the top 39 bits of the hash: positions are what scan
// cursors are made of, and so no home begins in the middle of one.
//
// n takes few values, each with its header a size class of the allocator. A full segment takes the
// next size, and at 63 it splits in two.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "ds/table_bucket.h"

namespace torc {

inline constexpr int kTablePositionBits = 39;
// No segment is named by more bits of prefix: what shares that many lives in one segment, however
// large.
inline constexpr int kTableDepthMax = 24;
// A rank that is none: it sorts after all others.
inline constexpr uint64_t kNoRank = ~uint64_t{0};

struct alignas(64) TableSegment {
  // The most buckets of a segment that can be split.
  static constexpr uint32_t kBucketsMax = 63;
  static constexpr uint32_t kNotInHeap = ~uint32_t{0};

  uint32_t count = 0;         // entries
  uint32_t bucket_count = 0;  // n
  uint32_t count_max = 0;     // at this count the segment must grow before it takes another entry
  uint32_t count_min = 0;     // below this count it should shrink or merge
  uint64_t prefix = 0;        // the lowest hash that belongs here
  uint64_t lowest_rank = kNoRank;    // at or below the rank of each entry
  uint64_t visited_rank = kNoRank;   // the same for the buckets that an unfinished visit has seen
  uint32_t visited_buckets = 0;      // how far an unfinished visit has come; 0: none is under way
  uint32_t heap_index = kNotInHeap;  // where this segment stands among those that have a rank
  uint32_t version = 0;              // the owner's: kept by growth and splits
  uint8_t depth = 0;                 // bits of prefix that matter

  TableBucket* buckets() { return reinterpret_cast<TableBucket*>(this + 1); }
  const TableBucket* buckets() const { return reinterpret_cast<const TableBucket*>(this + 1); }
  size_t size_bytes() const { return (size_t{bucket_count} + 1) * sizeof(TableBucket); }

  // The highest hash that belongs here.
  uint64_t last_hash() const { return prefix | ((~uint64_t{0} >> depth)); }

  uint32_t Home(uint64_t hash) const { return HomeOf(hash, depth, bucket_count); }
  static uint32_t HomeOf(uint64_t hash, int depth, uint32_t bucket_count) {
    constexpr uint64_t kPositionMask = ~uint64_t{0} << (64 - kTablePositionBits);
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint32_t>(
        (static_cast<Wide>((hash & kPositionMask) << depth) * bucket_count) >> 64);
  }
  // The first position whose home comes after `home`. For the last home that is the next segment's
  // first.
  uint64_t PositionAfter(uint32_t home) const {
    const int bits = kTablePositionBits - depth;
    __extension__ using Wide = unsigned __int128;
    const Wide span = (static_cast<Wide>(home) + 1) << bits;
    const auto offset = static_cast<uint64_t>((span + bucket_count - 1) / bucket_count);
    return (prefix >> (64 - kTablePositionBits)) + offset;
  }

  struct Place {
    TableBucket* bucket;
    uint32_t slot;
  };
  // Puts an entry in the first vacant slot from its home on. There must be one; the counts are the
  // caller's.
  Place Put(uint64_t hash, void* entry) {
    TableBucket* const first = buckets();
    TableBucket* const end = first + bucket_count;
    TableBucket* bucket = first + Home(hash);
    uint32_t vacant = bucket->Vacant();
    while (vacant == 0) [[unlikely]] {
        bucket->AddPassed();
        if (++bucket == end) bucket = first;
        vacant = bucket->Vacant();
      }
    const auto slot = static_cast<uint32_t>(std::countr_zero(vacant));
    bucket->Occupy(slot, entry, TableBucket::Fingerprint(hash));
    return {bucket, slot};
  }
  // Takes an entry of this hash out of its slot; the counts are the caller's.
  void Take(TableBucket* bucket, uint32_t slot, uint64_t hash) {
    bucket->Vacate(slot);
    TableBucket* const first = buckets();
    TableBucket* const end = first + bucket_count;
    for (TableBucket* passed = first + Home(hash); passed != bucket;) {
      passed->RemovePassed();
      if (++passed == end) passed = first;
    }
  }

  // A new segment without entries. `bucket_count` comes from the functions below.
  static TableSegment* New(uint32_t bucket_count, uint64_t prefix, int depth);
  static void Delete(TableSegment* segment);
  // What an empty table refers to: one vacant bucket, and no room for any entry. Never written.
  static TableSegment* Empty();

  // The next size up; beyond kBucketsMax it doubles.
  static uint32_t BucketsAfter(uint32_t bucket_count);
  // The smallest size in which `count` entries leave room for some more; at most kBucketsMax where
  // the segment can still be split.
  static uint32_t BucketsFor(size_t count, int depth);
};

static_assert(sizeof(TableSegment) == 64, "a header is one cache line");

}  // namespace torc
