#pragma once

// Short times to live, which a comparison of replies cannot hold still: each server is watched by
// itself.

#include <optional>

#include "redis-tests/differential/duel.h"

namespace torc::differential {

// On each server: a key with a short TTL is there before its time and gone after it, its PTTL never
// exceeds what was asked, and keys that nobody touches disappear from DBSIZE too. Bounded to a few
// seconds.
std::optional<Difference> ProbeExpiry(Duel* duel);

}  // namespace torc::differential
