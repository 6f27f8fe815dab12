// Values whose blocks of memory all move: whoever keeps an old address is found out by the
// sanitizer, by the shadow engine, or by a broken invariant. TORC_SEED replays a seed.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/memory.h"
#include "persist/snapshot_producer.h"
#include "support/command_stream.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

uint64_t Seed() {
  const char* const text = std::getenv("TORC_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

// Moves every entry, and of its value all that is its alone, so many items at a time.
uint64_t MoveAll(EngineHarness& engine, size_t items_max) {
  BlockMover mover(BlockMover::What::kEverything);
  Keyspace& keyspace = engine.keyspace();
  Keyspace::WalkPlace place;
  while (keyspace.WalkSome(&place, 100, [&](DbIndex, Entry* entry) {
    entry = static_cast<Entry*>(mover.Move(entry));
    const TypeOps& type = keyspace.ops(*entry);
    uint64_t within = 0;
    while (entry->boxed() && type.relocate != nullptr &&
           type.relocate(entry, mover, &within, items_max)) {
    }
    return entry;
  })) {
  }
  return mover.moved_blocks();
}

void FillEachEncoding(EngineHarness& engine) {
  engine.RunArgs({"SET", "string", std::string(3000, 'x')});
  for (const int count : {5, 300, 5000}) {
    const std::string suffix = ":" + std::to_string(count);
    for (int i = 0; i < count; ++i) {
      const std::string text = std::to_string(i * 7919 % count) + "-text";
      engine.RunArgs({"RPUSH", "list" + suffix, text});
      engine.RunArgs({"SADD", "set" + suffix, text});
      engine.RunArgs({"SADD", "ints" + suffix, std::to_string(i)});
      engine.RunArgs({"HSET", "hash" + suffix, text, "v"});
      engine.RunArgs({"ZADD", "zset" + suffix, std::to_string(i % 100), text});
    }
    engine.Run("HPEXPIRE hash" + suffix + " 500 FIELDS 1 3-text");
    engine.Run("XADD stream" + suffix + " 1-1 f v");
  }
}

TEST_CASE("values of every encoding stay what they are when all their memory moves") {
  for (const size_t items_max : {size_t{1}, size_t{50}, size_t{1000000}}) {
    CAPTURE(items_max);
    EngineHarness engine;
    FillEachEncoding(engine);
    const uint64_t digest = engine.keyspace().Digest();
    // Of 5000 members each is a block, of the other large values each leaf.
    CHECK(MoveAll(engine, items_max) > 6000);
    CHECK(engine.keyspace().Digest() == digest);
    for (int i = 0; i < 5000; i += 7) {
      const std::string text = std::to_string(i) + "-text";
      CHECK(engine.RunArgs({"SISMEMBER", "set:5000", text}) == "1");
      CHECK(engine.RunArgs({"HGET", "hash:5000", text}) == "\"v\"");
      CHECK(engine.RunArgs({"ZINCRBY", "zset:5000", "1000", text}).find("error") ==
            std::string::npos);
      CHECK(engine.RunArgs({"ZREM", "zset:5000", text}) == "1");
    }
    CHECK(engine.Run("LLEN list:5000") == "5000");
    engine.AdvanceMs(1000);
    engine.Run("HGET hash:5000 3-text");
    engine.CheckShadow();
  }
}

TEST_CASE("what clones share stays where it is") {
  EngineHarness engine;
  FillEachEncoding(engine);
  for (const char* key : {"list:5000", "set:5000", "hash:5000", "zset:5000"}) {
    engine.Run(std::string("COPY ") + key + " copy:" + key);
  }
  engine.Run("ZADD copy:zset:5000 77 3-text");
  engine.Run("RPUSH copy:list:5000 more");
  const uint64_t digest = engine.keyspace().Digest();
  MoveAll(engine, 30);
  CHECK(engine.keyspace().Digest() == digest);
  engine.Run("DEL list:5000 set:5000 hash:5000 zset:5000");
  while (engine.keyspace().Reclaim(1000)) {
  }
  MoveAll(engine, 30);
  CHECK(engine.Run("ZCARD copy:zset:5000") == "5000");
  CHECK(engine.Run("ZSCORE copy:zset:5000 3-text") == "\"77\"");
  engine.CheckShadow();
}

TEST_CASE("memory moves between random commands and within a snapshot") {
  for (uint64_t seed = Seed(); seed < Seed() + 3; ++seed) {
    CAPTURE(seed);
    EngineHarness engine;
    CommandStream stream(seed);
    for (int round = 0; round < 12; ++round) {
      const auto run = [&] {
        for (int i = 0; i < 300; ++i) {
          const std::vector<std::string> words = stream.Next();
          const std::vector<std::string_view> argv(words.begin(), words.end());
          engine.client().RunArgs(argv);
        }
      };
      run();
      SnapshotProducer producer(&engine.keyspace(), {});
      producer.Step(1000);
      run();
      MoveAll(engine, 1 + stream.Below(100));
      producer.Step(1000);
      MoveAll(engine, 100);
      run();
      while (producer.Step(100000)) {
      }
    }
    engine.CheckShadow();
  }
}

}  // namespace
}  // namespace torc
