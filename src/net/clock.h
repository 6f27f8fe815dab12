#pragma once

// The two clocks, read from the system: a vDSO call each, some 20 ns. Rooms below the server never
// ask: they are given the time.

#include "base/ids.h"

namespace torc {

// Never goes back; the origin is arbitrary.
MonoUs MonotonicNow();
// May jump when somebody sets the clock.
UnixMs WallClockNow();

}  // namespace torc
