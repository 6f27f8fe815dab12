#pragma once

// RecordTrie: many records found by their key, what large sets and hashes are made of.
//
//   root ─► branch ┬► leaf: a block of the records whose keys' hashes begin with 0000
//   (links by the  ├► branch ┬► leaf: …0001 0000
//    first 4 bits) ├► leaf   ├► leaf: …0001 0001
//                  │  …      │  …
//
// A branch has 16 links, chosen by the next four bits of the key's hash. A leaf is a compact block
// of records in any order (ds/record_block.h), searched from its front; one with more than
// kLeafRecordsMax records or kLeafBytesMax bytes becomes a branch, and a branch with few records
// becomes a leaf again.
//
// - Every branch counts the records below each link, so the n-th record is found in O(log n): that
//   makes a fair random choice.
// - Walks go in the order of the hashes. A scan's cursor is a prefix of them, below 2^52: whatever
//   splits or merges in between, each record that was there all the time is seen.
// - Clone is O(1): nodes are reference-counted, and a writer copies the shared ones on its way.
// - Every branch knows a rank at or below the least below it: TakeDue visits only what is due.
//
// Bytes beyond the elements themselves: 13 and the class's rounding for a leaf, 12 for its link and
// count; 8 to 17 a record with a value, as leaves fill and split together. Considered and refused:
// a B+-tree ordered by (hash, key) with a node for each record (22 bytes an item there, an
// allocation each, and a dozen cache lines a search at a million), and a hash table with chains (no
// O(1) clone, no stable cursors).
//
// One thread at a time may use a trie and all its clones.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "ds/record_block.h"

namespace torc {

class BlockMover;

class RecordTrie {
  struct Branch;
  // 0: nothing. Else a Branch, with the lowest bit set, or a block.
  using Link = uintptr_t;

 public:
  using Place = RecordView::Place;
  static constexpr uint32_t kLeafRecordsMax = 32;
  static constexpr uint32_t kLeafBytesMax = 512;
  static constexpr int kCursorBits = 52;

  // Where a record is; dies with the next write.
  struct Record {
    RecordView leaf;
    Place at = 0;
    explicit operator bool() const { return at < leaf.End(); }
    CompactElement key() const { return leaf.Key(at); }
    CompactElement value() const { return leaf.Value(at); }
    int64_t rank() const { return leaf.Rank(at); }
  };

  explicit RecordTrie(uint64_t hash_seed) : seed_(hash_seed) {}
  RecordTrie(RecordTrie&& other) noexcept { *this = std::move(other); }
  RecordTrie& operator=(RecordTrie&& other) noexcept;
  ~RecordTrie() { Unref(root_); }
  RecordTrie Clone() const;

  uint64_t size() const { return size_; }
  // Memory of all nodes, those shared with clones included.
  size_t size_bytes() const { return node_bytes_; }
  // At or below the least rank; kNoLeastRank if there is none.
  int64_t least_rank() const { return least_rank_; }

  Record Find(const CompactNeedle& key) const;
  // Asks for the leaf in which Find would look; reads the branches on the way.
  void Prefetch(const CompactNeedle& key) const;
  // The record at this position in the order of walks; position < size().
  Record At(uint64_t position) const;

  // Adds a record without a rank; returns false, and changes nothing, if the key is there. A trie
  // has values or has not: `value` is null always or never.
  bool Add(const CompactNeedle& key, const CompactNeedle* value);
  // Sets the value of a key, new or there already; returns whether it is new.
  enum class KeepRank : uint8_t { kNo, kYes };
  bool Put(const CompactNeedle& key, const CompactNeedle& value, KeepRank keep_rank);
  // Returns false if the key is not there.
  bool Erase(const CompactNeedle& key);
  void EraseAt(uint64_t position);
  // Sets or (kUnranked) removes the rank of a key; false if the key is not there.
  bool SetRank(const CompactNeedle& key, int64_t rank);
  // Removes records with a rank below `limit`, about `budget` at most, giving each key to `taken`
  // before; returns how many. When it returns less than the budget nothing is due any more, and
  // least_rank is exact.
  size_t TakeDue(int64_t limit, size_t budget,
                 const std::function<void(const CompactElement&)>& taken);

  // fn(RecordView, Place) -> bool for all records; it ends the walk by returning false.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    Walk(root_, fn);
  }
  // Calls fn like ForEach for the records at the cursor, some dozens, and returns the next cursor;
  // 0 after the last. Starts at 0; any other number is taken as good as it goes.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, Fn&& fn) const;

  // Lets go of about `budget` records and returns whether any are left; in between only this and
  // the destructor may be called.
  bool FreeSome(size_t budget);
  // fn(RecordView, Place) for the next records in the order of walks, a leaf or more until it was
  // `budget` records; lets go of each leaf behind it, and returns whether any are left. So what a
  // clone shares with the trie it was made of becomes that trie's own again as the clone is read.
  // In between only this, FreeSome and the destructor may be called.
  template <class Fn>
  bool DrainSome(size_t budget, Fn&& fn);
  // Offers the nodes at the cursor, some dozens of records, to the mover, and returns the next
  // cursor, as Scan does. What clones share stays where it is.
  uint64_t Relocate(uint64_t cursor, BlockMover& mover);
  // Walks the whole trie and crashes on a broken invariant.
  void CheckInvariants() const;

 private:
  static constexpr int kDepthMax = 16;  // of links: all bits of a hash are used up
  static constexpr uint32_t kMergeRecordsMax = 8;
  static constexpr uint32_t kMergeBytesMax = 128;

  struct Branch {
    uint32_t refs;
    uint32_t count;  // of records below
    int64_t least_rank;
    std::array<Link, 16> links;
    std::array<uint32_t, 16> counts;  // below each link
  };
  // The way to a leaf, or to an empty link.
  struct Path {
    Link* link;
    int depth = 0;
    std::array<Branch*, kDepthMax> branches;
    std::array<uint8_t, kDepthMax> indexes;
  };
  struct Totals {
    uint32_t count = 0;
    int64_t least_rank = kNoLeastRank;
    size_t node_bytes = 0;
  };

  static bool IsBranch(Link link) { return (link & 1) != 0; }
  static Branch* AsBranch(Link link) { return reinterpret_cast<Branch*>(link - 1); }
  static Link LinkTo(Branch* branch) { return reinterpret_cast<uintptr_t>(branch) + 1; }
  static Link LinkTo(CompactBlock block) { return reinterpret_cast<uintptr_t>(block.Release()); }
  static void* BlockOf(Link link) { return reinterpret_cast<void*>(link); }
  static RecordView Leaf(Link link) { return RecordView(CompactView(BlockOf(link))); }
  static uint32_t IndexAt(uint64_t hash, int depth) {
    return static_cast<uint32_t>(hash >> (60 - 4 * depth)) & 15;
  }
  static constexpr uint64_t kCursorMask = (uint64_t{1} << kCursorBits) - 1;
  // When all hashes that begin with the same `depth` digits as the cursor have been seen.
  static uint64_t CursorBehind(uint64_t cursor, int depth) {
    const uint64_t seen = (uint64_t{1} << (kCursorBits - 4 * depth)) - 1;
    return ((cursor | seen) + 1) & kCursorMask;
  }
  static void Ref(Link link);
  static void Unref(Link link);

  static Branch* OwnBranch(Link* link);
  Link* OwnFirstLeaf();
  Path PathTo(uint64_t hash);
  Path PathToPosition(uint64_t* position);
  void Own(Path& path);
  template <class Edit>
  void EditLeaf(Path& path, Edit&& edit);
  void AddCount(Path& path, int32_t change);
  void MakeRoom(Path& path, uint64_t hash, size_t added_bytes);
  void AddNew(Path& path, const CompactNeedle& key, const CompactNeedle* value);
  void EraseAt(Path& path, Place at);
  void SetRankAt(Path& path, Place at, int64_t rank);
  static bool IsOverfull(RecordView leaf, int depth);
  void SplitIfOverfull(Path& path);
  Link Split(CompactBlock leaf, int depth);
  void MergeUp(Path& path);
  static bool Mergeable(const Branch& branch);
  static CompactBlock Merge(const Branch& branch);
  struct Sweep;
  Totals SweepLink(Link* link, Sweep* sweep);
  Totals SweepLeaf(Link* link, Sweep* sweep);
  Totals CheckLink(Link link, uint64_t prefix, int depth) const;

  template <class Fn>
  static bool Walk(Link link, Fn& fn) {
    if (IsBranch(link)) {
      for (const Link child : AsBranch(link)->links) {
        if (!Walk(child, fn)) return false;
      }
      return true;
    }
    const RecordView leaf = Leaf(link);
    for (Place at = leaf.Begin(); at < leaf.End(); at = leaf.Next(at)) {
      if (!fn(leaf, at)) return false;
    }
    return true;
  }

  Link root_ = 0;
  uint64_t size_ = 0;
  size_t node_bytes_ = 0;
  int64_t least_rank_ = kNoLeastRank;
  uint64_t seed_ = 0;
};

template <class Fn>
bool RecordTrie::DrainSome(size_t budget, Fn&& fn) {
  while (root_ != 0 && budget > 0) {
    Link* const link = OwnFirstLeaf();
    const RecordView leaf = Leaf(*link);
    for (Place at = leaf.Begin(); at < leaf.End(); at = leaf.Next(at)) fn(leaf, at);
    budget -= budget < leaf.count() ? budget : leaf.count();
    Unref(std::exchange(*link, 0));
  }
  if (root_ != 0) return true;
  *this = RecordTrie(seed_);
  return false;
}

template <class Fn>
uint64_t RecordTrie::Scan(uint64_t cursor, Fn&& fn) const {
  cursor &= kCursorMask;
  Link link = root_;
  int depth = 0;
  for (; IsBranch(link) && depth < kCursorBits / 4; ++depth) {
    link = AsBranch(link)->links[IndexAt(cursor << (64 - kCursorBits), depth)];
  }
  Walk(link, fn);
  return CursorBehind(cursor, depth);
}

}  // namespace torc
