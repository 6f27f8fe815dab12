// How fast a group has a primary again, and that it does not change one without need. Simulated
// time, default timing.
#include "sim/failover_measure.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace torc::sim {
namespace {

// Percentiles are for the quick build; under a sanitizer a few runs show that nothing is wrong.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kClusters = 8;
constexpr uint64_t kBigClusters = 1;
constexpr uint32_t kMinutes = 5;
#else
constexpr uint64_t kClusters = 100;
constexpr uint64_t kBigClusters = 5;
constexpr uint32_t kMinutes = 60;
#endif

// Every group that was struck in some cluster counts; the table of percentiles is in MEASURED.md.
int64_t P99(const Failovers& failovers, size_t at_least) {
  REQUIRE(failovers.times_us.size() >= at_least);
  MESSAGE(failovers.times_us.size() << " failovers: p50 " << failovers.Percentile(50) / 1000
                                    << " ms, p99 " << failovers.Percentile(99) / 1000
                                    << " ms, worst " << failovers.times_us.back() / 1000 << " ms");
  return failovers.Percentile(99);
}

TEST_CASE("after a crash with connection reset there is a primary within half a second, p99") {
  using enum Fault::Kind;
  CHECK(P99(StrikeOne(kKill, Groups::kBusy, kClusters), kClusters) <= 500'000);
  CHECK(P99(StrikeOne(kKill, Groups::kIdle, kClusters), kClusters) <= 500'000);
}

TEST_CASE("after a silent hang there is a primary within two seconds, p99") {
  using enum Fault::Kind;
  CHECK(P99(StrikeOne(kPause, Groups::kBusy, kClusters), kClusters) <= 2'000'000);
  CHECK(P99(StrikeOne(kPause, Groups::kIdle, kClusters), kClusters) <= 2'000'000);
}

TEST_CASE("when half of 100 nodes go at once, groups with a quorum have primaries within 3 s") {
  using enum Fault::Kind;
  CHECK(P99(StrikeHalf(kKill, kBigClusters), 50 * kBigClusters) <= 3'000'000);
  CHECK(P99(StrikeHalf(kPause, kBigClusters), 50 * kBigClusters) <= 3'000'000);
}

TEST_CASE(
    "in an hour with a tenth of all messages lost and others paused for a minute no primary is "
    "replaced") {
  const FalseFailovers result = PauseForMinutes(kMinutes);
  CHECK(result.violation.empty());
  CHECK(result.watched > static_cast<int>(kMinutes) * 3);
  CHECK(result.replaced == 0);
}

TEST_CASE("clock jumps move no lease and depose nobody") {
  SimCluster cluster(FailoverOptions(3, 8), {}, 5);
  cluster.Advance(3'000'000);
  const auto terms = [&] {
    std::vector<Term> now;
    for (uint32_t group = 0; group < 8; ++group) {
      const int primary = cluster.PrimaryOf(group);
      REQUIRE(primary >= 0);
      now.push_back(cluster.node(static_cast<uint32_t>(primary)).Find(group)->term());
    }
    return now;
  };
  const std::vector<Term> before = terms();
  for (uint32_t node = 0; node < 3; ++node) {
    const SimNode& jumping = cluster.node(node);
    std::vector<MonoUs> leases;
    for (uint32_t group = 0; group < 8; ++group) {
      leases.push_back(jumping.Find(group)->lease_until());
    }
    const MonoUs mono = jumping.Now();
    for (const uint32_t forwards : {0U, 1U}) {
      Fault jump;
      jump.kind = Fault::Kind::kClockJump;
      jump.a = node;
      jump.b = forwards;
      cluster.Apply(jump);
      CHECK(jumping.Now() == mono);
      for (uint32_t group = 0; group < 8; ++group) {
        CHECK(jumping.Find(group)->lease_until() == leases[group]);
      }
    }
    Fault jump;
    jump.kind = Fault::Kind::kClockJump;
    jump.a = node;
    jump.b = node;
    cluster.Apply(jump);
    cluster.Advance(2'000'000);
  }
  CHECK(terms() == before);
  CHECK(cluster.world().violation.empty());
}

}  // namespace
}  // namespace torc::sim
