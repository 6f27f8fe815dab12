#pragma once

// TypeOps::relocate for values whose box is a RecordTrie: large sets and hashes.

#include <algorithm>
#include <cstdint>

#include "base/memory.h"
#include "ds/record_trie.h"
#include "store/entry.h"

namespace torc {

inline bool RelocateTrie(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) {
  // A leaf has about so many records.
  constexpr size_t kLeafRecords = RecordTrie::kLeafRecordsMax / 2;
  if (*place == 0) entry->set_value_box(mover.Move(entry->value_box()));
  auto& trie = *static_cast<RecordTrie*>(entry->value_box());
  do {
    *place = trie.Relocate(*place, mover);
    items_max -= std::min(items_max, kLeafRecords);
  } while (*place != 0 && items_max > 0);
  return *place != 0;
}

}  // namespace torc
