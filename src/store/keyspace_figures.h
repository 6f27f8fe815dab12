#pragma once

// What a keyspace counts: for INFO, MEMORY STATS and CONFIG RESETSTAT.

#include <array>
#include <cstddef>
#include <cstdint>

#include "store/type_ops.h"

namespace torc {

struct KeyspaceStats {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t expired_keys = 0;
  uint64_t expired_by_sweep = 0;
  uint64_t expired_parts = 0;  // fields of hashes
  uint64_t evicted_keys = 0;
  uint64_t lazyfreed_keys = 0;  // freed in the background
  // Of activedefrag: blocks of memory that were moved or left, keys of which some were or none.
  uint64_t defrag_hits = 0;
  uint64_t defrag_misses = 0;
  uint64_t defrag_key_hits = 0;
  uint64_t defrag_key_misses = 0;
  int64_t defrag_percent = 0;     // of the time, now
  int64_t defrag_ns = 0;          // for how long it has been wanted, in all
  int64_t defrag_current_ns = 0;  // the same since it was last wanted; 0: it is not
  uint64_t changes =
      0;  // since the start; INFO's rdb_changes_since_last_save counts from the last save
};

// What the keys of one type take: their entries, with the values that lie in them, and what other
// values hold outside.
struct TypeFigures {
  size_t key_count = 0;
  size_t entry_bytes = 0;
  size_t value_bytes = 0;
};
using FiguresByType = std::array<TypeFigures, kValueTypeCount>;

// Adds type by type: for sums over databases and shards.
void AddFigures(const FiguresByType& from, FiguresByType* to);

}  // namespace torc
