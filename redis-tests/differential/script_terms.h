#pragma once

// The terms of scripts: programs in Lua, libraries of functions and what they are called by.

#include <string_view>

#include "redis-tests/differential/grammar.h"

namespace torc::differential {

// Null when there is no term of this name.
Term FindScriptTerm(std::string_view name);

}  // namespace torc::differential
