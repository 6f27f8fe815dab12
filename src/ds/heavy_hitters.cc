#include "ds/heavy_hitters.h"

#include <algorithm>

namespace torc {

void HeavyHitters::Add(uint64_t hash, std::string_view text, uint64_t weight) {
  __extension__ using Wide = unsigned __int128;
  Set& set = sets_[static_cast<size_t>((static_cast<Wide>(hash) * sets_.size()) >> 64)];
  Counter* lightest = &set[0];
  for (Counter& counter : set) {
    if (counter.hash == hash && counter.weight > 0) {
      counter.weight += weight;
      return;
    }
    if (counter.weight < lightest->weight) lightest = &counter;
  }
  lightest->hash = hash;
  lightest->error = lightest->weight;
  lightest->weight += weight;
  lightest->text.assign(text.substr(0, kTextBytesMax));
}

std::vector<HeavyHitters::Item> HeavyHitters::Top(size_t count_max) const {
  std::vector<Item> items;
  for (const Set& set : sets_) {
    for (const Counter& counter : set) {
      if (counter.weight > 0) items.push_back({counter.text, counter.weight - counter.error});
    }
  }
  const size_t count = std::min(count_max, items.size());
  std::partial_sort(items.begin(), items.begin() + static_cast<ptrdiff_t>(count), items.end(),
                    [](const Item& a, const Item& b) {
                      return a.weight != b.weight ? a.weight > b.weight : a.text < b.text;
                    });
  items.resize(count);
  return items;
}

}  // namespace torc
