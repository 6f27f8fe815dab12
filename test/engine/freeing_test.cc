// Large values and flushed databases are freed in slices: nobody waits for all of it.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/memory.h"
#include "support/engine_harness.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace torc {
namespace {

// An engine without a shadow, so that memory goes when its values do.
class Plain {
 public:
  Plain() : shard_({}, &clock_), client_(&shard_.shard(), ClientId(1)) {}

  std::string Run(const std::vector<std::string>& words) {
    const std::vector<std::string_view> argv(words.begin(), words.end());
    return client_.RunArgs(argv);
  }
  // A value of so many members, each with some bytes.
  void Fill(const std::string& type, const std::string& key, int members) {
    for (int i = 0; i < members; ++i) {
      const std::string text = "member:" + std::to_string(i);
      if (type == "set") Run({"SADD", key, text});
      if (type == "hash") Run({"HSET", key, text, text});
      if (type == "zset") Run({"ZADD", key, std::to_string(i % 1000), text});
      if (type == "list") Run({"RPUSH", key, text});
    }
  }
  // Frees all that waits, by slices; answers the most bytes that one of them freed.
  size_t ReclaimAll(size_t items_max) {
    size_t most = 0;
    for (bool more = true; more;) {
      const size_t before = AllocatedBytes();
      more = keyspace().Reclaim(items_max);
      const size_t after = AllocatedBytes();
      most = std::max(most, before - std::min(before, after));
    }
    return most;
  }
  Keyspace& keyspace() { return shard_.shard().keyspace(); }

 private:
  FakeClock clock_;
  TestShard shard_;
  TestClient client_;
};

TEST_CASE("a large value that is deleted goes in slices, all of it") {
  constexpr int kMembers = 40000;
  for (const std::string type : {"set", "hash", "zset", "list"}) {
    for (const char* command : {"DEL", "UNLINK"}) {
      CAPTURE(type);
      CAPTURE(std::string(command));
      Plain engine;
      const size_t empty = AllocatedBytes();
      engine.Fill(type, "big", kMembers);
      const size_t full = AllocatedBytes();
      CHECK(engine.Run({command, "big"}) == "1");
      const size_t deleted = AllocatedBytes();
      CHECK(full - std::min(full, deleted) < (full - empty) / 10);
      CHECK(engine.keyspace().pending_reclaim_keys() == 1);
      // A list's blocks are of 8 KB and each is one step.
      CHECK(engine.ReclaimAll(1000) < (full - empty) / (type == "list" ? 2 : 10));
      CHECK(AllocatedBytes() < empty + (full - empty) / 20);
    }
  }
}

TEST_CASE("a flushed database goes in slices, its large values by parts of their own") {
  for (const char* command : {"FLUSHALL", "FLUSHDB"}) {
    CAPTURE(command);
    Plain engine;
    const size_t empty = AllocatedBytes();
    for (int i = 0; i < 60; ++i) {
      engine.Fill(i % 2 == 0 ? "zset" : "set", "key:" + std::to_string(i), 2000);
    }
    for (int i = 0; i < 20000; ++i) engine.Run({"SET", "key:" + std::to_string(1000 + i), "v"});
    const size_t full = AllocatedBytes();
    CHECK(engine.Run({command}) == "OK");
    CHECK(engine.Run({"DBSIZE"}) == "0");
    CHECK(AllocatedBytes() > full - (full - empty) / 5);
    CHECK(engine.keyspace().has_garbage());
    CHECK(engine.ReclaimAll(1000) < (full - empty) / 10);
    CHECK(engine.keyspace().pending_reclaim_keys() == 0);
    CHECK(AllocatedBytes() < empty + (full - empty) / 20);
  }
}

TEST_CASE("a flushed database of a few keys is gone at once, and that counts as no lazy free") {
  Plain engine;
  for (int i = 0; i < 50; ++i) engine.Run({"SET", "key:" + std::to_string(i), "v"});
  CHECK(engine.Run({"FLUSHALL"}) == "OK");
  CHECK(!engine.keyspace().has_garbage());
  CHECK(engine.keyspace().stats().lazyfreed_keys == 0);
  engine.Run({"SET", "k", "v"});
  engine.Run({"FLUSHALL", "ASYNC"});
  CHECK(engine.keyspace().pending_reclaim_keys() == 1);
  engine.ReclaimAll(1000);
  CHECK(engine.keyspace().stats().lazyfreed_keys == 1);
}

}  // namespace
}  // namespace torc
