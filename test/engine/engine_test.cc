#include <doctest/doctest.h>

#include <string>

#include "torc/engine.h"

namespace torc {
namespace {

class FakeClock final : public Clock {
 public:
  int64_t WallMs() override { return ms; }
  int64_t WallUs() override { return ms * 1000; }
  int64_t MonoNs() override { return ms * 1000000; }
  int64_t ms = 1700000000000;
};

class FixedEntropy final : public Entropy {
 public:
  uint64_t Seed() override { return 42; }
};

TEST_CASE("an embedded engine stores, answers and forgets in time") {
  FakeClock clock;
  FixedEntropy entropy;
  auto engine = Engine::Open({}, &clock, &entropy);
  REQUIRE(engine.ok());
  auto client = engine.value()->NewClient();
  CHECK(client->Execute({"SET", "greeting", "hello", "PX", "100"}).ok());
  CHECK(client->Execute({"GET", "greeting"}).text == "hello");
  CHECK(client->Execute({"PTTL", "greeting"}).integer == 100);
  clock.ms += 101;
  CHECK(client->Execute({"GET", "greeting"}).kind == Reply::Kind::kNull);
}

TEST_CASE("due keys leave without being asked for") {
  FakeClock clock;
  FixedEntropy entropy;
  auto engine = Engine::Open({}, &clock, &entropy);
  auto client = engine.value()->NewClient();
  for (int i = 0; i < 1000; ++i) {
    client->Execute({"SET", "k" + std::to_string(i), "v", "PX", i % 2 == 0 ? "50" : "5000"});
  }
  clock.ms += 60;
  engine.value()->Tick();
  CHECK(client->Execute({"KEYS", "*"}).elements.size() == 500);
}

TEST_CASE("an engine needs a partition count that slots can be divided into") {
  FakeClock clock;
  FixedEntropy entropy;
  CHECK_FALSE(Engine::Open({.partition_count = 0}, &clock, &entropy).ok());
  CHECK_FALSE(Engine::Open({.partition_count = 16385}, &clock, &entropy).ok());
}

}  // namespace
}  // namespace torc
