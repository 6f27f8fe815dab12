#include "store/eviction_policy.h"

namespace torc {
namespace {

constexpr ConfigChoice Choice(std::string_view name, EvictionPolicy policy) {
  return {name, static_cast<int>(policy)};
}

constexpr ConfigChoice kChoices[] = {Choice("volatile-lru", EvictionPolicy::kVolatileLru),
                                     Choice("volatile-lfu", EvictionPolicy::kVolatileLfu),
                                     Choice("volatile-random", EvictionPolicy::kVolatileRandom),
                                     Choice("volatile-ttl", EvictionPolicy::kVolatileTtl),
                                     Choice("allkeys-lru", EvictionPolicy::kAllkeysLru),
                                     Choice("allkeys-lfu", EvictionPolicy::kAllkeysLfu),
                                     Choice("allkeys-random", EvictionPolicy::kAllkeysRandom),
                                     Choice("noeviction", EvictionPolicy::kNoEviction),
                                     Choice("volatile-fifo", EvictionPolicy::kVolatileFifo),
                                     Choice("allkeys-fifo", EvictionPolicy::kAllkeysFifo),
                                     Choice("allkeys-s3fifo", EvictionPolicy::kAllkeysS3Fifo)};

}  // namespace

std::span<const ConfigChoice> EvictionPolicyChoices() {
  return kChoices;
}

std::string_view NameOf(EvictionPolicy policy) {
  for (const ConfigChoice& choice : kChoices) {
    if (choice.value == static_cast<int>(policy)) return choice.name;
  }
  return {};
}

}  // namespace torc
