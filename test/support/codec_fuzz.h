#pragma once

// What the fuzz targets of the types' codecs share: any bytes as a value of one type.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/check.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "store/entry.h"
#include "store/type_ops.h"

namespace torc {

// Small enough that a short input reaches every encoding.
inline ValueLimits FuzzLimits() {
  ValueLimits limits;
  limits.hash_listpack_entries = limits.zset_listpack_entries = 6;
  limits.set_listpack_entries = limits.set_intset_entries = 6;
  limits.list_listpack_size = 4;
  return limits;
}

// The n-th of the RDB types that a data type reads, counted round and round.
inline uint8_t RdbTypeOf(const TypeOps& ops, uint8_t n) {
  uint32_t types = ops.rdb_types;
  for (int i = n % __builtin_popcount(types); i > 0; --i) types &= types - 1;
  return static_cast<uint8_t>(__builtin_ctz(types));
}

// Null if it was refused.
inline Entry* LoadFuzzed(const TypeOps& ops, uint8_t rdb_type, std::string_view bytes) {
  RdbReader reader(bytes);
  const LoadedValue value = ops.load(rdb_type, reader, FuzzLimits());
  if (!reader.ok() || value.empty) return nullptr;
  return MakeLoadedEntry("key", value, Entry::kNoExpiry, 0);
}

inline void DeleteFuzzed(const TypeOps& ops, Entry* entry) {
  if (entry->boxed()) ops.free_value(entry);
  Entry::Delete(entry);
}

// The first byte chooses the RDB type. What is read as a value is the same after being written,
// held and read again, and everything else that a type can do to it comes to an end.
inline int FuzzCodec(const TypeOps& ops, const uint8_t* data, size_t size_bytes) {
  if (size_bytes == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
  Entry* const entry = LoadFuzzed(ops, RdbTypeOf(ops, data[0]), bytes);
  if (entry == nullptr) return 0;
  const uint64_t digest = ops.digest(*entry, 1);
  TORC_CHECK(ops.length(*entry) > 0, "what is empty is not loaded");
  (void)ops.outside_bytes(*entry);
  TORC_CHECK(!ops.encoding(*entry).empty(), "an encoding has a name");
  ops.rebuild(*entry, [](std::span<const std::string_view> argv) {
    TORC_CHECK(argv.size() >= 2, "a command and a key");
  });
  Buffer out;
  RdbWriter writer(&out);
  ops.save(*entry, writer);
  Entry* const again = LoadFuzzed(ops, ops.rdb_type(*entry), out.view());
  TORC_CHECK(again != nullptr, "what was written can be read");
  TORC_CHECK(ops.digest(*again, 1) == digest, "and is the same then");
  DeleteFuzzed(ops, again);
  DeleteFuzzed(ops, entry);
  return 0;
}

}  // namespace torc
