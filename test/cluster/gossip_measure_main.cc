// Measures gossip in simulation and prints a table. Arguments: node counts (default 10 100 1000),
// and "hour" for the hour of loss and pauses.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cluster/gossip_sim.h"

namespace torc {
namespace {

constexpr int64_t kSecond = 1'000'000;

// Bytes sent per node and second without any event.
double IdleBytes(int nodes, int64_t seconds) {
  GossipSim sim({.nodes = nodes, .seed = 1});
  sim.RunFor(2 * kSecond);
  const uint64_t before = sim.bytes_sent_in_all();
  sim.RunFor(seconds * kSecond);
  return static_cast<double>(sim.bytes_sent_in_all() - before) / nodes /
         static_cast<double>(seconds);
}

// Time until an announcement is everywhere, for several announcements.
std::vector<int64_t> SpreadTimes(int nodes, int rounds, double loss) {
  GossipSim sim({.nodes = nodes, .seed = 2, .loss = loss});
  sim.RunFor(kSecond);
  std::vector<int64_t> times;
  Rng rng(3);
  for (int i = 0; i < rounds; ++i) {
    MonoUs last = sim.now();
    int heard = 0;
    sim.on_announcement = [&](int, const Announcement& a) {
      if (a.term != Term(static_cast<uint64_t>(i + 1))) return;
      ++heard;
      last = sim.now();
    };
    const MonoUs start = sim.now();
    const int from = static_cast<int>(rng.Below(static_cast<uint64_t>(nodes)));
    sim.Feed(from, GossipAnnounce{{{PartitionId(5), Term(static_cast<uint64_t>(i + 1)),
                                    ConfigVersion(1), GossipSim::IdOf(from)}}});
    sim.RunFor(3 * kSecond);
    times.push_back(heard == nodes - 1 ? last - start : 999 * kSecond);
  }
  return times;
}

struct Detection {
  std::vector<int64_t> first;       // until somebody declares it dead
  std::vector<int64_t> everywhere;  // until everybody knows
};

Detection DetectionTimes(int nodes, int rounds, bool reset) {
  Detection detection;
  GossipSim sim({.nodes = nodes, .seed = 4});
  sim.RunFor(kSecond);
  Rng rng(5);
  for (int i = 0; i < rounds; ++i) {
    const int victim = 1 + i % (nodes - 1);
    if (!sim.alive(victim)) break;
    const MonoUs start = sim.now();
    MonoUs first;
    MonoUs last;
    int heard = 0;
    sim.on_change = [&](int, const MemberChange& change) {
      if (change.after.id != GossipSim::IdOf(victim)) return;
      if (change.after.state != MemberState::kDead) return;
      if (heard++ == 0) first = sim.now();
      last = sim.now();
    };
    sim.Kill(victim, reset);
    sim.RunFor(6 * kSecond);
    detection.first.push_back(heard > 0 ? first - start : 999 * kSecond);
    detection.everywhere.push_back(heard >= nodes - 1 ? last - start : 999 * kSecond);
    sim.Restart(victim, Incarnation(1), GossipSim::AddressOf(victim));
    sim.RunFor(4 * kSecond + static_cast<int64_t>(rng.Below(100'000)));
  }
  return detection;
}

void Row(int nodes) {
  const int rounds = nodes >= 1000 ? 12 : 60;
  const double idle = IdleBytes(nodes, nodes >= 1000 ? 20 : 60);
  const auto spread = SpreadTimes(nodes, rounds, 0);
  const auto lossy = SpreadTimes(nodes, rounds, 0.1);
  const Detection silent = DetectionTimes(nodes, rounds, false);
  const Detection reset = DetectionTimes(nodes, rounds, true);
  const auto ms = [](const std::vector<int64_t>& v, double p) {
    return static_cast<double>(Percentile(v, p)) / 1000.0;
  };
  std::printf("%5d | %8.2f | %7.0f %7.0f %7.0f | %7.0f %7.0f %7.0f | %7.0f %7.0f %7.0f\n", nodes,
              idle / 1000, ms(spread, 50), ms(spread, 99), ms(lossy, 99), ms(silent.first, 50),
              ms(silent.first, 99), ms(silent.everywhere, 99), ms(reset.first, 50),
              ms(reset.first, 99), ms(reset.everywhere, 99));
  std::fflush(stdout);
}

// An hour with 10 % loss in which somebody is always paused for a minute. Returns how often a node
// that was running was declared dead.
int FalseDeaths(int nodes, int64_t seconds) {
  GossipSim sim({.nodes = nodes, .seed = 6, .loss = 0.1});
  int false_deaths = 0;
  std::vector<MonoUs> ran_since(static_cast<size_t>(nodes), MonoUs());
  sim.on_change = [&](int, const MemberChange& change) {
    const int node = GossipSim::NodeOf(change.after.id);
    // One that has just woken may still be called dead by those who have not heard.
    const bool settled = sim.now() - ran_since[static_cast<size_t>(node)] > 5 * kSecond;
    if (change.after.state == MemberState::kDead && !sim.paused(node) && settled) ++false_deaths;
  };
  Rng rng(7);
  for (int64_t t = 0; t < seconds; t += 70) {
    const int victim = static_cast<int>(rng.Below(static_cast<uint64_t>(nodes)));
    sim.Pause(victim, 60 * kSecond);
    ran_since[static_cast<size_t>(victim)] = sim.now() + 60 * kSecond;
    sim.RunFor(70 * kSecond);
  }
  return false_deaths;
}

}  // namespace
}  // namespace torc

int main(int argc, char** argv) {
  std::vector<int> counts;
  bool hour = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "hour") == 0) {
      hour = true;
    } else {
      counts.push_back(std::atoi(argv[i]));
    }
  }
  if (counts.empty() && !hour) counts = {10, 100, 1000};
  if (!counts.empty()) {
    std::printf(
        "      | idle     | news everywhere, ms     | dead after silence, ms  | dead after reset, "
        "ms\n");
    std::printf(
        "nodes | KB/s out |     p50     p99 lossp99 |  1st50  1st99  all99    |  1st50  1st99  "
        "all99\n");
  }
  for (const int nodes : counts) torc::Row(nodes);
  if (hour) {
    std::printf("false deaths in an hour, 10 nodes, 10 %% loss, 60 s pauses: %d\n",
                torc::FalseDeaths(10, 3600));
  }
  return 0;
}
