// The proof that the simulator looks: plants each known protocol bug in turn and counts in how many
// seeds, and after how many seconds, some rule is seen to be broken.
//   sim_planted_bugs [--first SEED] [--findings COUNT] [--seconds LIMIT] [--bug NUMBER]
// Plays seeds until the bug is found in COUNT (1) of them, or for LIMIT (600) seconds of one
// processor. A seed runs in a child process, since a bug may also trip an invariant check, which
// aborts; that counts as found. Exit status 1 if a bug was found by no seed. The table is kept in
// PLANTED_BUGS.md.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sim/swarm.h"

namespace {

using torc::PlantedBug;

constexpr std::array<const char*, static_cast<size_t>(PlantedBug::kCount)> kNames = {
    "none",
    "commit old term by count",
    "vote not durable",
    "vote twice in a term",
    "vote for a stale log",
    "promise forgotten at restart",
    "acknowledge before durable",
    "commit past what was verified",
    "truncate without conflict",
    "reply of an old term counted",
    "quorum of half",
    "learner counted",
    "two changes in flight",
    "change before own term",
    "rejoin as voter",
    "snapshot keeps old log",
    "snapshot loses its term",
    "duplicate apply after reload",
    "checkpoint of uncommitted",
    "tail not reloaded",
    "read before own term",
    "read ignores in-flight writes",
    "read round not fresh",
    "lease not re-checked",
    "lease from reply time",
    "lease kept by quiescent group",
    "stale read after transfer",
    "unknown reported as no effect",
    "refusal echoes an old round",
    "retry executed again",
    "write numbers start over",
    "learner never stands",
};

struct Finding {
  bool found = false;
  std::string how;
};

// Plays one seed in a child; what it says comes back through a pipe.
Finding Play(uint64_t seed, PlantedBug bug) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(2);
  const pid_t child = fork();
  if (child < 0) std::exit(2);
  if (child == 0) {
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    const std::string said =
        torc::sim::RunSwarm(torc::sim::PlanSwarm(seed, {.planted = bug})).violation;
    if (!said.empty() && write(ends[1], said.data(), said.size()) < 0) _exit(2);
    _exit(said.empty() ? 0 : 1);
  }
  close(ends[1]);
  Finding finding;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    finding.how.append(buffer.data(), static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  finding.found = status != 0;
  finding.how = finding.how.substr(0, finding.how.find('\n')).substr(0, 90);
  return finding;
}

// Of the simulations only: what else this machine does, and what a fork costs, do not count.
double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

uint64_t NumberAfter(const char* flag, uint64_t fallback, int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return std::strtoull(argv[i + 1], nullptr, 10);
  }
  return fallback;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t first = NumberAfter("--first", 1, argc, argv);
  const uint64_t findings = NumberAfter("--findings", 1, argc, argv);
  const auto seconds_max = static_cast<double>(NumberAfter("--seconds", 600, argc, argv));
  const uint64_t only = NumberAfter("--bug", 0, argc, argv);
  int missed = 0;
  std::printf(
      "| bug | first found by | after, s | found in | first sign |\n|---|---|---|---|---|\n");
  for (size_t b = 1; b < kNames.size(); ++b) {
    if (only != 0 && only != b) continue;
    const double started = ProcessorSeconds();
    uint64_t found = 0;
    uint64_t played = 0;
    std::string first_sign;
    std::string first_seed = "-";
    double seconds = 0;
    while (found < findings && ProcessorSeconds() - started < seconds_max) {
      const uint64_t seed = first + played++;
      const Finding finding = Play(seed, static_cast<PlantedBug>(b));
      if (!finding.found || found++ > 0) continue;
      first_seed = "seed " + std::to_string(seed);
      first_sign = finding.how;
      seconds = ProcessorSeconds() - started;
    }
    missed += found == 0 ? 1 : 0;
    std::printf("| %s | %s | %.1f | %llu of %llu seeds | %s |\n", kNames[b], first_seed.c_str(),
                seconds, static_cast<unsigned long long>(found),
                static_cast<unsigned long long>(played), first_sign.c_str());
    std::fflush(stdout);
  }
  return missed == 0 ? 0 : 1;
}
