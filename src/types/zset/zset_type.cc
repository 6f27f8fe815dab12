// What the rest of the system knows of sorted sets.

#include <cstring>
#include <new>

#include "base/hash.h"
#include "base/memory.h"
#include "persist/rdb_format.h"
#include "types/zset/zset.h"

namespace torc {
namespace {

std::string_view EncodingName(const Entry& entry) {
  return ZsetView(entry).small() ? "listpack" : "skiplist";
}

void FreeValue(Entry* entry) {
  const ZsetView zset(*entry);
  if (zset.small()) return CompactBlock::ReleaseBlock(entry->value_box());
  DeleteLargeZset(&zset.large());
}

void CopyValue(const Entry& from, Entry* to) {
  const ZsetView zset(from);
  if (zset.small()) {
    CompactBlock::RetainBlock(from.value_box());
    return to->set_value_box(from.value_box());
  }
  to->set_value_box(new (Allocate(sizeof(LargeZset))) LargeZset(zset.large().Clone()));
}

bool Relocate(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) {
  if (ZsetView(*entry).small()) {
    entry->set_value_box(mover.MoveUnshared(entry->value_box()));
    return false;
  }
  if (*place == 0) entry->set_value_box(mover.Move(entry->value_box()));
  return ZsetView(*entry).large().Relocate(mover, place, items_max);
}

size_t OutsideBytes(const Entry& entry) {
  return ZsetView(entry).outside_bytes();
}

size_t Length(const Entry& entry) {
  return ZsetView(entry).size();
}

int64_t ReferenceCount(const Entry& /*entry*/) {
  return 1;
}

uint64_t Digest(const Entry& entry, uint64_t seed) {
  for (ZsetWalk walk(ZsetView(entry), 0, ZsetWalk::Direction::kForward); !walk.AtEnd();
       walk.Next()) {
    const ZsetElement element = walk.element();
    const double score = element.score == 0 ? 0 : element.score;  // small sets know no -0
    char bytes[sizeof(score)];
    std::memcpy(bytes, &score, sizeof(score));
    seed = HashBytes(CompactText(element.member).view(), seed);
    seed = HashBytes({bytes, sizeof(bytes)}, seed);
  }
  return seed;
}

}  // namespace

const TypeOps kZsetType = {
    .name = "zset",
    .encoding = EncodingName,
    .free_value = FreeValue,
    .copy_value = CopyValue,
    .outside_bytes = OutsideBytes,
    .length = Length,
    .reference_count = ReferenceCount,
    .digest = Digest,
    .relocate = Relocate,
    .rdb_types = RdbTypes({RdbType::kSortedSetText, RdbType::kSortedSet, RdbType::kSortedSetZiplist,
                           RdbType::kSortedSetListpack}),
    .rdb_type = ZsetRdbType,
    .save = SaveZset,
    .load = LoadZset,
    .hold = HoldZset,
    .rebuild = RebuildZset};

}  // namespace torc
