// The long run: swarm_main [--first SEED] [--seeds COUNT] [--no-shrink] [--verbose]
// Plays one simulation per seed; a failing one is shrunk, printed, and makes the exit status 1.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "sim/swarm.h"

namespace {

uint64_t NumberAfter(const char* flag, uint64_t fallback, int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return std::strtoull(argv[i + 1], nullptr, 10);
  }
  return fallback;
}

bool HasFlag(const char* flag, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  using torc::sim::RunResult;
  using torc::sim::Swarm;
  const uint64_t first = NumberAfter("--first", 1, argc, argv);
  const uint64_t seeds = NumberAfter("--seeds", 200, argc, argv);
  const bool verbose = HasFlag("--verbose", argc, argv);
  const std::clock_t started = std::clock();
  uint64_t failures = 0;
  uint64_t operations = 0;
  uint64_t operations_ok = 0;
  uint64_t events = 0;
  double simulated_s = 0;
  double five_nodes_simulated_s = 0;
  double five_nodes_took_s = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const Swarm swarm = torc::sim::PlanSwarm(seed, {});
    const std::clock_t begun = std::clock();
    const RunResult result = torc::sim::RunSwarm(swarm);
    if (swarm.options.nodes == 5) {
      five_nodes_simulated_s += static_cast<double>(result.ended.value()) * 1e-6;
      five_nodes_took_s += static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    }
    operations += result.operations;
    operations_ok += result.operations_ok;
    events += result.events;
    simulated_s += static_cast<double>(result.ended.value()) * 1e-6;
    if (verbose) {
      std::printf("seed %llu: trace %016llx, %llu events, %llu of %llu operations ok%s\n",
                  static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(result.trace),
                  static_cast<unsigned long long>(result.events),
                  static_cast<unsigned long long>(result.operations_ok),
                  static_cast<unsigned long long>(result.operations),
                  result.violation.empty() ? "" : ", FAILED");
      std::fflush(stdout);
    }
    if (result.violation.empty()) continue;
    ++failures;
    std::printf("%s\n", torc::sim::Report(swarm, result).c_str());
    if (!HasFlag("--no-shrink", argc, argv)) {
      const Swarm shrunk = torc::sim::Shrink(swarm, 150, [](const Swarm& candidate) {
        return !torc::sim::RunSwarm(candidate).violation.empty();
      });
      std::printf("shrunk:\n%s\n", torc::sim::Report(shrunk, torc::sim::RunSwarm(shrunk)).c_str());
    }
    std::fflush(stdout);
  }
  // Processor time: what the simulation costs, whatever else the machine does.
  const double took_s = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
  std::printf(
      "%llu seeds, %llu failed; %llu operations, %llu ok, %llu events; %.0f simulated seconds in "
      "%.1f s of processor time: %.0f times real time (%.0f with 5 nodes)\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(failures),
      static_cast<unsigned long long>(operations), static_cast<unsigned long long>(operations_ok),
      static_cast<unsigned long long>(events), simulated_s, took_s, simulated_s / took_s,
      five_nodes_simulated_s / five_nodes_took_s);
  return failures == 0 ? 0 : 1;
}
