#pragma once

// The terms of the grammar: what stands for a key, a value, an index, a time. Each leans towards
// what collides (few keys, few members) and now and then yields an edge: empty, binary, huge,
// negative, not a number.

#include <string_view>

#include "redis-tests/differential/grammar.h"

namespace torc::differential {

// Null when there is no term of this name.
Term FindTerm(std::string_view name);

// Absolute times that the grammar uses lie in these thirty days of 2040; relative ones end far
// before or after.
constexpr int64_t kAbsoluteTimesFromSeconds = 2'208'988'800;
constexpr int64_t kAbsoluteTimesUntilSeconds = kAbsoluteTimesFromSeconds + 30 * 86'400;

}  // namespace torc::differential
