#pragma once

// RDB files as bytes in memory: what shards hold into them, and back.

#include <string>
#include <string_view>

#include "persist/rdb_loader.h"
#include "persist/snapshot_producer.h"
#include "support/test_shard.h"

namespace torc {

// Header, the producer's records, footer. Steps the producer to its end.
std::string RdbBytes(Keyspace& keyspace, const SnapshotOptions& options = {});
// Puts frame and checksum around records that a producer made.
std::string FramedRdb(Keyspace& keyspace, std::string_view records);
// Loads into the shard, which should be empty; the whole at once.
Status LoadRdbBytes(std::string_view bytes, Shard& shard, RdbLoadStats* stats = nullptr);

}  // namespace torc
