#pragma once

// What stands around the records of an RDB file: magic and version, fields about its making, how
// many keys each database has, the end and the checksum.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "store/keyspace.h"

namespace torc {

struct RdbHeader {
  int64_t unix_s = 0;
  uint64_t used_memory_bytes = 0;
  bool aof_base = false;                    // the file is the base of an append-only log
  std::vector<std::string> functions = {};  // the sources of all libraries
};

// Magic, fields, and for each database of these shards its number of keys and of expiries. To be
// called at the instant of the snapshot.
void WriteRdbHeader(const RdbHeader& header, std::span<Keyspace* const> shards, Buffer* out);
// The end mark and the checksum: of all bytes before it, the mark included; 0 says "not summed".
inline constexpr size_t kRdbFooterBytes = 9;
// `checksum`: CRC64 of all bytes before the footer; null: the file has none.
void WriteRdbFooter(const uint64_t* checksum, Buffer* out);

}  // namespace torc
