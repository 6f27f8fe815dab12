#include "cluster/placement_shares.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace torc {
namespace {

// Shares are sums of quotients: anything closer than this to a whole number is that number.
constexpr double kRounding = 1e-6;

int ZoneCount(std::span<const ShareNode> nodes) {
  int count = 0;
  for (const ShareNode& node : nodes) count = std::max(count, node.zone + 1);
  return count;
}

// Spreads `amount` over `members` by weight, none above `each_max`. The members' shares are
// overwritten.
void FillGroup(std::span<const ShareNode> nodes, const std::vector<size_t>& members, double amount,
               double each_max, std::vector<double>* shares) {
  std::vector<size_t> rising = members;
  while (!rising.empty()) {
    double weight_sum = 0;
    for (const size_t i : rising) weight_sum += nodes[i].weight;
    const double level = amount / weight_sum;
    const auto full = std::stable_partition(rising.begin(), rising.end(), [&](size_t i) {
      return level * nodes[i].weight <= each_max;
    });
    for (auto it = rising.begin(); it != full; ++it) (*shares)[*it] = level * nodes[*it].weight;
    if (full == rising.end()) return;
    for (auto it = full; it != rising.end(); ++it) {
      (*shares)[*it] = each_max;
      amount -= each_max;
    }
    rising.erase(full, rising.end());
  }
}

}  // namespace

int ZoneCopiesMax(std::span<const ShareNode> nodes, int copies) {
  std::vector<int> sizes(static_cast<size_t>(ZoneCount(nodes)), 0);
  for (const ShareNode& node : nodes) ++sizes[static_cast<size_t>(node.zone)];
  for (int limit = 1; limit < copies; ++limit) {
    int room = 0;
    for (const int size : sizes) room += std::min(size, limit);
    if (room >= copies) return limit;
  }
  return copies;
}

std::vector<double> FairShares(std::span<const ShareNode> nodes, int copies, int zone_copies_max,
                               int partition_count) {
  TORC_CHECK(static_cast<int>(nodes.size()) >= copies, "a node for every copy");
  const double node_max = partition_count;
  std::vector<double> shares(nodes.size(), 0);
  std::vector<std::vector<size_t>> zones(static_cast<size_t>(ZoneCount(nodes)));
  for (size_t i = 0; i < nodes.size(); ++i) zones[static_cast<size_t>(nodes[i].zone)].push_back(i);

  // A zone that overflows is filled to its brim by itself and leaves the game; the level of the
  // others only rises by that, so no decision has to be taken back.
  double amount = static_cast<double>(copies) * partition_count;
  std::vector<size_t> rising(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) rising[i] = i;
  std::vector<bool> closed(zones.size(), false);
  for (bool again = true; again;) {
    again = false;
    FillGroup(nodes, rising, amount, node_max, &shares);
    for (size_t z = 0; z < zones.size(); ++z) {
      if (closed[z] || zones[z].empty()) continue;
      const double zone_max =
          node_max * std::min(zone_copies_max, static_cast<int>(zones[z].size()));
      double sum = 0;
      for (const size_t i : zones[z]) sum += shares[i];
      if (sum < zone_max - kRounding) continue;
      closed[z] = true;
      again = true;
      amount -= zone_max;
      FillGroup(nodes, zones[z], zone_max, node_max, &shares);
      std::erase_if(rising, [&](size_t i) { return nodes[i].zone == static_cast<int>(z); });
    }
  }
  return shares;
}

int LoadMax(double share) {
  return std::max(static_cast<int>(std::floor(1.05 * share + kRounding)),
                  static_cast<int>(std::ceil(share - kRounding)));
}

int CopiesMax(double share, int copies) {
  return std::min(LoadMax(share), copies * LoadMax(share / copies));
}

}  // namespace torc
