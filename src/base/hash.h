#pragma once

// The hash of keys and of everything else that needs a fast one: XXH3 64 with a seed. The server
// seeds it at random, so that clients cannot choose keys that collide; tests and the simulator use
// a fixed seed.

#include <cstdint>
#include <string_view>

namespace torc {

// Any thread. Equal bytes and seed give equal hashes on every machine.
uint64_t HashBytes(std::string_view bytes, uint64_t seed);

}  // namespace torc
