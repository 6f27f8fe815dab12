#pragma once

// Compares whole data sets: which keys each database holds, and of each its type, encoding, expiry
// and content.

#include <optional>

#include "redis-tests/differential/duel.h"

namespace torc::differential {

std::optional<Difference> CompareDatasets(Duel* duel);

}  // namespace torc::differential
