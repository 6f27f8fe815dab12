#include "store/eviction.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

const std::string kValue(100, 'v');

// Without the effects that the harness keeps to show them.
size_t UsedBytes(EngineHarness& engine) {
  engine.TakeEffects();
  engine.Tick();
  return engine.shard().eviction().budget().used_bytes();
}

// Memory is the process's: so limits are set relative to what is in use.
void LimitTo(EngineHarness& engine, size_t more_bytes) {
  const size_t limit = UsedBytes(engine) + more_bytes;
  REQUIRE(engine.Run("CONFIG SET maxmemory " + std::to_string(limit)) == "OK");
  engine.Tick();
}

std::string Set(EngineHarness& engine, int number) {
  engine.TakeEffects();
  return engine.RunArgs({"SET", "key:" + std::to_string(number), kValue});
}

int64_t Keys(EngineHarness& engine) {
  return engine.Ask("DBSIZE").integer;
}

constexpr std::string_view kOom = "(error) OOM command not allowed when used memory > 'maxmemory'.";

TEST_CASE("without eviction writes that take memory are refused, others go on") {
  EngineHarness engine;
  Set(engine, 1);
  engine.Run("RPUSH list a b");
  LimitTo(engine, 300'000);
  const std::string big(200'000, 'x');
  engine.RunArgs({"SET", "big", big});
  engine.Tick();
  CHECK(Set(engine, 2) == kOom);
  CHECK(engine.Run("RPUSH list c") == kOom);
  CHECK(engine.Run("GET key:1") == "\"" + kValue + "\"");
  CHECK(engine.Run("LPOP list") == "\"a\"");
  CHECK(engine.Run("EXPIRE key:1 100") == "1");
  CHECK(engine.Run("DEL big") == "1");
  engine.Run("CONFIG SET maxmemory 0");
  engine.Tick();
  CHECK(Set(engine, 2) == "OK");
}

TEST_CASE("maxmemory in percent limits as that part of the machine does in bytes") {
  EngineHarness engine;
  // So much that a quarter of it is what is in use and 300 kB.
  engine.options().machine_memory_bytes = 4 * (UsedBytes(engine) + 300'000);
  REQUIRE(engine.Run("CONFIG SET maxmemory 25%") == "OK");
  engine.Tick();
  const size_t limit = engine.shard().eviction().budget().limit_bytes();
  CHECK(limit <= engine.options().machine_memory_bytes / 4);
  CHECK(limit > engine.options().machine_memory_bytes / 4 - 100);
  CHECK(Set(engine, 1) == "OK");
  engine.RunArgs({"SET", "big", std::string(200'000, 'x')});
  engine.Tick();
  CHECK(Set(engine, 2) == kOom);
  REQUIRE(engine.Run("CONFIG SET maxmemory 50%") == "OK");
  engine.Tick();
  CHECK(Set(engine, 2) == "OK");
}

TEST_CASE("a transaction that meets the limit is refused as a whole") {
  EngineHarness engine;
  CHECK(engine.Run("MULTI") == "OK");
  CHECK(engine.Run("SET a 1") == "QUEUED");
  engine.options().memory_max = 1;
  engine.Tick();
  // Queueing takes memory, whatever the command.
  CHECK(engine.Run("GET a") == kOom);
  CHECK(engine.Run("EXEC").substr(0, 57) ==
        "(error) EXECABORT Transaction discarded because of: OOM c");
  engine.options().memory_max = 0;
  engine.Tick();
  CHECK(engine.Run("MULTI") == "OK");
  CHECK(engine.Run("SET a 1") == "QUEUED");
  engine.options().memory_max = 1;
  engine.Tick();
  CHECK(engine.Run("EXEC") ==
        "(error) EXECABORT Transaction discarded because of: OOM command not allowed when used "
        "memory > 'maxmemory'.");
  CHECK(engine.Run("GET a") == "(nil)");
}

TEST_CASE("each policy over all keys holds the limit and tells of what it evicts") {
  for (const char* policy :
       {"allkeys-lru", "allkeys-lfu", "allkeys-random", "allkeys-fifo", "allkeys-s3fifo"}) {
    CAPTURE(policy);
    EngineHarness engine;
    engine.Run(std::string("CONFIG SET maxmemory-policy ") + policy);
    for (int i = 0; i < 2000; ++i) Set(engine, i);
    LimitTo(engine, 0);
    for (int i = 2000; i < 6000; ++i) REQUIRE(Set(engine, i) == "OK");
    engine.Run("GET key:1");
    CHECK(engine.shard().eviction().budget().ExcessBytes() < 20'000);
    CHECK(Keys(engine) > 500);
    CHECK(Keys(engine) < 3500);
    const auto evicted = static_cast<int64_t>(engine.shard().keyspace().stats().evicted_keys);
    CHECK(evicted == 6000 - Keys(engine));
  }
}

TEST_CASE("volatile policies take keys with a deadline only, and then nothing") {
  for (const char* policy :
       {"volatile-lru", "volatile-lfu", "volatile-random", "volatile-fifo", "volatile-ttl"}) {
    CAPTURE(policy);
    EngineHarness engine;
    engine.Run(std::string("CONFIG SET maxmemory-policy ") + policy);
    for (int i = 0; i < 1000; ++i) {
      Set(engine, i);
      if (i % 10 == 0) engine.Run("EXPIRE key:" + std::to_string(i) + " 1000");
    }
    engine.options().memory_max = 1;
    engine.Tick();
    CHECK(Set(engine, 1) == kOom);
    CHECK(Keys(engine) == 900);
    for (int i = 0; i < 1000; ++i) {
      const bool there = engine.Run("EXISTS key:" + std::to_string(i)) == "1";
      REQUIRE(there == (i % 10 != 0));
    }
  }
}

TEST_CASE("LRU keeps what was used and lets go of what was not") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-lru");
  for (int i = 0; i < 4000; ++i) Set(engine, i);
  engine.AdvanceMs(1000);
  for (int i = 0; i < 1000; ++i) engine.Run("GET key:" + std::to_string(i));
  engine.AdvanceMs(1000);
  LimitTo(engine, 0);
  for (int i = 4000; i < 5000; ++i) Set(engine, i);
  int kept = 0;
  for (int i = 0; i < 1000; ++i) {
    kept += engine.Run("EXISTS key:" + std::to_string(i)) == "1" ? 1 : 0;
  }
  CHECK(kept > 980);
}

TEST_CASE("under s3fifo keys that are asked for once do not displace those in use") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-s3fifo");
  engine.Tick();
  constexpr int kInUse = 500;
  for (int i = 0; i < kInUse; ++i) Set(engine, i);
  for (int i = 0; i < kInUse; ++i) engine.Run("GET key:" + std::to_string(i));
  for (int i = kInUse; i < 2000; ++i) Set(engine, i);
  LimitTo(engine, 0);
  for (int i = 2000; i < 10'000; ++i) {
    Set(engine, i);
    engine.Run("GET key:" + std::to_string(i % kInUse));
  }
  int kept = 0;
  for (int i = 0; i < kInUse; ++i) {
    kept += engine.Run("EXISTS key:" + std::to_string(i)) == "1" ? 1 : 0;
  }
  CHECK(kept > kInUse * 98 / 100);
  CHECK(engine.shard().keyspace().stats().evicted_keys > 7000);
}

TEST_CASE("policies may change at any time") {
  EngineHarness engine;
  for (int i = 0; i < 2000; ++i) Set(engine, i);
  LimitTo(engine, 0);
  int number = 2000;
  for (const char* policy : {"allkeys-s3fifo", "allkeys-lfu", "allkeys-s3fifo", "allkeys-lru",
                             "allkeys-fifo", "allkeys-s3fifo", "allkeys-random"}) {
    CAPTURE(std::string(policy));
    engine.Run(std::string("CONFIG SET maxmemory-policy ") + policy);
    for (int i = 0; i < 3000; ++i) REQUIRE(Set(engine, number++) == "OK");
    CHECK(Keys(engine) > 500);
    CHECK(Keys(engine) < 3500);
  }
}

TEST_CASE("volatile-ttl takes the earliest deadlines first") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy volatile-ttl");
  for (int i = 0; i < 4000; ++i) {
    engine.RunArgs({"SET", "key:" + std::to_string(i), kValue, "EX", std::to_string(1000 + i)});
  }
  LimitTo(engine, 0);
  for (int i = 4000; i < 4500; ++i) Set(engine, i);
  int64_t evicted_late = 0;
  for (int i = 1500; i < 4000; ++i) {
    evicted_late += engine.Run("EXISTS key:" + std::to_string(i)) == "0" ? 1 : 0;
  }
  CHECK(engine.shard().keyspace().stats().evicted_keys > 100);
  CHECK(evicted_late == 0);
}

TEST_CASE("an evicted key has its event, and a watcher hears of it") {
  EngineHarness engine;
  engine.Run("CONFIG SET notify-keyspace-events Ee maxmemory-policy allkeys-random");
  TestClient& listener = engine.NewClient();
  listener.Run("SUBSCRIBE __keyevent@0__:evicted");
  engine.Run("SET only value");
  engine.Run("WATCH only");
  engine.options().memory_max = 1;
  engine.Tick();
  engine.Run("PING");
  engine.options().memory_max = 0;
  engine.Tick();
  CHECK(listener.Received().find("only") != std::string::npos);
  engine.Run("MULTI");
  engine.Run("PING");
  CHECK(engine.Run("EXEC") == "(nil)");
}

TEST_CASE("room is made for so many bytes before they are there") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-lru");
  for (int i = 0; i < 4000; ++i) Set(engine, i);
  LimitTo(engine, 1000);
  CHECK(engine.shard().eviction().MakeRoom(20'000) == Eviction::Outcome::kFits);
  CHECK(engine.shard().eviction().budget().ExcessBytes(20'000) == 0);
}

TEST_CASE("while clients are paused nothing is evicted") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-lru");
  for (int i = 0; i < 100; ++i) Set(engine, i);
  engine.Run("CLIENT PAUSE 10000 WRITE");
  engine.options().memory_max = 1;
  engine.Tick();
  CHECK(engine.Run("GET key:5") == "\"" + kValue + "\"");
  CHECK(Keys(engine) == 100);
}

TEST_CASE("evicting for long is told to the latency monitor") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-lru latency-monitor-threshold 5");
  for (int i = 0; i < 100; ++i) Set(engine, i);
  LimitTo(engine, 0);
  CHECK(engine.Run("LATENCY HISTORY eviction-cycle") == "[]");
  engine.clock().SetMonoStepNs(7'000'000);
  Set(engine, 100);
  engine.Tick();
  const Reply history = engine.Ask("LATENCY HISTORY eviction-cycle");
  REQUIRE(history.elements.size() == 1);
  CHECK(history.elements.at(0).elements.at(1).integer >= 7);
  engine.clock().SetMonoStepNs(1000);
  engine.Tick();
  CHECK(engine.Run("LATENCY RESET eviction-cycle") == "1");
  engine.Tick();
  CHECK(engine.Run("LATENCY HISTORY eviction-cycle") == "[]");
}

TEST_CASE("an overwritten key keeps its count of uses") {
  EngineHarness engine;
  engine.Run("CONFIG SET maxmemory-policy allkeys-lfu");
  engine.Tick();
  engine.Run("SET k value");
  for (int i = 0; i < 5000; ++i) engine.Run("GET k");
  const int64_t before = engine.Ask("OBJECT FREQ k").integer;
  CHECK(before > 20);
  engine.Run("SET k other");
  engine.Run("SET k " + std::string(500, 'x'));
  CHECK(engine.Ask("OBJECT FREQ k").integer >= before);
}

}  // namespace
}  // namespace torc
