#pragma once

// Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
// 2002): the smallest part of a command stream that still shows a difference. Pure; the caller
// supplies the experiment.

#include <cstdint>
#include <functional>
#include <vector>

#include "redis-tests/differential/command.h"

namespace torc::differential {

// Runs a list of commands from an empty data set; true when it still shows the difference.
using Experiment = std::function<bool(const std::vector<Command>&)>;

struct MinimiseLimits {
  // Commands run in all experiments together; starting one counts like a hundred.
  int64_t commands_max = 20'000'000;
};

// `failing` must make the experiment true. The result does too, and (unless the limit stops it) no
// single command and no single argument can be left out of it. The last command of `failing` is the
// one that shows the difference.
std::vector<Command> Minimise(std::vector<Command> failing, const Experiment& still_fails,
                              const MinimiseLimits& limits = MinimiseLimits{});

// The commands that share an argument with the last one, directly or over one other command, and
// those that change what others mean.
std::vector<Command> Related(const std::vector<Command>& commands);

}  // namespace torc::differential
