#include "store/eviction.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "support/fake_clock.h"

namespace torc {
namespace {

// A keyspace of plain strings with a budget; no commands, so nothing else takes memory.
class EvictionFixture {
 public:
  explicit EvictionFixture(EvictionPolicy policy) {
    options_.partition_count = 4;
    eviction_options_.policy = policy;
    eviction_options_.tenacity = 100;
    keyspace_ = std::make_unique<Keyspace>(&options_, &types_, &feed_);
    eviction_ = std::make_unique<Eviction>(&eviction_options_, keyspace_.get(), &budget_, &clock_);
    Tick();
  }
  void Tick() {
    keyspace_->SetNow(UnixMs(clock_.WallMs()), ClockKindOf(eviction_options_.policy));
    budget_.Sync();
  }
  void AdvanceMs(int64_t ms) {
    clock_.AdvanceMs(ms);
    Tick();
  }
  void SetPolicy(EvictionPolicy policy) {
    eviction_options_.policy = policy;
    Tick();
  }
  // As much as is used now, for good.
  void LimitHere() {
    budget_.Sync();
    budget_.set_limit_bytes(budget_.used_bytes());
  }
  Eviction::Outcome Put(int number, int64_t expiry_ms = Entry::kNoExpiry) {
    const Eviction::Outcome outcome = eviction_->MakeRoom(0);
    const std::string text = Name(number);
    const KeyRef key = keyspace_->Ref(text);
    Entry* entry = keyspace_->Put(kDb, key, keyspace_->Peek(kDb, key),
                                  {.inline_bytes = kValueBytes,
                                   .expiry_ms = expiry_ms,
                                   .clock = keyspace_->access_clock().Fresh()});
    std::memset(entry->mutable_inline_value(), 'v', kValueBytes);
    return outcome;
  }
  bool Use(int number) {
    const std::string text = Name(number);
    const auto found = keyspace_->Peek(kDb, keyspace_->Ref(text));
    if (found) keyspace_->access_clock().Touch(found.entry);
    return static_cast<bool>(found);
  }
  bool Has(int number) const {
    const std::string text = Name(number);
    return static_cast<bool>(keyspace_->Peek(kDb, keyspace_->Ref(text)));
  }
  size_t key_count() const { return keyspace_->KeyCount(kDb); }
  uint64_t evicted() const { return keyspace_->stats().evicted_keys; }
  Keyspace& keyspace() { return *keyspace_; }
  MemoryBudget& budget() { return budget_; }
  Eviction& eviction() { return *eviction_; }
  FakeClock& clock() { return clock_; }

  static constexpr DbIndex kDb = DbIndex(2);

 private:
  static constexpr size_t kValueBytes = 100;
  static std::string Name(int number) { return "key:" + std::to_string(number); }

  FakeClock clock_;
  KeyspaceOptions options_;
  EvictionOptions eviction_options_;
  TypeTable types_{};
  EffectFeed feed_;
  MemoryBudget budget_;
  std::unique_ptr<Keyspace> keyspace_;
  std::unique_ptr<Eviction> eviction_;
};

TEST_CASE("every policy over all keys holds the limit as long as keys come") {
  for (const EvictionPolicy policy :
       {EvictionPolicy::kAllkeysLru, EvictionPolicy::kAllkeysLfu, EvictionPolicy::kAllkeysRandom,
        EvictionPolicy::kAllkeysFifo, EvictionPolicy::kAllkeysS3Fifo}) {
    CAPTURE(std::string(NameOf(policy)));
    EvictionFixture f(policy);
    for (int i = 0; i < 5000; ++i) f.Put(i);
    f.LimitHere();
    for (int i = 5000; i < 20'000; ++i) {
      REQUIRE(f.Put(i) == Eviction::Outcome::kFits);
      REQUIRE(f.budget().ExcessBytes() < 16'384);
    }
    CHECK(f.key_count() > 4000);
    CHECK(f.key_count() < 5500);
    CHECK(f.evicted() == 20'000 - f.key_count());
  }
}

TEST_CASE("volatile policies take keys with a deadline only; without them it is full") {
  for (const EvictionPolicy policy :
       {EvictionPolicy::kVolatileLru, EvictionPolicy::kVolatileLfu, EvictionPolicy::kVolatileRandom,
        EvictionPolicy::kVolatileFifo, EvictionPolicy::kVolatileTtl}) {
    CAPTURE(std::string(NameOf(policy)));
    EvictionFixture f(policy);
    const int64_t now_ms = f.clock().WallMs();
    for (int i = 0; i < 5000; ++i) f.Put(i, i % 50 == 0 ? now_ms + 100'000 : Entry::kNoExpiry);
    f.budget().set_limit_bytes(1);
    CHECK(f.eviction().MakeRoom(0) == Eviction::Outcome::kFull);
    CHECK(f.key_count() == 4900);
    CHECK(f.evicted() == 100);
  }
}

TEST_CASE("the keys used last stay under LRU") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  for (int i = 0; i < 8000; ++i) f.Put(i);
  f.AdvanceMs(1000);
  for (int i = 0; i < 2000; ++i) f.Use(i);
  f.AdvanceMs(1000);
  f.LimitHere();
  for (int i = 8000; i < 12'000; ++i) f.Put(i);
  int kept = 0;
  for (int i = 0; i < 2000; ++i) kept += f.Has(i) ? 1 : 0;
  CHECK(kept > 1980);
}

TEST_CASE("the earliest deadlines go first under volatile-ttl") {
  EvictionFixture f(EvictionPolicy::kVolatileTtl);
  const int64_t now_ms = f.clock().WallMs();
  for (int i = 0; i < 8000; ++i) f.Put(i, now_ms + 100'000 + i);
  f.LimitHere();
  for (int i = 8000; i < 9000; ++i) f.Put(i);
  REQUIRE(f.evicted() > 500);
  int late = 0;
  for (int i = 3000; i < 8000; ++i) late += f.Has(i) ? 0 : 1;
  CHECK(late == 0);
}

TEST_CASE("keys asked for once do not displace those in use under S3-FIFO") {
  EvictionFixture f(EvictionPolicy::kAllkeysS3Fifo);
  constexpr int kInUse = 1000;
  for (int i = 0; i < kInUse; ++i) f.Put(i);
  for (int i = 0; i < kInUse; ++i) f.Use(i);
  for (int i = kInUse; i < 5000; ++i) f.Put(i);
  f.LimitHere();
  for (int i = 5000; i < 50'000; ++i) {
    f.Put(i);
    f.Use(i % kInUse);
  }
  int kept = 0;
  for (int i = 0; i < kInUse; ++i) kept += f.Has(i) ? 1 : 0;
  CHECK(kept > kInUse * 99 / 100);
}

TEST_CASE("policies may change while keys are evicted") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  for (int i = 0; i < 5000; ++i) f.Put(i);
  f.LimitHere();
  int number = 5000;
  for (const EvictionPolicy policy :
       {EvictionPolicy::kAllkeysS3Fifo, EvictionPolicy::kAllkeysLfu, EvictionPolicy::kAllkeysS3Fifo,
        EvictionPolicy::kAllkeysLru, EvictionPolicy::kAllkeysFifo}) {
    f.SetPolicy(policy);
    for (int i = 0; i < 10'000; ++i) REQUIRE(f.Put(number++) == Eviction::Outcome::kFits);
    CHECK(f.key_count() > 3500);
    CHECK(f.key_count() < 5500);
  }
}

TEST_CASE("flushed keys are freed before others are evicted for them") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  for (int i = 0; i < 5000; ++i) f.Put(i);
  f.LimitHere();
  f.keyspace().Flush(EvictionFixture::kDb, Keyspace::FlushMode::kInBackground);
  for (int i = 0; i < 3000; ++i) REQUIRE(f.Put(i) == Eviction::Outcome::kFits);
  CHECK(f.evicted() == 0);
  CHECK(f.key_count() == 3000);
}

TEST_CASE("a slice ends by time and is gone on with") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  for (int i = 0; i < 5000; ++i) f.Put(i);
  const_cast<EvictionOptions&>(f.eviction().options()).tenacity = 1;
  f.clock().SetMonoStepNs(20'000);
  f.budget().set_limit_bytes(1);
  CHECK(f.eviction().MakeRoom(0) == Eviction::Outcome::kBehind);
  CHECK(f.key_count() > 4900);
  int slices = 1;
  while (f.eviction().Continue()) ++slices;
  CHECK(slices > 50);
  CHECK(f.key_count() == 0);
}

// Another shard that is asked for room, or two.
class FakePeers final : public EvictionPeers {
 public:
  Asked AskFattest(size_t bytes, size_t own_bytes, bool at_any_rate) override {
    asked_bytes += bytes;
    if (at_any_rate) return answer_at_any_rate;
    return own_bytes < fattest_bytes / 2 ? Asked::kWill : Asked::kNobody;
  }
  size_t fattest_bytes = 0;
  Asked answer_at_any_rate = Asked::kNobody;
  size_t asked_bytes = 0;
};

TEST_CASE("of several shards the one with much more to give evicts") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  FakePeers peers;
  f.eviction().set_peers(&peers);
  for (int i = 0; i < 1000; ++i) f.Put(i);
  f.LimitHere();
  peers.fattest_bytes = size_t{1} << 40;
  for (int i = 1000; i < 1100; ++i) REQUIRE(f.Put(i) != Eviction::Outcome::kFull);
  CHECK(f.evicted() == 0);
  CHECK(peers.asked_bytes > 0);
  peers.fattest_bytes = 1;
  CHECK(f.eviction().MakeRoom(0) == Eviction::Outcome::kFits);
  CHECK(f.evicted() > 0);
  f.eviction().set_peers(nullptr);
}

TEST_CASE("a shard with nothing that may go is full only if no other can give") {
  EvictionFixture f(EvictionPolicy::kVolatileLru);
  FakePeers peers;
  f.eviction().set_peers(&peers);
  for (int i = 0; i < 100; ++i) f.Put(i);
  f.budget().set_limit_bytes(1);
  peers.answer_at_any_rate = EvictionPeers::Asked::kWill;
  CHECK(f.eviction().MakeRoom(0) == Eviction::Outcome::kLater);
  peers.answer_at_any_rate = EvictionPeers::Asked::kHasNone;
  CHECK(f.eviction().MakeRoom(0) == Eviction::Outcome::kFull);
  f.eviction().set_peers(nullptr);
}

TEST_CASE("what a peer asks for is shed, or there is nothing that may go") {
  EvictionFixture f(EvictionPolicy::kAllkeysLru);
  for (int i = 0; i < 1000; ++i) f.Put(i);
  f.Tick();
  const size_t before = f.budget().used_bytes();
  CHECK(f.eviction().Shed(10'000));
  CHECK(f.budget().used_bytes() + 10'000 <= before);
  CHECK(f.key_count() > 800);
  f.SetPolicy(EvictionPolicy::kVolatileLru);
  CHECK_FALSE(f.eviction().Shed(10'000));
  f.SetPolicy(EvictionPolicy::kNoEviction);
  CHECK_FALSE(f.eviction().Shed(10'000));
}

}  // namespace
}  // namespace torc
