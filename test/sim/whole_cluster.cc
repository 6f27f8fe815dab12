#include "sim/whole_cluster.h"

#include <algorithm>
#include <array>

namespace torc::sim {
namespace {

constexpr std::array<const char*, 3> kErrandNames = {"join", "drain", "lose"};

// Who is wanted where is the topology's business here.
bool IsOfTheOutside(const Fault& fault) {
  return fault.kind == Fault::Kind::kMove || fault.kind == Fault::Kind::kMoveAcross ||
         fault.kind == Fault::Kind::kTugOfWar;
}

// All spares join; of the founders one is drained and one lost, as far as enough remain.
std::vector<Errand> PlanErrands(const SimOptions& options, Rng* rng) {
  std::vector<Errand> errands;
  const auto at = [&] { return SimTime(rng->Between(2'000'000, options.faults_us * 2 / 3)); };
  for (uint32_t node = options.founders; node < options.nodes; ++node) {
    errands.push_back({at(), Errand::Kind::kJoin, node});
  }
  const auto first = static_cast<uint32_t>(rng->Below(options.founders));
  const auto second =
      static_cast<uint32_t>((first + 1 + rng->Below(options.founders - 1)) % options.founders);
  if (rng->Chance(0.7)) errands.push_back({at(), Errand::Kind::kDrain, first});
  if (rng->Chance(0.7)) errands.push_back({at(), Errand::Kind::kLose, second});
  return errands;
}

}  // namespace

WholeCluster PlanWholeCluster(uint64_t seed) {
  Rng rng(seed);
  WholeCluster cluster;
  cluster.seed = seed;
  SimOptions& options = cluster.options;
  options = PlanOptions(&rng);
  options.whole = true;
  options.copies = 3;
  options.founders = static_cast<uint32_t>(rng.Between(5, 7));
  options.nodes = options.founders + static_cast<uint32_t>(rng.Between(1, 3));
  options.operate_us = rng.Between(50'000, 200'000);
  options.acks = Acks::kMajority;
  options.faults_us = 20'000'000;
  options.settle_us = 30'000'000;
  options.events_max = 4'000'000;
  cluster.faults = PlanFaults(options, &rng);
  std::erase_if(cluster.faults, IsOfTheOutside);
  cluster.errands = PlanErrands(options, &rng);
  return cluster;
}

RunResult RunWholeCluster(const WholeCluster& cluster) {
  return SimCluster(cluster.options, cluster.faults, cluster.seed, cluster.errands).Run();
}

std::string Report(const WholeCluster& cluster, const RunResult& result) {
  const SimOptions& options = cluster.options;
  std::string text = "whole cluster, seed " + std::to_string(cluster.seed) + ": " +
                     result.violation + "\n  " + std::to_string(options.founders) + " of " +
                     std::to_string(options.nodes) + " nodes found it, " +
                     std::to_string(options.data_groups()) + " groups of " +
                     std::to_string(options.copies) + ", durability " +
                     std::to_string(static_cast<int>(options.replica.durability)) + "\n";
  for (const Errand& errand : cluster.errands) {
    text += "  " + std::to_string(errand.at.value()) +
            " us: " + kErrandNames[static_cast<size_t>(errand.kind)] + " " +
            std::to_string(errand.node) + "\n";
  }
  for (const Fault& fault : cluster.faults) text += "  " + Describe(fault) + "\n";
  return text;
}

}  // namespace torc::sim
