#pragma once

// Faults, planned before a simulation begins: a list that can be printed, shortened and run again.

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "sim/sim_time.h"
#include "sim/world.h"

namespace torc::sim {

struct Fault {
  enum class Kind : uint8_t {
    kKill,       // node `a`; restarts at the end
    kKillAll,    // every node
    kPowerLoss,  // node `a`
    kPowerLossAll,
    kWipe,   // node `a` comes back with an empty disk
    kPause,  // node `a` does not run
    kStall,  // node `a` stops between reading its clock and answering requests
    kCut,    // from `a` to `b` only
    kCutBoth,
    kIsolate,     // node `a` from all others
    kSplit,       // nodes in mask `a` from the rest
    kRing,        // every node hears only its two neighbours
    kStorm,       // loss, duplication, stragglers
    kSlowDisk,    // node `a`, for syncs of `b` us
    kClockJump,   // the wall clock of node `a`
    kMove,        // group `a` is wanted elsewhere, by seed `b`
    kHandOver,    // the primary of group `a` hands over
    kReset,       // `a` and `b` lose their connection, and nothing else
    kChase,       // whoever becomes primary of group `a` is struck at once, or one of its voters
    kEstrange,    // the primary of group `a` and one voter do not hear one another, others flap
    kMoveAcross,  // group `a` is wanted on its primary and nodes that the rest cannot reach
    kTugOfWar,    // group `a`: two primaries are told to remove one another
    kCount,
  };
  SimTime at;
  int64_t duration_us = 0;
  Kind kind{};
  uint32_t a = 0;
  uint32_t b = 0;
};

std::string Describe(const Fault& fault);

// A random mix for one run: which kinds occur at all is drawn first, then how many of them and
// when.
std::vector<Fault> PlanFaults(const SimOptions& options, Rng* rng);

// Random sizes, weather and policies for one run.
SimOptions PlanOptions(Rng* rng);

}  // namespace torc::sim
