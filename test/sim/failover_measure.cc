#include "sim/failover_measure.h"

#include <algorithm>

#include "base/check.h"

namespace torc::sim {
namespace {

constexpr int64_t kPollUs = 5'000;

bool IsStruck(int node, const std::vector<uint32_t>& struck) {
  return std::find(struck.begin(), struck.end(), static_cast<uint32_t>(node)) != struck.end();
}

// Whether the group keeps a majority of its voters.
bool KeepsQuorum(const Replica& primary, const std::vector<uint32_t>& struck) {
  const std::vector<Member>& voters = primary.membership().voters;
  const auto alive = std::count_if(voters.begin(), voters.end(), [&](const Member& voter) {
    return !IsStruck(static_cast<int>(voter.node.value() - 1), struck);
  });
  return static_cast<size_t>(alive) >= MajorityOf(voters.size());
}

std::vector<uint32_t> Orphaned(SimCluster* cluster, const std::vector<uint32_t>& struck) {
  std::vector<uint32_t> orphaned;
  for (uint32_t group = 0; group < cluster->world().options.groups; ++group) {
    const int primary = cluster->PrimaryOf(group);
    TORC_CHECK(primary >= 0, "a primary before the fault");
    const Replica& replica = *cluster->node(static_cast<uint32_t>(primary)).Find(group);
    if (IsStruck(primary, struck) && KeepsQuorum(replica, struck)) orphaned.push_back(group);
  }
  return orphaned;
}

void Strike(SimCluster* cluster, Fault::Kind kind, const std::vector<uint32_t>& struck,
            Failovers* failovers) {
  std::vector<uint32_t> orphaned = Orphaned(cluster, struck);
  for (const uint32_t node : struck) {
    Fault fault;
    fault.kind = kind;
    fault.a = node;
    cluster->Apply(fault);
  }
  std::vector<int64_t>& times = failovers->times_us;
  const SimTime began = cluster->world().now;
  while (!orphaned.empty() && cluster->world().now - began < Failovers::kNeverUs) {
    cluster->Advance(kPollUs);
    std::erase_if(orphaned, [&](uint32_t group) {
      const int primary = cluster->PrimaryOf(group);
      if (primary < 0 || IsStruck(primary, struck)) return false;
      times.push_back(cluster->world().now - began);
      return true;
    });
  }
  const size_t never = orphaned.size() + (cluster->world().violation.empty() ? 0 : 1);
  times.resize(times.size() + never, Failovers::kNeverUs);
}

}  // namespace

SimOptions FailoverOptions(uint32_t nodes, uint32_t groups) {
  SimOptions options;
  options.nodes = nodes;
  options.groups = groups;
  options.suspect_us_min = 600'000;
  options.suspect_us_max = 1'100'000;
  return options;
}

int64_t Failovers::Percentile(int percent) const {
  const size_t place = times_us.size() * static_cast<size_t>(percent) / 100;
  return times_us[std::min(place, times_us.size() - 1)];
}

Failovers StrikeOne(Fault::Kind kind, Groups groups, uint64_t clusters) {
  Failovers failovers;
  for (uint64_t seed = 1; seed <= clusters; ++seed) {
    SimOptions options = FailoverOptions(5, 10);
    if (groups == Groups::kIdle) options.clients = 0;
    SimCluster cluster(options, {}, seed);
    cluster.Advance(4'000'000);
    Strike(&cluster, kind, {static_cast<uint32_t>(seed % options.nodes)}, &failovers);
  }
  std::sort(failovers.times_us.begin(), failovers.times_us.end());
  return failovers;
}

Failovers StrikeHalf(Fault::Kind kind, uint64_t clusters) {
  Failovers failovers;
  std::vector<uint32_t> struck;
  for (uint32_t node = 1; node < 100; node += 2) struck.push_back(node);
  for (uint64_t seed = 1; seed <= clusters; ++seed) {
    SimOptions options = FailoverOptions(100, 100);
    options.copies = 5;
    options.clients = 40;
    SimCluster cluster(options, {}, seed);
    cluster.Advance(4'000'000);
    Strike(&cluster, kind, struck, &failovers);
  }
  std::sort(failovers.times_us.begin(), failovers.times_us.end());
  return failovers;
}

FalseFailovers PauseForMinutes(uint32_t minutes) {
  SimOptions options = FailoverOptions(5, 8);
  options.clients = 4;
  options.think_us_mean = 100'000;
  options.weather.loss = 0.1;
  SimCluster cluster(options, {}, 11);
  cluster.Advance(5'000'000);
  FalseFailovers result;
  const auto term_of = [&](uint32_t group) {
    const int primary = cluster.PrimaryOf(group);
    TORC_CHECK(primary >= 0, "a primary between pauses");
    return cluster.node(static_cast<uint32_t>(primary)).Find(group)->term();
  };
  for (uint32_t minute = 0; minute < minutes; ++minute) {
    Fault pause;
    pause.kind = Fault::Kind::kPause;
    pause.a = minute % options.nodes;
    std::vector<Term> terms(options.groups);
    for (uint32_t group = 0; group < options.groups; ++group) {
      if (cluster.PrimaryOf(group) != static_cast<int>(pause.a)) terms[group] = term_of(group);
    }
    cluster.Apply(pause);
    cluster.Advance(60'000'000);
    cluster.End(pause);
    cluster.Advance(5'000'000);
    for (uint32_t group = 0; group < options.groups; ++group) {
      if (terms[group] == Term(0)) continue;
      ++result.watched;
      result.replaced += term_of(group) == terms[group] ? 0 : 1;
    }
  }
  result.violation = cluster.world().violation;
  return result;
}

}  // namespace torc::sim
