#pragma once

// The walks of table.h: scan, visits by rank, runs, draining. Included by it alone.

#include <algorithm>

#include "base/prefetch.h"
#include "ds/table.h"

namespace torc {

// Asked entry by entry, each hash would wait for its entry's cache line; so lines are fetched
// ahead.
template <class Traits>
void Table<Traits>::Describe(const void* traits, void* const* entries, size_t count,
                             uint64_t* hashes, uint64_t* ranks) {
  constexpr size_t kAhead = 12;
  const auto& of = *static_cast<const Traits*>(traits);
  for (size_t i = 0; i < std::min(count, kAhead); ++i) PrefetchLine(entries[i]);
  for (size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) PrefetchLine(entries[i + kAhead]);
    const auto* entry = static_cast<const Entry*>(entries[i]);
    hashes[i] = of.Hash(entry);
    if (ranks != nullptr) ranks[i] = of.Rank(entry);
  }
}

template <class Traits>
template <class Visitor>
uint64_t Table<Traits>::Scan(uint64_t cursor, Visitor&& visit) const {
  constexpr uint32_t kHomesMax = 16;
  constexpr int kShift = 64 - kTablePositionBits;
  TableSegment* const segment = SegmentOf(cursor << kShift);
  const uint32_t n = segment->bucket_count;
  uint32_t home = segment->Home(cursor << kShift);
  bool any = false;
  for (uint32_t homes = 0; home < n && !any && homes < kHomesMax; ++homes) {
    const uint64_t next = segment->PositionAfter(home);
    for (uint32_t step = 0, b = home; step < n; ++step) {
      const TableBucket& bucket = segment->buckets()[b];
      EachIn(bucket, [&](Entry* entry) {
        const uint64_t position = traits_.Hash(entry) >> kShift;
        if (position < cursor || position >= next) return;
        any = true;
        visit(entry);
      });
      if (bucket.passed() == 0) break;
      if (++b == n) b = 0;
    }
    cursor = next;
    ++home;
  }
  return cursor == uint64_t{1} << kTablePositionBits ? 0 : cursor;
}

template <class Traits>
template <class Decide, class Drop>
size_t Table<Traits>::VisitLowest(size_t budget, Decide&& decide, Drop&& drop) {
  TableSegment* const segment = LowestSegment();
  if (segment == nullptr) return 0;
  directory_.work = 0;
  if (segment->visited_buckets == 0) segment->visited_rank = kNoRank;
  const uint32_t n = segment->bucket_count;
  size_t visited = 0;
  while (segment->visited_buckets < n && visited < budget) {
    const uint32_t b = segment->visited_buckets++;
    TableBucket* const bucket = segment->buckets() + b;
    if (b + 1 < n) EachIn(bucket[1], [](Entry* entry) { PrefetchLine(entry); });
    for (uint32_t rest = bucket->Occupied(); rest != 0; rest &= rest - 1) {
      const auto slot = static_cast<uint32_t>(std::countr_zero(rest));
      auto* const entry = static_cast<Entry*>(bucket->entry(slot));
      ++visited;
      if (decide(entry) == Visit::kErase) {
        Unlink(segment, bucket, slot, traits_.Hash(entry));
        drop(entry);
      } else {
        segment->visited_rank = std::min(segment->visited_rank, traits_.Rank(entry));
      }
    }
  }
  if (segment->visited_buckets == n) {
    FinishVisit(segment);
    if (segment->count < segment->count_min) Shrink(segment->prefix, Ops());
  }
  return visited;
}

template <class Traits>
template <class Fn>
size_t Table<Traits>::SampleRun(Rng& rng, size_t count_max, Fn&& fn) const {
  const size_t count = std::min(count_max, size_);
  if (count == 0) return 0;
  const uint64_t hash = rng.Next();
  const TableSegment* segment = SegmentOf(hash);
  uint32_t b = segment->Home(hash);
  size_t given = 0;
  // A run begins anywhere in its first bucket, since the slots of a bucket are not alike: the low
  // ones are filled first.
  uint32_t passed = ~uint32_t{0} << (hash & 0xffff) * TableBucket::kSlots / 0x10000;
  for (;;) {
    const TableBucket& bucket = segment->buckets()[b];
    const uint32_t occupied = bucket.Occupied();
    uint32_t rest = size_ <= count_max ? occupied : occupied & passed;
    passed = ~uint32_t{0};
    for (; rest != 0; rest &= rest - 1) {
      fn(static_cast<Entry*>(bucket.entry(static_cast<uint32_t>(std::countr_zero(rest)))));
      if (++given == count) return given;
    }
    if (++b == segment->bucket_count) {
      segment = SegmentOf(segment->last_hash() + 1);
      b = 0;
    }
  }
}

template <class Traits>
template <class Fn>
size_t Table<Traits>::SampleRanked(Rng& rng, size_t count_max, Fn&& fn) const {
  const TableSegment* segment = RandomRankedSegment(rng);
  if (segment == nullptr) return 0;
  const auto first = static_cast<uint32_t>(rng.Below(segment->bucket_count));
  size_t shown = 0;
  for (uint32_t i = 0; i < segment->bucket_count && shown < count_max; ++i) {
    const TableBucket& bucket = segment->buckets()[(first + i) % segment->bucket_count];
    EachIn(bucket, [](Entry* entry) { PrefetchLine(entry); });
    for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
      ++shown;
      if (!fn(static_cast<Entry*>(bucket.entry(static_cast<uint32_t>(std::countr_zero(rest))))))
        return shown;
    }
  }
  return shown;
}

template <class Traits>
template <class Fn>
void Table<Traits>::ForEach(Fn&& fn) const {
  uint64_t hash = 0;
  do {
    const SegmentView segment = SegmentAt(hash);
    segment.ForEach(fn);
    hash = segment.last_hash() + 1;
  } while (hash != 0);
}

template <class Traits>
template <class Fn>
size_t Table<Traits>::FreeSome(size_t budget, Fn&& fn) {
  ranks_.reset();
  while (size_ > 0) {
    TableSegment* const segment = SegmentOf(drained_);
    for (uint32_t b = 0; b < segment->bucket_count && segment->count > 0; ++b) {
      TableBucket& bucket = segment->buckets()[b];
      for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
        if (budget-- == 0) return size_;
        const auto slot = static_cast<uint32_t>(std::countr_zero(rest));
        auto* const entry = static_cast<Entry*>(bucket.entry(slot));
        bucket.Vacate(slot);
        --segment->count;
        --size_;
        fn(entry);
      }
    }
    DropSegment(segment);
  }
  Reset();
  return 0;
}

}  // namespace torc
