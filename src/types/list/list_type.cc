// What the rest of the system knows of lists.

#include <new>

#include "base/hash.h"
#include "base/memory.h"
#include "base/share_count.h"
#include "persist/rdb_format.h"
#include "types/list/list.h"

namespace torc {
namespace {

bool IsSmall(const Entry& entry) {
  return ListView(entry).small();
}

LargeList* LargeOf(const Entry& entry) {
  return static_cast<LargeList*>(entry.value_box());
}

std::string_view EncodingName(const Entry& entry) {
  return IsSmall(entry) ? "listpack" : "quicklist";
}

void FreeValue(Entry* entry) {
  if (IsSmall(*entry)) return UnrefBlock(static_cast<ListBlock*>(entry->value_box()));
  DeleteLargeList(LargeOf(*entry));
}

void CopyValue(const Entry& from, Entry* to) {
  if (IsSmall(from)) {
    auto* const block = static_cast<ListBlock*>(from.value_box());
    ShareCount::Add(block->refs);
    return to->set_value_box(block);
  }
  LargeList* const large = LargeOf(from);
  to->set_value_box(new (Allocate(sizeof(LargeList)))
                        LargeList{large->tree.Clone(), large->block_count, large->block_bytes});
}

// `place` is the index of an element.
bool Relocate(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) {
  if (ListView(*entry).small()) {
    entry->set_value_box(mover.MoveUnshared(entry->value_box()));
    return false;
  }
  if (*place == 0) entry->set_value_box(mover.Move(entry->value_box()));
  ListTree& tree = static_cast<LargeList*>(entry->value_box())->tree;
  for (const uint64_t enough = *place + items_max; *place < enough && *place < tree.weight();) {
    bool own = false;
    const uint64_t end = tree.RelocateNodes(
        *place, [&](void* node) { return mover.Move(node); }, &own);
    for (ListTree::Cursor at = tree.At(*place); own && *place < end; tree.Next(at)) {
      ListItem item = at.item();
      *place += item.count;
      auto* const moved = static_cast<ListBlock*>(mover.MoveUnshared(item.block));
      if (moved == item.block) continue;
      item.block = moved;
      tree.Replace(at, item);
    }
    *place = end;
  }
  return *place < tree.weight();
}

size_t OutsideBytes(const Entry& entry) {
  return ListView(entry).outside_bytes();
}

size_t Length(const Entry& entry) {
  return ListView(entry).size();
}

int64_t ReferenceCount(const Entry& /*entry*/) {
  return 1;
}

uint64_t Digest(const Entry& entry, uint64_t seed) {
  for (ListWalk walk(ListView(entry), 0, ListWalk::Direction::kForward); !walk.AtEnd();
       walk.Next()) {
    seed = HashBytes(PackedText(walk.element()).view(), seed);
  }
  return seed;
}

}  // namespace

const TypeOps kListType = {
    .name = "list",
    .encoding = EncodingName,
    .free_value = FreeValue,
    .copy_value = CopyValue,
    .outside_bytes = OutsideBytes,
    .length = Length,
    .reference_count = ReferenceCount,
    .digest = Digest,
    .relocate = Relocate,
    .rdb_types = RdbTypes(
        {RdbType::kList, RdbType::kListZiplist, RdbType::kListQuicklist, RdbType::kListQuicklist2}),
    .rdb_type = ListRdbType,
    .save = SaveList,
    .load = LoadList,
    .hold = HoldList,
    .rebuild = RebuildList};

}  // namespace torc
