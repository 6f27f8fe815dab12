#pragma once

// SHA-1: what scripts are called by (EVALSHA, redis.sha1hex). Not for anything that must resist an
// attacker.

#include <array>
#include <string_view>

namespace torc {

// The digest as 40 lower-case hexadecimal digits.
std::array<char, 40> Sha1Hex(std::string_view bytes);

}  // namespace torc
