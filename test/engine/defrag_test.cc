#include "engine/defrag.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace torc {
namespace {

size_t WasteBytes() {
  PurgeAllocator();
  const AllocatorStats stats = ReadAllocatorStats();
  return stats.active_bytes - stats.allocated_bytes;
}

// A shard without a shadow, whose entries would lie between those that move.
class Bench {
 public:
  Bench() : shard_({}, &clock_), client_(&shard_.shard(), ClientId(1)) {}

  std::string Run(std::string_view line) { return client_.Run(line); }
  void RunArgs(const std::vector<std::string>& words) {
    const std::vector<std::string_view> argv(words.begin(), words.end());
    client_.RunArgs(argv);
  }
  void Tick() {
    clock_.AdvanceMs(100);
    shard_.shard().Tick();
  }
  // A second goes by; background work takes what it may of it.
  void PassSecond() {
    for (int tick = 0; tick < 10; ++tick) {
      Tick();
      while (shard_.shard().StepBackground()) {
      }
    }
  }
  std::string InfoField(const std::string& name) {
    const std::string info = Run("INFO everything");
    const size_t at = info.find(name + ":");
    if (at == std::string::npos) return "absent";
    const size_t begin = at + name.size() + 1;
    return info.substr(begin, info.find_first_of("\r\\", begin) - begin);
  }
  uint64_t Digest() { return shard_.shard().keyspace().Digest(); }

 private:
  FakeClock clock_;
  TestShard shard_;
  TestClient client_;
};

TEST_CASE("activedefrag moves what is left of many deleted keys together") {
  Bench bench;
  if (!AllocatorTellsUse()) {
    CHECK(bench.Run("CONFIG SET activedefrag yes").find("cannot be enabled") != std::string::npos);
    return;
  }
  bench.Run("CONFIG SET active-defrag-ignore-bytes 1mb");
  bench.Run("CONFIG SET active-defrag-cycle-max 90");
  constexpr int kKeys = 60000;
  for (int i = 0; i < kKeys; ++i) {
    bench.RunArgs({"SET", "key:" + std::to_string(i), std::string(60, 'x')});
  }
  for (int i = 0; i < 20000; ++i) {
    bench.RunArgs({"ZADD", "zset", std::to_string(i), "member:" + std::to_string(i)});
  }
  for (int i = 0; i < kKeys; ++i) {
    if (i % 10 != 0) bench.RunArgs({"DEL", "key:" + std::to_string(i)});
  }
  bench.Run("ZREMRANGEBYRANK zset 100 18000");
  for (int i = 0; i < 20; ++i) bench.Tick();
  const size_t waste = WasteBytes();
  CAPTURE(waste);
  bench.PassSecond();
  CHECK(bench.InfoField("active_defrag_hits") == "0");
  CHECK(bench.InfoField("active_defrag_running") == "0");

  bench.Run("CONFIG SET activedefrag yes");
  const uint64_t digest = bench.Digest();
  bench.Tick();
  CHECK(bench.InfoField("active_defrag_running") != "0");
  for (int i = 0; i < 5; ++i) bench.PassSecond();
  const size_t waste_left = WasteBytes();
  CAPTURE(waste_left);
  CHECK(waste_left < waste / 2);
  CHECK(bench.Digest() == digest);
  CHECK(std::stoll(bench.InfoField("active_defrag_hits")) > 4000);
  CHECK(std::stoll(bench.InfoField("active_defrag_key_hits")) > 3000);
  CHECK(bench.InfoField("total_active_defrag_time") != "0");
  bench.Run("CONFIG SET activedefrag no");
  bench.PassSecond();
  CHECK(bench.InfoField("active_defrag_running") == "0");
  CHECK(bench.InfoField("current_active_defrag_time") == "0");
}

}  // namespace
}  // namespace torc
