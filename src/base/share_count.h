#pragma once

// ShareCount: how many own a block of memory, in the first bytes of the block itself. The owners
// may live on several shards (COPY and RENAME share a value's nodes with a key of another), so the
// count is changed atomically. While there is one owner, which is nearly always, that costs
// nothing: it is only looked at.
//
// The counts are plain integers, because the blocks are copied byte by byte.

#include <atomic>
#include <concepts>

namespace torc {

struct ShareCount {
  // Nobody else owns the block, and nobody else will unless the caller shares it: it may be
  // written. What others did to it before they left is seen.
  template <std::unsigned_integral Count>
  static bool IsOne(const Count& count) {
    return std::atomic_ref<Count>(const_cast<Count&>(count)).load(std::memory_order_acquire) == 1;
  }
  template <std::unsigned_integral Count>
  static Count Owners(const Count& count) {
    return std::atomic_ref<Count>(const_cast<Count&>(count)).load(std::memory_order_relaxed);
  }
  // By somebody who owns it.
  template <std::unsigned_integral Count>
  static void Add(Count& count, Count owners = 1) {
    std::atomic_ref<Count>(count).fetch_add(owners, std::memory_order_relaxed);
  }
  // Returns whether that was the last owner, who then frees the block; the count is not changed
  // then.
  template <std::unsigned_integral Count>
  [[nodiscard]] static bool Drop(Count& count) {
    if (IsOne(count)) return true;
    if (std::atomic_ref<Count>(count).fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
    std::atomic_ref<Count>(count).store(1, std::memory_order_relaxed);
    return true;
  }
};

}  // namespace torc
