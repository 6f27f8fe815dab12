#include "cluster/placement_shards.h"

#include <algorithm>

namespace torc {
namespace {

// In each deal every item keeps its shard as long as the shard has less than its quota; the others
// go to the emptiest shard. Quotas differ by one; the larger ones go to the shards with most
// present items.
class Dealer {
 public:
  Dealer(std::span<const NodePartition> partitions, int shard_count, std::vector<int>* shards)
      : partitions_(partitions), count_(static_cast<size_t>(shard_count), 0), shards_(*shards) {}

  void Deal(bool primaries) {
    std::vector<size_t> items;
    for (size_t i = 0; i < partitions_.size(); ++i) {
      if (partitions_[i].is_primary == primaries) items.push_back(i);
    }
    const std::vector<int> quota = Quotas(items);
    std::vector<size_t> homeless;
    for (const size_t i : items) {
      const int shard = Present(i);
      if (shard != kNoShard && count(shard) < quota[static_cast<size_t>(shard)]) {
        Put(i, shard);
      } else {
        homeless.push_back(i);
      }
    }
    for (const size_t i : homeless) {
      size_t shard = 0;
      while (count_[shard] >= quota[shard]) ++shard;
      Put(i, static_cast<int>(shard));
    }
  }

 private:
  int Present(size_t i) const {
    const int shard = partitions_[i].shard;
    return shard >= 0 && shard < static_cast<int>(count_.size()) ? shard : kNoShard;
  }
  int count(int shard) const { return count_[static_cast<size_t>(shard)]; }
  void Put(size_t i, int shard) {
    shards_[i] = shard;
    ++count_[static_cast<size_t>(shard)];
  }

  // How full each shard is to become, so that after `items` more the fullest and the emptiest
  // differ by one.
  std::vector<int> Quotas(const std::vector<size_t>& items) const {
    std::vector<int> present = count_;
    for (const size_t i : items) {
      if (Present(i) != kNoShard) ++present[static_cast<size_t>(Present(i))];
    }
    std::vector<size_t> order(count_.size());
    for (size_t s = 0; s < order.size(); ++s) order[s] = s;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return present[a] > present[b]; });
    std::vector<int> quota = count_;
    for (size_t dealt = 0; dealt < items.size(); ++dealt) {
      size_t least = order[0];
      for (const size_t s : order) {
        if (quota[s] < quota[least]) least = s;
      }
      ++quota[least];
    }
    return quota;
  }

  std::span<const NodePartition> partitions_;
  std::vector<int> count_;
  std::vector<int>& shards_;
};

}  // namespace

std::vector<int> DealToShards(std::span<const NodePartition> partitions, int shard_count) {
  std::vector<int> shards(partitions.size(), kNoShard);
  Dealer dealer(partitions, shard_count, &shards);
  dealer.Deal(true);
  // The same dealer goes on from what the primaries filled, so that replicas level the sums.
  dealer.Deal(false);
  return shards;
}

}  // namespace torc
