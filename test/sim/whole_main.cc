// Whole clusters, one per seed: sim_whole [SEEDS [FIRST]]. One that fails is printed without the
// faults and errands that it fails without, and makes the exit status 1.

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sim/whole_cluster.h"

namespace {

using torc::sim::RunResult;
using torc::sim::RunWholeCluster;
using torc::sim::WholeCluster;

template <typename T>
void Shorten(WholeCluster* failing, std::vector<T> WholeCluster::*list) {
  for (size_t i = 0; i < (failing->*list).size();) {
    WholeCluster candidate = *failing;
    (candidate.*list).erase((candidate.*list).begin() + static_cast<ptrdiff_t>(i));
    if (RunWholeCluster(candidate).violation.empty()) {
      ++i;
    } else {
      *failing = std::move(candidate);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  uint64_t failures = 0;
  uint64_t operations = 0;
  uint64_t operations_ok = 0;
  double simulated_s = 0;
  const std::clock_t started = std::clock();
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    WholeCluster cluster = torc::sim::PlanWholeCluster(seed);
    const RunResult result = RunWholeCluster(cluster);
    operations += result.operations;
    operations_ok += result.operations_ok;
    simulated_s += static_cast<double>(result.ended.value()) * 1e-6;
    if (result.violation.empty()) continue;
    ++failures;
    Shorten(&cluster, &WholeCluster::faults);
    Shorten(&cluster, &WholeCluster::errands);
    std::printf("%s\n", Report(cluster, RunWholeCluster(cluster)).c_str());
    std::fflush(stdout);
  }
  const double took_s = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
  std::printf(
      "%llu whole clusters, %llu failed; %llu operations, %llu ok; %.0f simulated seconds in %.1f "
      "s of processor time\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(failures),
      static_cast<unsigned long long>(operations), static_cast<unsigned long long>(operations_ok),
      simulated_s, took_s);
  return failures == 0 ? 0 : 1;
}
