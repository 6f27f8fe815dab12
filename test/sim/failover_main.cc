// Prints how fast groups have a primary again, in simulated time: the figures of MEASURED.md.
//   sim_failover [CLUSTERS]     (1000; a hundredth as many of 100 nodes)

#include <cstdio>
#include <cstdlib>

#include "sim/failover_measure.h"

namespace {

using torc::sim::Failovers;
using torc::sim::Fault;
using torc::sim::Groups;

void Row(const char* what, const Failovers& failovers, int goal_ms) {
  const auto ms = [&](int percent) {
    return static_cast<long long>(failovers.Percentile(percent) / 1000);
  };
  std::printf("| %s | %zu | %lld | %lld | %lld | ≤ %d |\n", what, failovers.times_us.size(), ms(50),
              ms(99), ms(100), goal_ms);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t clusters = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000;
  const uint64_t big = clusters < 100 ? 1 : clusters / 100;
  std::printf(
      "| what happens | failovers | p50, ms | p99, ms | worst, ms | goal for p99, ms |\n"
      "|---|---|---|---|---|---|\n");
  using enum Fault::Kind;
  Row("one of 5 nodes is killed, its connections are reset",
      StrikeOne(kKill, Groups::kBusy, clusters), 500);
  Row("the same, its groups idle", StrikeOne(kKill, Groups::kIdle, clusters), 500);
  Row("one of 5 nodes falls silent", StrikeOne(kPause, Groups::kBusy, clusters), 2000);
  Row("the same, its groups idle", StrikeOne(kPause, Groups::kIdle, clusters), 2000);
  Row("50 of 100 nodes are killed at once", torc::sim::StrikeHalf(kKill, big), 3000);
  Row("50 of 100 nodes fall silent at once", torc::sim::StrikeHalf(kPause, big), 3000);
  const auto hour = torc::sim::PauseForMinutes(60);
  std::printf(
      "\nAn hour of 5 nodes, 10 %% of all messages lost, one after another paused for a minute: %d "
      "of %d reigns of nodes that ran were replaced.\n",
      hour.replaced, hour.watched);
  return hour.violation.empty() ? 0 : 1;
}
