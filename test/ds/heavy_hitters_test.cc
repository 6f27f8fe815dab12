#include "ds/heavy_hitters.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "base/hash.h"
#include "base/rng.h"

namespace torc {
namespace {

TEST_CASE("the heaviest texts of a skewed stream are found, with weights that are not too high") {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    Rng rng(seed);
    HeavyHitters hitters(64);
    std::map<std::string, uint64_t> truth;
    for (int i = 0; i < 200000; ++i) {
      // Rank r comes about as often as 1/r: Zipf over 22,000 texts.
      const auto rank = static_cast<uint64_t>(std::exp(rng.Unit() * 10));
      const std::string text = "key:" + std::to_string(rank);
      const uint64_t weight = 1 + rng.Below(20);
      truth[text] += weight;
      hitters.Add(HashBytes(text, 7), text, weight);
    }
    std::vector<std::pair<uint64_t, std::string>> exact;
    for (const auto& [text, weight] : truth) exact.emplace_back(weight, text);
    std::sort(exact.rbegin(), exact.rend());
    const auto top = hitters.Top(10);
    REQUIRE(top.size() == 10);
    for (size_t i = 0; i < top.size(); ++i) {
      CHECK(top[i].text == exact[i].second);
      CHECK(top[i].weight <= exact[i].first);
      CHECK(static_cast<double>(top[i].weight) >= 0.9 * static_cast<double>(exact[i].first));
    }
  }
}

TEST_CASE("a text that weighs an eighth of its set is never missed") {
  HeavyHitters hitters(1);
  Rng rng(5);
  uint64_t heavy = 0;
  for (int i = 0; i < 50000; ++i) {
    const bool is_heavy = i % 7 == 0;
    const std::string text = is_heavy ? "heavy" : std::to_string(rng.Next());
    heavy += is_heavy ? 1 : 0;
    hitters.Add(HashBytes(text, 7), text, 1);
  }
  const auto top = hitters.Top(8);
  const auto found =
      std::find_if(top.begin(), top.end(), [](const auto& item) { return item.text == "heavy"; });
  REQUIRE(found != top.end());
  CHECK(found->weight <= heavy);
  CHECK(HeavyHitters(4).Top(3).empty());
}

TEST_CASE("long texts are cut and still told apart") {
  HeavyHitters hitters(16);
  const std::string same(2000, 'x');
  for (const char* end : {"a", "b"}) {
    const std::string text = same + end;
    hitters.Add(HashBytes(text, 7), text, 5);
  }
  const auto top = hitters.Top(5);
  REQUIRE(top.size() == 2);
  CHECK(top[0].text.size() == HeavyHitters::kTextBytesMax);
}

}  // namespace
}  // namespace torc
