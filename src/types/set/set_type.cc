// What the rest of Torc knows of sets.

#include "base/hash.h"
#include "store/relocate_trie.h"
#include "types/set/set.h"

namespace torc {
namespace {

std::string_view EncodingName(const Entry& entry) {
  switch (SetView(entry).encoding()) {
    case SetEncoding::kIntset:
      return "intset";
    case SetEncoding::kListpack:
      return "listpack";
    case SetEncoding::kHashtable:
      return "hashtable";
  }
  return "hashtable";
}

void FreeValue(Entry* entry) {
  SetValue::TakeFrom(entry);
}

void CopyValue(const Entry& from, Entry* to) {
  SetView(from).Clone().StoreIn(to);
}

bool Relocate(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) {
  const bool large = SetView(*entry).encoding() == SetEncoding::kHashtable;
  if (!large) {
    entry->set_value_box(mover.MoveUnshared(entry->value_box()));
    return false;
  }
  return RelocateTrie(entry, mover, place, items_max);
}

size_t OutsideBytes(const Entry& entry) {
  return SetView(entry).allocated_bytes();
}

size_t Length(const Entry& entry) {
  return SetView(entry).size();
}

int64_t ReferenceCount(const Entry& /*entry*/) {
  return 1;
}

uint64_t DigestValue(const Entry& entry, uint64_t seed) {
  uint64_t sum = 0;
  SetView(entry).ForEach([&](const CompactElement& member) {
    sum += HashBytes(CompactText(member).view(), seed);
    return true;
  });
  return sum ^ seed;
}

void PrefetchMember(const Entry& entry, std::string_view member) {
  const SetView set(entry);
  const bool is_trie = set.encoding() == SetEncoding::kHashtable;
  if (!is_trie) return CompactBlock::PrefetchBlock(entry.value_box());
  if (member.size() <= CompactBlock::kElementBytesMax) set.trie().Prefetch(CompactNeedle(member));
}

}  // namespace

const TypeOps kSetType = {.name = "set",
                          .encoding = EncodingName,
                          .free_value = FreeValue,
                          .copy_value = CopyValue,
                          .outside_bytes = OutsideBytes,
                          .length = Length,
                          .reference_count = ReferenceCount,
                          .digest = DigestValue,
                          .prefetch_part = PrefetchMember,
                          .relocate = Relocate,
                          .rdb_types = kSetRdbTypes,
                          .rdb_type = SetRdbType,
                          .save = SaveSet,
                          .load = LoadSet,
                          .hold = HoldSet,
                          .rebuild = RebuildSet};

}  // namespace torc
