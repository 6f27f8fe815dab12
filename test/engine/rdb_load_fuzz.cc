// Any bytes as an RDB file: it is loaded or refused, and what was loaded is saved and loaded again
// without a difference. Checksums are not asked for, or no changed input would come far.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "persist/rdb_frame.h"
#include "persist/rdb_loader.h"
#include "persist/snapshot_producer.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace {

torc::Status Load(std::string_view bytes, torc::Shard& shard) {
  torc::RdbReader reader(bytes);
  torc::RdbLoader loader(&reader, shard.services().types, &shard.keyspace(),
                         [&](torc::PartitionId partition) -> torc::Keyspace& {
                           return shard.services().dataset->Owner(partition);
                         },
                         {.verify_checksum = false, .keep_expired = true, .now = shard.now()});
  while (loader.Step(7)) {
  }
  return loader.status();
}

std::string Saved(torc::Keyspace& keyspace) {
  torc::Buffer out;
  torc::Keyspace* const shards[] = {&keyspace};
  torc::WriteRdbHeader({}, shards, &out);
  torc::SnapshotProducer producer(&keyspace, {});
  while (producer.Step(100)) {
  }
  out.Append(producer.TakeBytes().view());
  torc::WriteRdbFooter(nullptr, &out);
  return std::string(out.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  torc::FakeClock clock;
  torc::TestShard first({}, &clock);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  if (!Load(bytes, first.shard()).ok()) return 0;
  torc::TestShard second({.partition_count = 3, .hash_seed = 9}, &clock);
  const torc::Status again = Load(Saved(first.shard().keyspace()), second.shard());
  TORC_CHECK(again.ok(), "what was saved can be loaded");
  TORC_CHECK(first.shard().keyspace().Digest() == second.shard().keyspace().Digest(),
             "a reload changes nothing");
  return 0;
}
