#pragma once

// The large form of a sorted set.
//
//   by_score    B+-tree of {score, member}       16 bytes an item, 22.5 when inserted anywhere
//   by_member   B+-tree of {tag, member}          8 bytes an item, 11.3
//   member      | score | refs | size | bytes |   16 bytes before the text
//
// A tag is 20 bits of the member's hash. by_member is in order of tags: a search goes down to the
// first of its tag and compares members from there on, 1 + n / 2^21 of them on average. The tag and
// the pointer share 64 bits, as members lie at multiples of 16 and addresses have 48 bits.
//
// Members are counted by the leaves of by_score that hold them, and read only while there is more
// than one. by_member counts nothing: what it refers to is in by_score of the same set.
//
// Considered and refused: a record trie for the index (the member's text twice), a hash table (it
// cannot be cloned in O(1)), no index but the score in the key of a hash (two look-ups).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/share_count.h"
#include "ds/compact_block.h"
#include "ds/cow_tree.h"

namespace torc {

class BlockMover;

struct ZsetMember {
  double score;
  uint32_t refs;
  uint32_t size_bytes;

  std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), size_bytes}; }
};
ZsetMember* NewMember(std::string_view text, double score);
void UnrefMember(ZsetMember* member);

struct ScoreTreeTraits {
  struct Item {
    double score;
    ZsetMember* member;
  };
  static uint64_t Weight(const Item& /*item*/) { return 1; }
  static void Retain(const Item& item) { ShareCount::Add(item.member->refs); }
  static void Release(const Item& item) { UnrefMember(item.member); }
};
using ScoreTree = CowTree<ScoreTreeTraits>;

struct TagTreeTraits {
  struct Item {
    uint64_t bits;
    uint32_t tag() const { return static_cast<uint32_t>(bits >> 44); }
    ZsetMember* member() const {
      constexpr uint64_t kPointerMask = (uint64_t{1} << 44) - 1;
      return reinterpret_cast<ZsetMember*>((bits & kPointerMask) << 4);
    }
  };
  static uint64_t Weight(const Item& /*item*/) { return 1; }
  static void Retain(const Item& /*item*/) {}
  static void Release(const Item& /*item*/) {}
};
using TagTree = CowTree<TagTreeTraits>;

struct LargeZset {
  // Where a member is in the index, or would be put.
  struct Place {
    TagTree::Cursor cursor;
    uint32_t tag = 0;
    ZsetMember* member = nullptr;  // null: not there
  };

  explicit LargeZset(uint64_t seed) : hash_seed(seed) {}
  // Another set with the same members; they are shared until one of both is written.
  LargeZset Clone() const;

  static constexpr uint32_t kTagCount = 1U << 20;
  uint32_t TagOf(std::string_view text) const;
  Place Find(std::string_view text) const;
  ZsetMember* FindMember(std::string_view text) const;
  ScoreTree::Cursor PlaceOf(double score, std::string_view text) const;

  // The member is not there, as `place` says.
  void Insert(Place& place, std::string_view text, double score);
  // The member is there.
  void SetScore(Place& place, double score);
  void Erase(Place& place);
  // Removes the element at the cursor, which moves to the next one.
  void EraseAt(ScoreTree::Cursor& at);
  // Adds a member that comes after all others in order and is not there.
  void Append(std::string_view text, double score);

  // As TypeOps::relocate: first what is in order of scores, then the index.
  bool Relocate(BlockMover& mover, uint64_t* place, size_t items_max);

  void CheckInvariants() const;
  size_t outside_bytes() const;

  ScoreTree by_score;
  TagTree by_member;
  size_t member_bytes = 0;  // allocated for all members
  uint64_t hash_seed;

 private:
  TagTree::Cursor IndexOf(const ZsetMember* member) const;
  void RelocateMembers(BlockMover& mover, uint64_t from, uint64_t to);
};

LargeZset* NewLargeZset(uint64_t hash_seed);
void DeleteLargeZset(LargeZset* zset);

}  // namespace torc
