#pragma once

// HeldKeys: keys that nobody may change for a while, because a command that uses them pauses in its
// middle. They are known by their hashes alone, in all databases: a key that is held by mistake
// waits a little, and that is all.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace torc {

class HeldKeys {
 public:
  // In any order, also several times.
  explicit HeldKeys(std::vector<uint64_t> hashes) : hashes_(std::move(hashes)) {
    std::sort(hashes_.begin(), hashes_.end());
  }
  // All keys there are.
  void HoldEverything() { everything_ = true; }

  bool Has(uint64_t hash) const {
    return everything_ || std::binary_search(hashes_.begin(), hashes_.end(), hash);
  }

 private:
  std::vector<uint64_t> hashes_;  // sorted
  bool everything_ = false;
};

}  // namespace torc
