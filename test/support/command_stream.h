#pragma once

// Random commands over few keys and three databases: each reaches what the ones before left.

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"

namespace torc {

class CommandStream {
 public:
  explicit CommandStream(uint64_t seed) : rng_(seed) {}

  std::vector<std::string> Next();
  uint64_t Below(uint64_t bound) { return rng_.Below(bound); }

 private:
  std::string Key() { return "k" + std::to_string(rng_.Below(40)); }
  std::string Number(int64_t low, int64_t high) { return std::to_string(rng_.Between(low, high)); }
  std::string Value();
  Rng rng_;
};

}  // namespace torc
