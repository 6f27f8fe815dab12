#include "types/zset/zset_large.h"

#include <cstring>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

TagTreeTraits::Item TagItem(uint32_t tag, const ZsetMember* member) {
  const auto address = reinterpret_cast<uintptr_t>(member);
  TORC_DCHECK(address % 16 == 0, "members lie at multiples of 16");
  TORC_DCHECK(address >> 48 == 0, "addresses have 48 bits");
  return {uint64_t{tag} << 44 | address >> 4};
}

size_t AllocatedFor(std::string_view text) {
  return AllocationSize(sizeof(ZsetMember) + text.size());
}

}  // namespace

ZsetMember* NewMember(std::string_view text, double score) {
  auto* member = new (Allocate(sizeof(ZsetMember) + text.size())) ZsetMember;
  member->score = score;
  member->refs = 1;
  member->size_bytes = static_cast<uint32_t>(text.size());
  if (!text.empty()) std::memcpy(member + 1, text.data(), text.size());
  return member;
}

void UnrefMember(ZsetMember* member) {
  if (ShareCount::Drop(member->refs)) Free(member);
}

LargeZset LargeZset::Clone() const {
  LargeZset clone(hash_seed);
  clone.by_score = by_score.Clone();
  clone.by_member = by_member.Clone();
  clone.member_bytes = member_bytes;
  return clone;
}

uint32_t LargeZset::TagOf(std::string_view text) const {
  return static_cast<uint32_t>(HashBytes(text, hash_seed) >> 44);
}

LargeZset::Place LargeZset::Find(std::string_view text) const {
  Place place;
  place.tag = TagOf(text);
  place.cursor =
      by_member.LowerBound([&](const TagTreeTraits::Item& item) { return item.tag() < place.tag; });
  while (!place.cursor.at_end() && place.cursor.item().tag() == place.tag) {
    ZsetMember* const member = place.cursor.item().member();
    if (member->text() == text) {
      place.member = member;
      break;
    }
    by_member.Next(place.cursor);
  }
  return place;
}

ZsetMember* LargeZset::FindMember(std::string_view text) const {
  return Find(text).member;
}

ScoreTree::Cursor LargeZset::PlaceOf(double score, std::string_view text) const {
  return by_score.LowerBound([&](const ScoreTreeTraits::Item& item) {
    return item.score < score || (item.score == score && item.member->text() < text);
  });
}

void LargeZset::Insert(Place& place, std::string_view text, double score) {
  ZsetMember* const member = NewMember(text, score);
  member_bytes += AllocatedFor(text);
  by_member.Insert(place.cursor, TagItem(place.tag, member));
  ScoreTree::Cursor at = PlaceOf(score, text);
  by_score.Insert(at, {score, member});
}

void LargeZset::SetScore(Place& place, double score) {
  ScoreTree::Cursor at = PlaceOf(place.member->score, place.member->text());
  ZsetMember* member = by_score.Erase(at).member;
  // Only now, with the path its own, is it known whether a clone holds the member too.
  if (ShareCount::IsOne(member->refs)) {
    member->score = score;
  } else {
    ZsetMember* const shared = std::exchange(member, NewMember(member->text(), score));
    by_member.Replace(place.cursor, TagItem(place.tag, member));
    UnrefMember(shared);
  }
  at = PlaceOf(score, member->text());
  by_score.Insert(at, {score, member});
}

void LargeZset::Erase(Place& place) {
  member_bytes -= AllocatedFor(place.member->text());
  by_member.Erase(place.cursor);
  ScoreTree::Cursor at = PlaceOf(place.member->score, place.member->text());
  UnrefMember(by_score.Erase(at).member);
}

TagTree::Cursor LargeZset::IndexOf(const ZsetMember* member) const {
  const uint32_t tag = TagOf(member->text());
  TagTree::Cursor at =
      by_member.LowerBound([tag](const TagTreeTraits::Item& item) { return item.tag() < tag; });
  while (at.item().member() != member) by_member.Next(at);
  return at;
}

void LargeZset::EraseAt(ScoreTree::Cursor& at) {
  ZsetMember* const member = at.item().member;
  member_bytes -= AllocatedFor(member->text());
  TagTree::Cursor index = IndexOf(member);
  by_member.Erase(index);
  by_score.Erase(at);
  UnrefMember(member);
}

void LargeZset::Append(std::string_view text, double score) {
  ZsetMember* const member = NewMember(text, score);
  member_bytes += AllocatedFor(text);
  const uint32_t tag = TagOf(text);
  TagTree::Cursor index =
      by_member.LowerBound([tag](const TagTreeTraits::Item& item) { return item.tag() < tag; });
  by_member.Insert(index, TagItem(tag, member));
  ScoreTree::Cursor at = by_score.End();
  by_score.Insert(at, {score, member});
}

// The members of one leaf of by_score, which is this set's alone.
void LargeZset::RelocateMembers(BlockMover& mover, uint64_t from, uint64_t to) {
  ScoreTree::Cursor at = by_score.At(from);
  for (; from < to; ++from, by_score.Next(at)) {
    ZsetMember* const member = at.item().member;
    if (!ShareCount::IsOne(member->refs)) continue;
    TagTree::Cursor index = IndexOf(member);
    auto* const moved = static_cast<ZsetMember*>(mover.Move(member));
    if (moved == member) continue;
    by_member.Replace(index, TagItem(index.item().tag(), moved));
    by_score.Replace(at, {moved->score, moved});
  }
}

bool LargeZset::Relocate(BlockMover& mover, uint64_t* place, size_t items_max) {
  constexpr uint64_t kInIndex = uint64_t{1} << 63;
  const auto move = [&](void* node) { return mover.Move(node); };
  const uint64_t weight = by_score.weight();
  bool own = false;
  for (size_t done = 0; done < items_max;) {
    const uint64_t from = *place & ~kInIndex;
    const bool in_index = (*place & kInIndex) != 0;
    if (from >= weight) {
      if (in_index) return false;
      *place = kInIndex;
      continue;
    }
    const uint64_t to = in_index ? by_member.RelocateNodes(from, move, &own)
                                 : by_score.RelocateNodes(from, move, &own);
    if (own && !in_index) RelocateMembers(mover, from, to);
    done += own ? to - from : 1;
    *place = to | (*place & kInIndex);
  }
  return true;
}

void LargeZset::CheckInvariants() const {
  by_score.CheckInvariants();
  by_member.CheckInvariants();
  TORC_CHECK(by_score.weight() == by_member.weight(), "every member is in both trees");
  const ZsetMember* before = nullptr;
  size_t bytes = 0;
  by_score.ForEach([&](const ScoreTreeTraits::Item& item) {
    TORC_CHECK(item.score == item.member->score, "a member has the score it is ordered by");
    TORC_CHECK(FindMember(item.member->text()) == item.member, "the index finds each member");
    TORC_CHECK(before == nullptr || before->score < item.score ||
                   (before->score == item.score && before->text() < item.member->text()),
               "members are in order");
    before = item.member;
    bytes += AllocatedFor(item.member->text());
  });
  TORC_CHECK(bytes == member_bytes, "the bytes of all members are counted");
}

size_t LargeZset::outside_bytes() const {
  static const size_t kBoxBytes = AllocationSize(sizeof(LargeZset));
  return kBoxBytes + by_score.size_bytes() + by_member.size_bytes() + member_bytes;
}

LargeZset* NewLargeZset(uint64_t hash_seed) {
  return new (Allocate(sizeof(LargeZset))) LargeZset(hash_seed);
}

void DeleteLargeZset(LargeZset* zset) {
  zset->~LargeZset();
  Free(zset);
}

}  // namespace torc
