#pragma once

// How fast groups have a primary again after a fault, in simulated time: shared by the test that
// holds the goals and the program that prints the figures.

#include <cstdint>
#include <vector>

#include "sim/sim_cluster.h"

namespace torc::sim {

// Gossip tells of a silent node as late as gossip_measure finds for 100 nodes.
SimOptions FailoverOptions(uint32_t nodes, uint32_t groups);

// Recoveries from faults of one kind, sorted; microseconds from the fault until each group that
// lost its primary but no quorum has an established one again.
struct Failovers {
  static constexpr int64_t kNeverUs = 10'000'000;  // not recovered, or a rule was broken
  std::vector<int64_t> times_us;
  int64_t Percentile(int percent) const;  // of at least one time
};

enum class Groups : uint8_t { kBusy, kIdle };  // idle ones have fallen silent by the fault

// One of five nodes is struck, once in each of `clusters` clusters of 10 groups.
Failovers StrikeOne(Fault::Kind kind, Groups groups, uint64_t clusters);
// Every other node of 100 is struck at once; of groups of five, those on two of them keep their
// quorum.
Failovers StrikeHalf(Fault::Kind kind, uint64_t clusters);

// Five nodes lose a tenth of all messages, and one after another is paused for a minute.
struct FalseFailovers {
  int watched = 0;  // reigns of nodes that ran, a minute each
  int replaced = 0;
  std::string violation;
};
FalseFailovers PauseForMinutes(uint32_t minutes);

}  // namespace torc::sim
