#pragma once

#include <cstdint>

namespace torc {

// What an engine is made with. Everything else is a CONFIG parameter (redis.conf's names).
struct Options {
  // Runs of hash slots the keys are divided into; fixed for the life of a data set. 1..16384.
  int partition_count = 64;
  // The seed of the key hash. 0: taken from Entropy, so that clients cannot choose colliding keys.
  uint64_t hash_seed = 0;
};

}  // namespace torc
