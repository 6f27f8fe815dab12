// Snapshots under random writes: what a snapshot saved is what was there when it began, whatever
// happened while it was made; and a reload gives the same data. TORC_SEED replays a seed.

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "support/command_stream.h"
#include "support/engine_harness.h"
#include "support/rdb_bytes.h"

namespace torc {
namespace {

// Everything a snapshot must see coming: ordinary commands, sweeps, and whole databases.
void Disturb(EngineHarness& engine, CommandStream& stream) {
  const std::vector<std::string> words = stream.Next();
  const std::vector<std::string_view> argv(words.begin(), words.end());
  engine.client().RunArgs(argv);
  switch (stream.Below(60)) {
    case 0:
      engine.Run("FLUSHDB ASYNC");
      break;
    case 1:
      engine.Run("SWAPDB 0 " + std::to_string(1 + stream.Below(2)));
      break;
    case 2:
      engine.Run("FLUSHALL SYNC");
      break;
    case 3:
    case 4:
    case 5:
      engine.Run("SELECT " + std::to_string(stream.Below(3)));
      break;
    case 6:
    case 7:
    case 8:
      engine.AdvanceMs(static_cast<int64_t>(stream.Below(400)));
      break;
    case 9:
    case 10:
      engine.Tick();
      break;
    case 11:
      // Tables grow and split under the walk.
      for (int i = 0; i < 3000; ++i) {
        engine.Run("SET grow:" + std::to_string(stream.Below(1'000'000)) + " x");
      }
      break;
    default:
      break;
  }
}

// A fresh engine with the file's content; its clock stands where the other's does.
uint64_t DigestOfFile(std::string_view bytes, int64_t now_ms) {
  FakeClock clock;
  clock.AdvanceMs(now_ms - clock.WallMs());
  TestShard shard({.partition_count = 5, .hash_seed = 77}, &clock);
  CHECK(LoadRdbBytes(bytes, shard.shard()).message() == "");
  return shard.shard().keyspace().Digest();
}

void RunStream(uint64_t seed) {
  CAPTURE(seed);
  EngineHarness engine;
  CommandStream stream(seed);
  for (int round = 0; round < 6; ++round) {
    const auto writes = 50 + stream.Below(400);
    for (uint64_t i = 0; i < writes; ++i) Disturb(engine, stream);
    // Expired keys are in the file but not loaded: they must not be in the expected data either.
    for (int i = 0; i < 50; ++i) engine.Tick();
    const uint64_t expected = engine.keyspace().Digest();
    const int64_t now_ms = engine.clock().WallMs();
    SnapshotProducer producer(&engine.keyspace(), {});
    const bool abandon = stream.Below(5) == 0;
    std::string records;
    for (int step = 0;; ++step) {
      for (uint64_t i = stream.Below(6); i > 0; --i) Disturb(engine, stream);
      if (abandon && step == 2) producer.Abandon();
      if (!producer.Step(1 + stream.Below(3000))) break;
      if (stream.Below(2) == 0) records += producer.TakeBytes().view();
    }
    records += producer.TakeBytes().view();
    if (abandon) continue;
    CHECK(DigestOfFile(FramedRdb(engine.keyspace(), records), now_ms) == expected);
  }
  engine.CheckShadow();
}

TEST_CASE("a snapshot holds what was there when it began, whatever was written meanwhile") {
  const char* fixed = std::getenv("TORC_SEED");
  if (fixed != nullptr) return RunStream(std::strtoull(fixed, nullptr, 10));
  for (uint64_t seed = 1; seed <= 12; ++seed) RunStream(seed);
}

TEST_CASE("a reload in the middle of any stream gives the same data, TTLs and databases included") {
  for (uint64_t seed = 100; seed < 112; ++seed) {
    CAPTURE(seed);
    EngineHarness engine;
    CommandStream stream(seed);
    for (int i = 0; i < 600; ++i) Disturb(engine, stream);
    for (int i = 0; i < 50; ++i) engine.Tick();
    CHECK(DigestOfFile(RdbBytes(engine.keyspace()), engine.clock().WallMs()) ==
          engine.keyspace().Digest());
  }
}

TEST_CASE("without a write in between a snapshot shows every key once") {
  EngineHarness engine;
  for (int i = 0; i < 5000; ++i) engine.Run("SET key:" + std::to_string(i) + " v");
  for (int round = 0; round < 3; ++round) {
    SnapshotProducer producer(&engine.keyspace(), {});
    while (producer.Step(500)) {
    }
    CHECK(producer.key_count() == 5000);
  }
}

TEST_CASE("a flush while a snapshot is made frees its memory once the snapshot has passed") {
  EngineHarness engine;
  for (int i = 0; i < 5000; ++i) engine.Run("SET key:" + std::to_string(i) + " v");
  SnapshotProducer producer(&engine.keyspace(), {});
  producer.Step(500);
  engine.Run("FLUSHALL");
  CHECK(engine.Run("DBSIZE") == "0");
  CHECK(engine.keyspace().pending_reclaim_keys() == 5000);
  while (producer.Step(500)) {
  }
  CHECK(producer.key_count() == 5000);
  while (engine.keyspace().Reclaim(100)) {
  }
  CHECK(engine.keyspace().pending_reclaim_keys() == 0);
  CHECK(engine.keyspace().data_bytes() == 0);
}

}  // namespace
}  // namespace torc
