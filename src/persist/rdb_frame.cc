#include "persist/rdb_frame.h"

#include <algorithm>
#include <vector>

#include "base/crc.h"
#include "base/text.h"
#include "persist/rdb_format.h"
#include "persist/rdb_writer.h"
#include "torc/version.h"

namespace torc {
namespace {

void WriteField(RdbWriter& writer, std::string_view name, std::string_view value) {
  writer.U8(static_cast<uint8_t>(RdbOpcode::kAux));
  writer.String(name);
  writer.String(value);
}

void WriteField(RdbWriter& writer, std::string_view name, int64_t value) {
  WriteField(writer, name, DecimalText(value).view());
}

}  // namespace

void WriteRdbHeader(const RdbHeader& header, std::span<Keyspace* const> shards, Buffer* out) {
  out->Append(Format("REDIS%04d", kRdbVersionWritten));
  RdbWriter writer(out);
  WriteField(writer, "redis-ver", kRedisVersion);
  WriteField(writer, "redis-bits", 64);
  WriteField(writer, "ctime", header.unix_s);
  WriteField(writer, "used-mem", static_cast<int64_t>(header.used_memory_bytes));
  WriteField(writer, "aof-base", header.aof_base ? 1 : 0);
  WriteField(writer, "torc-ver", kTorcVersion);
  for (const std::string& function : header.functions) {
    writer.U8(static_cast<uint8_t>(RdbOpcode::kFunction2));
    writer.String(function);
  }
  std::vector<DbIndex> databases;
  for (const Keyspace* shard : shards) {
    const std::vector<DbIndex> more = shard->NonEmptyDatabases();
    databases.insert(databases.end(), more.begin(), more.end());
  }
  std::sort(databases.begin(), databases.end());
  databases.erase(std::unique(databases.begin(), databases.end()), databases.end());
  for (const DbIndex db : databases) {
    uint64_t keys = 0;
    uint64_t expiries = 0;
    for (const Keyspace* shard : shards) {
      keys += shard->KeyCount(db);
      expiries += shard->ExpiryCount(db);
    }
    writer.U8(static_cast<uint8_t>(RdbOpcode::kSelectDb));
    writer.Length(db.value());
    writer.U8(static_cast<uint8_t>(RdbOpcode::kResizeDb));
    writer.Length(keys);
    writer.Length(expiries);
  }
}

void WriteRdbFooter(const uint64_t* checksum, Buffer* out) {
  constexpr auto kEnd = static_cast<char>(RdbOpcode::kEof);
  out->Append({&kEnd, 1});
  const uint64_t sum = checksum == nullptr ? 0 : Crc64(*checksum, {&kEnd, 1});
  StoreLe(out->Reserve(sizeof(sum)), sum);
  out->Commit(sizeof(sum));
}

}  // namespace torc
