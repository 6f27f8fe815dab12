#pragma once

// A count-min sketch with four counters a key, up to 15, halved now and then.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace torc::bench {

class FrequencySketch {
 public:
  explicit FrequencySketch(size_t counters) : counts_(std::bit_ceil(counters)) {}
  uint32_t Count(uint32_t key) const {
    uint32_t count = kMax;
    for (const size_t at : Places(key)) count = std::min<uint32_t>(count, counts_[at]);
    return count;
  }
  void RaiseTo(uint32_t key, uint32_t count) {
    for (const size_t at : Places(key)) {
      counts_[at] = static_cast<uint8_t>(std::max<uint32_t>(counts_[at], std::min(count, kMax)));
    }
  }
  void Add(uint32_t key) { RaiseTo(key, Count(key) + 1); }
  void Halve() {
    for (uint8_t& count : counts_) count = static_cast<uint8_t>(count >> 1);
  }

 private:
  static constexpr uint32_t kMax = 15;
  std::array<size_t, 4> Places(uint32_t key) const {
    uint64_t h = key * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    const uint64_t step = (h >> 33) | 1;
    std::array<size_t, 4> places;
    for (size_t i = 0; i < places.size(); ++i) places[i] = (h + i * step) & (counts_.size() - 1);
    return places;
  }
  std::vector<uint8_t> counts_;
};

}  // namespace torc::bench
