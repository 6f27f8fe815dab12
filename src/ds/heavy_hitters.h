#pragma once

// HeavyHitters: which texts of a long stream weigh the most, in memory that does not grow.
//
// Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements
// in Data Streams", ICDT 2005) in sets of eight: a text belongs to one set by its hash; it adds to
// its counter there, or takes over the lightest counter of the set with all its weight. What it
// took over is its error: its true weight lies between weight - error and weight. A text heavier
// than an eighth of what else falls into its set is never missed.
//
// Sets instead of one heap: an Add looks at eight neighbours, moves nothing, and needs no index.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

class HeavyHitters {
 public:
  static constexpr size_t kWays = 8;
  // Of a longer text so much is kept; it is still told apart from others by its hash.
  static constexpr size_t kTextBytesMax = 512;

  struct Item {
    std::string text;
    uint64_t weight = 0;  // certain: the true weight is not below it
  };

  // `set_count` sets of kWays counters: some 100 bytes a counter, and the texts.
  explicit HeavyHitters(size_t set_count) : sets_(set_count) {}

  // `hash`: of the text, and of what else tells it apart. weight > 0.
  void Add(uint64_t hash, std::string_view text, uint64_t weight);
  // The heaviest, the heaviest first.
  std::vector<Item> Top(size_t count_max) const;

 private:
  struct Counter {
    uint64_t hash = 0;
    uint64_t weight = 0;  // 0: not in use
    uint64_t error = 0;   // what of the weight may be others'
    std::string text;
  };
  using Set = std::array<Counter, kWays>;

  std::vector<Set> sets_;
};

}  // namespace torc
