#pragma once

// One numbered database of a shard: its tables of entries, and what is counted of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "ds/table.h"
#include "store/access_clock.h"
#include "store/entry.h"
#include "store/keyspace_figures.h"
#include "store/value_limits.h"

namespace torc {

// How the table asks about entries: the hash of the key; as rank, the earliest deadline.
struct EntryTraits {
  using Entry = torc::Entry;
  uint64_t seed = 0;
  uint64_t Hash(const Entry* entry) const { return HashBytes(entry->key(), seed); }
  uint64_t Rank(const Entry* entry) const {
    uint64_t rank = kNoRank;
    if (entry->has_expiry()) rank = static_cast<uint64_t>(entry->expiry_ms());
    if (entry->has_parts_deadline() && entry->parts_deadline_ms() != Entry::kNoPartsDeadline) {
      rank = std::min(rank, static_cast<uint64_t>(entry->parts_deadline_ms()));
    }
    return rank;
  }
};
using EntryTable = Table<EntryTraits>;

// A key with what is computed from it once: valid as long as the text it views.
struct KeyRef {
  std::string_view text;
  uint64_t hash = 0;
  PartitionId partition;
};

struct KeyspaceOptions {
  int partition_count = 64;
  uint64_t hash_seed = 0;
  AccessClockOptions access;
  ValueLimits limits;
};

// One numbered database of a shard.
struct Database {
  std::vector<EntryTable> tables;  // by partition
  size_t key_count = 0;
  FiguresByType by_type;
  size_t expiry_count = 0;
  size_t parts_deadline_count = 0;  // of entries whose parts may have deadlines
  bool counts_as_lazy = false;      // it was flushed, and by a client that did not want to wait
  DbIndex snapshot_db;  // its number when the snapshot under way began: SWAPDB may change it
};

}  // namespace torc
