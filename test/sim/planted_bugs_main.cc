// The proof that the simulator looks: plants each known protocol bug in turn and counts in how many
// seeds, and after how many seconds, some rule is seen to be broken.
//   sim_planted_bugs [--first SEED] [--findings COUNT] [--seconds LIMIT] [--bug NUMBER]
//                    [--seeds COUNT] [--at-least COUNT] [--no-shrink]
// Plays seeds until the bug is found in COUNT (1) of them, or COUNT seeds are played, or for LIMIT
// (600) seconds of one processor. The first finding is played again, must be the same to the bit,
// and is shrunk. Exit status 1 if fewer bugs are found than --at-least says (all). The table is
// kept in PLANTED_BUGS.md.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sim/planted_run.h"

namespace {

using torc::PlantedBug;
using torc::sim::ChildrenSeconds;
using torc::sim::PlayInChild;
using torc::sim::Swarm;

struct Limits {
  uint64_t first = 1;
  uint64_t findings = 1;
  uint64_t seeds = UINT64_MAX;
  double seconds = 600;
  bool shrinks = true;
};

struct Finding {
  uint64_t found = 0;
  uint64_t played = 0;
  double first_after_s = 0;
  double played_s = 0;
  Swarm first;
  std::string said;  // by the first
};

Finding Search(PlantedBug bug, const Limits& limits) {
  Finding finding;
  const double started = ChildrenSeconds();
  while (finding.found < limits.findings && finding.played < limits.seeds &&
         finding.played_s < limits.seconds) {
    Swarm swarm = torc::sim::PlanSwarm(limits.first + finding.played++, {.planted = bug});
    std::string said = PlayInChild(swarm);
    finding.played_s = ChildrenSeconds() - started;
    if (said.empty() || finding.found++ > 0) continue;
    finding.first_after_s = finding.played_s;
    finding.first = std::move(swarm);
    finding.said = std::move(said);
  }
  return finding;
}

// Whether the finding replays exactly; prints its row.
bool Print(PlantedBug bug, const Finding& finding, const Limits& limits) {
  const auto& text = torc::sim::TextOf(bug);
  std::printf("| %s | %s | ", text.name.data(), text.effect.data());
  if (finding.found == 0) {
    std::printf("- | - | 0 of %llu | not found in %.0f s | |\n",
                static_cast<unsigned long long>(finding.played), finding.played_s);
    return true;
  }
  const bool is_same = PlayInChild(finding.first) == finding.said;
  const Swarm shrunk =
      torc::sim::Shrink(finding.first, limits.shrinks ? 60 : 0,
                        [](const Swarm& swarm) { return !PlayInChild(swarm).empty(); });
  std::printf("%llu | %.1f | %llu of %llu | %s%s | %zu → %zu |\n",
              static_cast<unsigned long long>(finding.first.seed), finding.first_after_s,
              static_cast<unsigned long long>(finding.found),
              static_cast<unsigned long long>(finding.played),
              torc::sim::SignOf(finding.said).c_str(), is_same ? "" : " (NOT THE SAME AGAIN)",
              finding.first.faults.size(), shrunk.faults.size());
  return is_same;
}

uint64_t NumberAfter(const char* flag, uint64_t fallback, int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return std::strtoull(argv[i + 1], nullptr, 10);
  }
  return fallback;
}

}  // namespace

int main(int argc, char** argv) {
  Limits limits;
  limits.first = NumberAfter("--first", 1, argc, argv);
  limits.findings = NumberAfter("--findings", 1, argc, argv);
  limits.seconds = static_cast<double>(NumberAfter("--seconds", 600, argc, argv));
  limits.seeds = NumberAfter("--seeds", UINT64_MAX, argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--no-shrink") == 0) limits.shrinks = false;
  }
  const uint64_t only = NumberAfter("--bug", 0, argc, argv);
  uint64_t searched = 0;
  uint64_t found = 0;
  bool all_replay = true;
  std::printf(
      "| bug | what goes wrong | first seed | after, s | seeds that find it | first sign | "
      "faults, shrunk |\n|---|---|---|---|---|---|---|\n");
  for (uint64_t b = 1; b < static_cast<uint64_t>(PlantedBug::kCount); ++b) {
    if (only != 0 && only != b) continue;
    const auto bug = static_cast<PlantedBug>(b);
    const Finding finding = Search(bug, limits);
    all_replay = Print(bug, finding, limits) && all_replay;
    std::fflush(stdout);
    ++searched;
    found += finding.found > 0 ? 1 : 0;
  }
  const uint64_t needed = NumberAfter("--at-least", searched, argc, argv);
  std::printf("\n%llu of %llu bugs found in %.0f s of processor time\n",
              static_cast<unsigned long long>(found), static_cast<unsigned long long>(searched),
              ChildrenSeconds());
  return found >= needed && all_replay ? 0 : 1;
}
