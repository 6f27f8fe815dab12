#pragma once

// Up to where a collection stays one compact block: redis.conf's *-max-listpack-* settings; and
// which strings are packed. They
// belong to the data types, which declare them with CONFIG; they stand here because every way a
// value comes into being must agree on them: a command, a file, RESTORE, a replica's stream.

#include <cstdint>

namespace torc {

// How large strings are packed: value-compression.
enum class PackingKind : uint8_t { kNone, kLz4, kZstd };

struct ValueLimits {
  int64_t hash_listpack_entries = 512;
  int64_t hash_listpack_value_bytes = 64;
  int64_t set_intset_entries = 512;
  int64_t set_listpack_entries = 128;
  int64_t set_listpack_value_bytes = 64;
  int64_t zset_listpack_entries = 128;
  int64_t zset_listpack_value_bytes = 64;
  int64_t list_listpack_size = -2;  // positive: entries; -1 to -5: 4, 8, 16, 32, 64 KiB
  int64_t list_compress_depth = 0;
  int64_t hll_sparse_bytes = 3000;
  int64_t stream_node_bytes = 4096;   // of a stream's block, as a listpack; 0: no limit
  int64_t stream_node_entries = 100;  // 0: no limit
  PackingKind packing = PackingKind::kNone;
  int64_t packing_bytes_min = 1024;     // shorter strings are never packed
  int64_t packing_bytes_max = 4 << 20;  // nor are longer ones: each read unpacks all of it
  // Not a limit, but agreed on likewise: large sets and hashes scatter their members by it.
  uint64_t hash_seed = 0;
};

}  // namespace torc
