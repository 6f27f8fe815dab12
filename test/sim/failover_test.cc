// How fast a group has a primary again, and that it does not change one without need. Simulated
// time, default timing.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/sim_cluster.h"

namespace torc::sim {
namespace {

constexpr int64_t kPollUs = 5'000;

// Time from the fault until each group that lost its primary has an established one again.
std::vector<int64_t> TimesToRecover(Fault::Kind kind, uint64_t seed, const SimOptions& options) {
  SimCluster cluster(options, {}, seed);
  cluster.Advance(3'000'000);
  Fault fault;
  fault.kind = kind;
  fault.a = static_cast<uint32_t>(seed % options.nodes);
  fault.duration_us = 60'000'000;
  std::vector<uint32_t> orphaned;
  for (uint32_t group = 0; group < options.groups; ++group) {
    if (cluster.PrimaryOf(group) == static_cast<int>(fault.a)) orphaned.push_back(group);
  }
  cluster.Apply(fault);
  const SimTime struck = cluster.world().now;
  std::vector<int64_t> times;
  while (!orphaned.empty() && cluster.world().now - struck < 10'000'000) {
    cluster.Advance(kPollUs);
    std::erase_if(orphaned, [&](uint32_t group) {
      const int primary = cluster.PrimaryOf(group);
      if (primary < 0 || primary == static_cast<int>(fault.a)) return false;
      times.push_back(cluster.world().now - struck);
      return true;
    });
  }
  for (size_t i = 0; i < orphaned.size(); ++i) times.push_back(10'000'000);
  CHECK(cluster.world().violation.empty());
  return times;
}

int64_t P99(Fault::Kind kind, uint64_t seeds) {
  std::vector<int64_t> times;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SimOptions options;
    options.nodes = 5;
    options.groups = 10;
    for (const int64_t time : TimesToRecover(kind, seed, options)) times.push_back(time);
  }
  REQUIRE(times.size() >= seeds);
  std::sort(times.begin(), times.end());
  const int64_t p99 = times[times.size() * 99 / 100];
  MESSAGE(times.size() << " failovers: p50 " << times[times.size() / 2] / 1000 << " ms, p99 "
                       << p99 / 1000 << " ms, worst " << times.back() / 1000 << " ms");
  return p99;
}

TEST_CASE("after a crash with connection reset there is a primary within half a second, p99") {
  CHECK(P99(Fault::Kind::kKill, 100) <= 500'000);
}

TEST_CASE("after a silent hang there is a primary within two seconds, p99") {
  CHECK(P99(Fault::Kind::kPause, 100) <= 2'000'000);
}

TEST_CASE(
    "with a tenth of all messages lost and others paused for a minute no primary is replaced") {
  SimOptions options;
  options.nodes = 5;
  options.groups = 8;
  options.clients = 4;
  options.think_us_mean = 100'000;
  options.weather.loss = 0.1;
  SimCluster cluster(options, {}, 11);
  cluster.Advance(5'000'000);
  // The quick test plays ten minutes; the whole hour is the same loop.
  for (uint32_t minute = 0; minute < 10; ++minute) {
    Fault pause;
    pause.kind = Fault::Kind::kPause;
    pause.a = minute % options.nodes;
    std::vector<Term> terms(options.groups);
    for (uint32_t group = 0; group < options.groups; ++group) {
      const int primary = cluster.PrimaryOf(group);
      REQUIRE(primary >= 0);
      const bool is_struck = primary == static_cast<int>(pause.a);
      if (!is_struck)
        terms[group] = cluster.node(static_cast<uint32_t>(primary)).Find(group)->term();
    }
    cluster.Apply(pause);
    cluster.Advance(60'000'000);
    cluster.End(pause);
    cluster.Advance(5'000'000);
    REQUIRE(cluster.world().violation.empty());
    for (uint32_t group = 0; group < options.groups; ++group) {
      const int primary = cluster.PrimaryOf(group);
      REQUIRE(primary >= 0);
      if (terms[group] == Term(0)) continue;
      CHECK(cluster.node(static_cast<uint32_t>(primary)).Find(group)->term() == terms[group]);
    }
  }
}

}  // namespace
}  // namespace torc::sim
