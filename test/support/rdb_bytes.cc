#include "support/rdb_bytes.h"

#include "base/crc.h"
#include "persist/rdb_frame.h"

namespace torc {

std::string FramedRdb(Keyspace& keyspace, std::string_view records) {
  Buffer out;
  Keyspace* const shards[] = {&keyspace};
  WriteRdbHeader({.unix_s = 1'700'000'000}, shards, &out);
  out.Append(records);
  const uint64_t sum = Crc64(0, out.view());
  WriteRdbFooter(&sum, &out);
  return std::string(out.view());
}

std::string RdbBytes(Keyspace& keyspace, const SnapshotOptions& options) {
  SnapshotProducer producer(&keyspace, options);
  while (producer.Step(1 << 20)) {
  }
  return FramedRdb(keyspace, producer.TakeBytes().view());
}

Status LoadRdbBytes(std::string_view bytes, Shard& shard, RdbLoadStats* stats) {
  RdbReader reader(bytes);
  Keyspace& keyspace = shard.keyspace();
  RdbLoader loader(&reader, shard.services().types, &keyspace,
                   [&](PartitionId partition) -> Keyspace& {
                     return shard.services().dataset->Owner(partition);
                   },
                   {.now = shard.now()});
  while (loader.Step(100)) {
  }
  if (stats != nullptr) *stats = loader.stats();
  return loader.status();
}

}  // namespace torc
