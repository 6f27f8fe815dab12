// What the rest of Torc knows of hashes.

#include "base/hash.h"
#include "store/relocate_trie.h"
#include "types/hash/hash.h"

namespace torc {
namespace {

std::string_view EncodingName(const Entry& entry) {
  const HashView hash(entry);
  if (hash.is_trie()) return "hashtable";
  return hash.records().parts() == kKeyValueRank ? "listpackex" : "listpack";
}

void FreeValue(Entry* entry) {
  HashValue::TakeFrom(entry);
}

void CopyValue(const Entry& from, Entry* to) {
  HashView(from).Clone().StoreIn(to);
  if (from.has_parts_deadline()) to->set_parts_deadline_ms(from.parts_deadline_ms());
}

bool Relocate(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) {
  if (!HashView(*entry).is_trie()) {
    entry->set_value_box(mover.MoveUnshared(entry->value_box()));
    return false;
  }
  return RelocateTrie(entry, mover, place, items_max);
}

size_t OutsideBytes(const Entry& entry) {
  return HashView(entry).allocated_bytes();
}

size_t Length(const Entry& entry) {
  return HashView(entry).size();
}

int64_t ReferenceCount(const Entry& /*entry*/) {
  return 1;
}

uint64_t DigestValue(const Entry& entry, uint64_t seed) {
  uint64_t sum = 0;
  HashView(entry).ForEach([&](const RecordView& records, RecordView::Place at) {
    uint64_t digest = HashBytes(CompactText(records.Key(at)).view(), seed);
    digest = HashBytes(CompactText(records.Value(at)).view(), digest);
    const int64_t deadline_ms = records.Rank(at);
    if (deadline_ms != kUnranked) {
      digest =
          HashBytes({reinterpret_cast<const char*>(&deadline_ms), sizeof(deadline_ms)}, digest);
    }
    sum += digest;
    return true;
  });
  return sum ^ seed;
}

void PrefetchField(const Entry& entry, std::string_view field) {
  const HashView hash(entry);
  if (!hash.is_trie()) return CompactBlock::PrefetchBlock(entry.value_box());
  if (field.size() <= CompactBlock::kElementBytesMax) hash.trie().Prefetch(CompactNeedle(field));
}

size_t TakeDueParts(Entry* entry, UnixMs now, size_t parts_max,
                    const std::function<void(std::string_view)>& taken) {
  HashValue hash = HashValue::TakeFrom(entry);
  const size_t count = hash.TakeDue(now.value(), parts_max, taken);
  entry->set_parts_deadline_ms(hash.view().least_deadline_ms());
  hash.StoreIn(entry);
  return count;
}

}  // namespace

const TypeOps kHashType = {.name = "hash",
                           .encoding = EncodingName,
                           .free_value = FreeValue,
                           .copy_value = CopyValue,
                           .outside_bytes = OutsideBytes,
                           .length = Length,
                           .reference_count = ReferenceCount,
                           .digest = DigestValue,
                           .prefetch_part = PrefetchField,
                           .take_due_parts = TakeDueParts,
                           .relocate = Relocate,
                           .rdb_types = kHashRdbTypes,
                           .rdb_type = HashRdbType,
                           .save = SaveHash,
                           .load = LoadHash,
                           .hold = HoldHash,
                           .rebuild = RebuildHash};

}  // namespace torc
