#pragma once

// The table: a set of entries found by hash, for keyspaces of ten to a hundred million entries.
//
//   Table ──► directory ──► segment: | header | bucket | bucket | … |
//             (first bits of the hash)           (9 entries and 9 fingerprints in a cache line)
//
// The idea is Dash's (arXiv 2003.07302): open addressing within small segments under an extendible
// directory. Growing rebuilds or splits one segment of at most 527 entries, so that no insert does
// more than bounded work whatever the size of the table; shrinking rebuilds or merges likewise. See
// table_bucket.h, table_segment.h and table_directory.h for the layouts.
//
// Byte budget per entry: 64/9 = 7.1 bytes of bucket at a full load; segments are between 62 % and
// 93 % full while they grow, and their header adds 1.6 to 2.1 %: 7.8 bytes just before a segment
// grows, 11.7 just after a split, 9.4 on the average; the directory adds 0.02. Since not all
// segments grow at the same moment, a table of two thousand to ten million entries was measured
// at 9.5 on the average and 11.3 at worst. A table without entries is this object of 64 bytes; one
// to nine entries cost 128 bytes more, ten to eighteen 192.
//
// A search reads one directory word, one bucket (more, where it overflowed) and the entry.
//
// What was refused: a table with one hash array rehashed step by step (two arrays while it grows: a
// search looks in both, and memory peaks at three times); chaining (a pointer more for each entry);
// Dash's stash buckets (a search would have to look there whenever a bucket overflowed, and the
// scan in hash order is simpler without); fingerprints of two bytes (seven entries in a
// line).
//
// Ranks: each segment knows a lower bound of its entries' ranks (for a keyspace: deadlines), and
// segments that have one stand in a heap. So entries with a low rank are found without an index
// that is paid per entry.
//
// Entries belong to the caller. They may have any address below 2^48. One thread at a time.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/prefetch.h"
#include "ds/table_core.h"

namespace torc {

// Traits: `using Entry = …;`, `uint64_t Hash(const Entry*) const` and `uint64_t Rank(const Entry*)
// const` (kNoRank: none). Kept by value; may have state, such as the hash's seed.
template <class Traits>
class Table : private TableCore {
 public:
  using Entry = typename Traits::Entry;

  // Where an entry is. Dies with the next insert or erase.
  class Slot {
   public:
    Slot() = default;
    explicit operator bool() const { return bucket_ != nullptr; }
    Entry* entry() const { return static_cast<Entry*>(bucket_->entry(slot_)); }

   private:
    friend class Table;
    Slot(TableBucket* bucket, uint32_t slot) : bucket_(bucket), slot_(slot) {}
    TableBucket* bucket_ = nullptr;
    uint32_t slot_ = 0;
  };

  // A run of hashes whose entries are stored together. Dies with the next insert or erase.
  class SegmentView {
   public:
    // False in a table that never had an entry or lost its last one.
    explicit operator bool() const { return segment_ != TableSegment::Empty(); }
    size_t size() const { return segment_->count; }
    uint64_t first_hash() const { return segment_->prefix; }
    uint64_t last_hash() const { return segment_->last_hash(); }
    // A number of the caller's, 0 in a new table. Both halves of a split inherit it; segments whose
    // versions differ are not merged.
    uint32_t version() const { return segment_->version; }
    void set_version(uint32_t version) { segment_->version = version; }
    // fn(Entry*), in the same order until the next insert or erase.
    template <class Fn>
    void ForEach(Fn&& fn) const {
      for (uint32_t b = 0; b < segment_->bucket_count; ++b) EachIn(segment_->buckets()[b], fn);
    }

    // The same; fn(Entry*) answers where the entry is now: it may have moved in memory.
    template <class Fn>
    void Relocate(Fn&& fn) const {
      for (uint32_t b = 0; b < segment_->bucket_count; ++b) {
        TableBucket& bucket = segment_->buckets()[b];
        for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
          const auto slot = static_cast<uint32_t>(std::countr_zero(rest));
          auto* const entry = static_cast<Entry*>(bucket.entry(slot));
          if (Entry* const moved = fn(entry); moved != entry) bucket.Point(slot, moved);
        }
      }
    }

   private:
    friend class Table;
    explicit SegmentView(TableSegment* segment) : segment_(segment) {}
    TableSegment* segment_;
  };

  enum class Visit { kKeep, kErase };

  explicit Table(Traits traits = Traits()) : traits_(std::move(traits)) {}
  Table(Table&&) noexcept = default;
  Table& operator=(Table&&) noexcept = default;
  // Frees the table's own memory. The entries are the caller's: see Clear.
  ~Table() = default;

  using TableCore::size;
  bool empty() const { return size_ == 0; }
  // Memory of the table, without this object and without the entries.
  using TableCore::size_bytes;
  const Traits& traits() const { return traits_; }

  // Brings the lines that Find will read into the cache: first the bucket; when that has come, the
  // entry.
  void Prefetch(uint64_t hash) const { PrefetchLine(HomeBucket(TableCore::Find(hash), hash)); }
  // The same for what Insert will write.
  void PrefetchInsert(uint64_t hash) const {
    const DirectoryWord word = TableCore::Find(hash);
    PrefetchLine(word.segment());
    PrefetchLine(HomeBucket(word, hash));
  }
  void PrefetchEntry(uint64_t hash) const {
    const TableBucket* bucket = HomeBucket(TableCore::Find(hash), hash);
    const uint32_t match = bucket->Match(TableBucket::Fingerprint(hash));
    if (match == 0) return;
    // Entries are rarely smaller than a line and rarely begin with one: two lines are wanted.
    constexpr int kLineBytes = 64;
    const auto* const entry =
        static_cast<const char*>(bucket->entry(static_cast<uint32_t>(std::countr_zero(match))));
    PrefetchLine(entry);
    PrefetchLine(entry + kLineBytes);
  }

  // The entry of this hash for which eq(const Entry*) is true.
  template <class Eq>
  Slot Find(uint64_t hash, Eq&& eq) const {
    const DirectoryWord word = TableCore::Find(hash);
    const uint32_t bucket_count = word.bucket_count();
    TableBucket* const first = word.segment()->buckets();
    TableBucket* const home = first + TableSegment::HomeOf(hash, word.depth(), bucket_count);
    const uint8_t fingerprint = TableBucket::Fingerprint(hash);
    TableBucket* bucket = home;
    do {
      for (uint32_t match = bucket->Match(fingerprint); match != 0; match &= match - 1) {
        const auto slot = static_cast<uint32_t>(std::countr_zero(match));
        if (eq(static_cast<const Entry*>(bucket->entry(slot)))) [[likely]]
          return Slot(bucket, slot);
      }
      if (bucket->passed() == 0) [[likely]]
        return Slot();
      if (++bucket == first + bucket_count) bucket = first;
    } while (bucket != home);
    return Slot();
  }

  // Makes room for so many entries at once; moves those that are there about three times.
  void Reserve(size_t count) { TableCore::Reserve(count, Ops()); }
  // Gives back what was reserved for entries that never came.
  void Trim() { TableCore::Trim(Ops()); }
  // Adds an entry that is known to be absent.
  Slot Insert(uint64_t hash, Entry* entry) {
    TORC_DCHECK(drained_ == 0, "a table that is being drained takes nothing");
    directory_.work = 0;
    TableSegment* segment = SegmentOf(hash);
    if (segment->count >= segment->count_max) [[unlikely]]
      segment = Grow(hash, Ops());
    ++segment->count;
    ++size_;
    const auto [bucket, slot] = segment->Put(hash, entry);
    return Slot(bucket, slot);
  }
  // Lets the slot hold another entry of the same hash: one that moved in memory, or a new value of
  // its key.
  void Replace(Slot at, Entry* entry) { at.bucket_->Point(at.slot_, entry); }
  // Takes the entry out and returns it. Its memory may already hold another rank, but must still be
  // there.
  Entry* Erase(Slot at, uint64_t hash) {
    directory_.work = 0;
    Entry* const entry = at.entry();
    TableSegment* const segment = SegmentOf(hash);
    Unlink(segment, at.bucket_, at.slot_, hash);
    if (segment->count < segment->count_min) [[unlikely]]
      Shrink(hash, Ops());
    return entry;
  }
  // How many entries the last insert or erase moved, plus how many directory words it wrote.
  uint32_t last_operation_work() const { return work(); }

  // Calls visit(Entry*) for the entries of some of the next home buckets in hash order, and returns
  // the cursor from which to go on, below 2^39; 0 begins, and 0 returned ends. Between calls
  // anything may happen to the table: an entry that is there all the time is visited exactly once.
  // `visit` may not change the table.
  template <class Visitor>
  uint64_t Scan(uint64_t cursor, Visitor&& visit) const;

  // Says that the entry of this hash has a rank now. Traits::Rank must agree. A rank that went away
  // or rose need not be told: VisitLowest finds out.
  using TableCore::NoteRank;
  // At or below the lowest rank of all entries; kNoRank when none has one.
  using TableCore::least_rank;
  // Visits entries of the segment with the lowest rank, `budget` of them or a bucket more, and
  // learns its bound anew when the last has been seen; a visit cut short is resumed by the next
  // call, unless a lower segment comes first. decide(Entry*) says what becomes of an entry; one
  // that is erased goes to drop(Entry*), which owns it. Neither may touch the table. Returns how
  // many were visited.
  template <class Decide, class Drop>
  size_t VisitLowest(size_t budget, Decide&& decide, Drop&& drop);
  // The segment with the lowest rank; only when least_rank() is not kNoRank.
  SegmentView LowestRanked() const { return SegmentView(TableCore::LowestSegment()); }

  // A random entry, each with equal probability; null in an empty table.
  Entry* Sample(Rng& rng) const { return static_cast<Entry*>(SampleEntry(rng)); }
  // fn(Entry*) for up to `count_max` entries that are neighbours from a random place on, each at
  // most once. Much cheaper than as many Samples. Returns how many there were.
  template <class Fn>
  size_t SampleRun(Rng& rng, size_t count_max, Fn&& fn) const;
  // The same within a random segment that has a rank: all entries of some buckets, until
  // fn(Entry*) answers that it has enough or `count_max` were shown. Returns how many were.
  template <class Fn>
  size_t SampleRanked(Rng& rng, size_t count_max, Fn&& fn) const;

  // The segment of a hash. All segments: begin with SegmentAt(0) and go on with
  // SegmentAt(last_hash() + 1) until that is 0.
  SegmentView SegmentAt(uint64_t hash) const { return SegmentView(SegmentOf(hash)); }
  // fn(Entry*) for all, in hash order of segments.
  template <class Fn>
  void ForEach(Fn&& fn) const;

  // Hands up to `budget` entries to fn(Entry*), which owns them then, and returns how many are
  // left; at 0 the table is as new. In between only this, size, size_bytes and the destructor may
  // be called.
  template <class Fn>
  size_t FreeSome(size_t budget, Fn&& fn);
  // All at once.
  template <class Fn>
  void Clear(Fn&& fn) {
    FreeSome(~size_t{0}, fn);
  }

  // Recomputes everything and crashes on a difference. Slow.
  void CheckInvariants() const { CheckCore(Ops()); }

 private:
  static void Describe(const void* traits, void* const* entries, size_t count, uint64_t* hashes,
                       uint64_t* ranks);
  TableEntryOps Ops() const { return {&traits_, &Table::Describe}; }
  template <class Fn>
  static void EachIn(const TableBucket& bucket, Fn&& fn) {
    for (uint32_t rest = bucket.Occupied(); rest != 0; rest &= rest - 1) {
      fn(static_cast<Entry*>(bucket.entry(static_cast<uint32_t>(std::countr_zero(rest)))));
    }
  }
  static TableBucket* HomeBucket(DirectoryWord word, uint64_t hash) {
    return word.segment()->buckets() +
           TableSegment::HomeOf(hash, word.depth(), word.bucket_count());
  }
  void Unlink(TableSegment* segment, TableBucket* bucket, uint32_t slot, uint64_t hash) {
    segment->Take(bucket, slot, hash);
    --segment->count;
    --size_;
  }

  [[no_unique_address]] Traits traits_;
};

}  // namespace torc

#include "ds/table_walks.h"
