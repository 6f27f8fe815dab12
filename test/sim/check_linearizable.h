#pragma once

// Linearizability of single-access operations, key by key (the property is local, so keys are
// checked apart). The search is Wing and Gong's with Lowe's memory of configurations already seen:
// try each operation that could come first, remember (set of operations done, state), back out when
// stuck. An operation of unknown outcome may take effect at any time after its call, or never.

#include <cstdint>

#include "sim/history.h"

namespace torc::sim {

struct LinearizableOptions {
  uint64_t steps_max =
      20'000'000;  // beyond it the verdict is "undecided", which is a violation too
};

// Checks every key of a history; operations with more than one access are left to CheckListAppend.
Verdict CheckLinearizable(const History& history, const LinearizableOptions& options = {});

}  // namespace torc::sim
