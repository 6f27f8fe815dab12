#include "sim/planted_run.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace torc::sim {
namespace {

constexpr std::array<PlantedBugText, static_cast<size_t>(PlantedBug::kCount)> kTexts = {{
    {"none", ""},
    {"commit old term by count", "entries of older terms are committed by counting copies"},
    {"vote not durable", "a vote leaves before it is on disk"},
    {"vote twice in a term", "two votes in one term"},
    {"vote for a stale log", "a vote for a log that lacks entries"},
    {"promise forgotten at restart", "a restarted voter may break the promise behind a lease"},
    {"acknowledge before durable", "an entry is acknowledged before it is kept"},
    {"commit past what was verified", "entries nobody compared with the primary's are committed"},
    {"truncate without conflict", "an old append message cuts off newer entries"},
    {"reply of an old term counted", "a reply of an earlier reign counts in this one"},
    {"quorum of half", "half of an even number of voters is a quorum"},
    {"learner counted", "a learner's copy counts toward commit"},
    {"two changes in flight", "voters change again before the first change is committed"},
    {"change before own term", "a new primary changes voters before it committed anything"},
    {"rejoin as voter", "a node that lost its state votes as if it had not"},
    {"snapshot keeps old log", "a snapshot is installed, the old log stays under it"},
    {"snapshot loses its term", "a snapshot is installed without its term"},
    {"duplicate apply after reload", "entries that a loaded checkpoint contains are applied again"},
    {"checkpoint of uncommitted", "a checkpoint holds what was never committed"},
    {"tail not reloaded", "a deposed primary keeps the effects of its lost tail"},
    {"read before own term", "a new primary answers before it committed an entry of its term"},
    {"read ignores in-flight writes", "a read shows a write that is not committed yet"},
    {"read round not fresh", "a read trusts a round that began before it"},
    {"lease not re-checked", "the lease is checked before the reply is computed, not after"},
    {"lease from reply time", "a lease is counted from the reply, not from the question"},
    {"lease kept by quiescent group", "a group that fell silent still believes its lease"},
    {"stale read after transfer", "the lease outlives the hand-over"},
    {"unknown reported as no effect", "a write that may yet commit is reported as refused"},
    {"refusal echoes an old round", "a refusal of an old reign confirms a round of the new one"},
    {"retry executed again", "a retried unit is appended a second time"},
    {"write numbers start over", "a replica born again takes its former writes for its own"},
    {"learner never stands", "the newest log's owner does not know that it may vote"},
}};

}  // namespace

const PlantedBugText& TextOf(PlantedBug bug) {
  return kTexts[static_cast<size_t>(bug)];
}

std::string PlayInChild(const Swarm& swarm) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(2);
  const pid_t child = fork();
  if (child < 0) std::exit(2);
  if (child == 0) {
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    const RunResult result = RunSwarm(swarm);
    if (result.violation.empty()) _exit(0);
    const std::string said = result.violation + "\ntrace " + std::to_string(result.trace) + "\n";
    if (write(ends[1], said.data(), said.size()) < 0) _exit(2);
    _exit(1);
  }
  close(ends[1]);
  std::string said;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    said.append(buffer.data(), static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0 && said.empty()) said = "ended with status " + std::to_string(status) + "\n";
  return said;
}

std::string SignOf(const std::string& said) {
  std::string sign = said.substr(0, said.find('\n'));
  // Of an invariant check: what it says, not where it stands.
  const size_t check = sign.find("check failed: ");
  if (check != std::string::npos) sign = sign.substr(check, sign.find(" (") - check);
  constexpr size_t kSignBytesMax = 110;
  if (sign.size() > kSignBytesMax) sign = sign.substr(0, sign.rfind(' ', kSignBytesMax)) + " …";
  return sign;
}

double ChildrenSeconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

}  // namespace torc::sim
