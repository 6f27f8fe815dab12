#pragma once

// A large set or hash held still while its key goes on being written: the records of its trie as
// strings, behind their number.

#include <memory>

#include "ds/record_trie.h"
#include "persist/rdb_writer.h"
#include "store/type_ops.h"

namespace torc {

enum class TrieRecords : uint8_t { kKeys, kKeysAndValues };

// O(1): the trie is cloned.
std::unique_ptr<HeldValue> HoldTrie(const RecordTrie& trie, TrieRecords records);

// An element as a string.
void WriteElement(const CompactElement& element, RdbWriter& writer);

}  // namespace torc
