#pragma once

// Spoils some of the commands: too few or too many arguments, two of them swapped, nonsense where a
// number stands, a name that is no command. Clients do this, and every server must answer it the
// same way.

#include "base/rng.h"
#include "redis-tests/differential/command.h"

namespace torc::differential {

// With a small chance, spoils the command in one way.
void MaybeSpoil(Rng& rng, Command* command);

}  // namespace torc::differential
