#pragma once

// Simulations with a protocol bug planted. Each plays in a child process, since a bug may also trip
// an invariant check, which aborts; that counts as found.

#include <string>
#include <string_view>

#include "sim/swarm.h"

namespace torc::sim {

struct PlantedBugText {
  std::string_view name;
  std::string_view effect;  // what goes wrong
};

// In the order of PlantedBug, which it names for people.
const PlantedBugText& TextOf(PlantedBug bug);

// What a run said; empty when no rule was broken. Ends with the trace hash unless the run aborted.
std::string PlayInChild(const Swarm& swarm);

// The first line of that, without the trace.
std::string SignOf(const std::string& said);

// Processor time of all children so far: what else the machine does, and what a fork costs, do not
// count.
double ChildrenSeconds();

}  // namespace torc::sim
