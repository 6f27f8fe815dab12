#pragma once

// A bounded queue between two threads without a lock: one puts in, the other takes out. Each side
// keeps a copy of how far the other was when it last looked, so that as long as there is room (or
// there are items) the two share one cache line per batch, not one per item.
//
// Publishing is sequentially consistent: a producer that publishes and then asks whether the
// consumer sleeps, and a consumer that says it sleeps and then looks a last time, cannot both miss
// each other.

#include <array>
#include <atomic>
#include <cstddef>

namespace torc {

template <typename Item, size_t kCapacity>
class SpscRing {
  static_assert((kCapacity & (kCapacity - 1)) == 0, "a power of two");

 public:
  static constexpr size_t capacity() { return kCapacity; }

  // --- The producer ---
  // False if the ring is full.
  bool Put(Item item) {
    if (head_ - seen_tail_ == kCapacity) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (head_ - seen_tail_ == kCapacity) return false;
    }
    items_[head_ % kCapacity] = item;
    published_.store(++head_, std::memory_order_seq_cst);
    return true;
  }

  // --- The consumer ---
  // False if the ring is empty.
  bool Take(Item* item) {
    if (taken_ == seen_head_) {
      seen_head_ = published_.load(std::memory_order_acquire);
      if (taken_ == seen_head_) return false;
    }
    *item = items_[taken_ % kCapacity];
    tail_.store(++taken_, std::memory_order_release);
    return true;
  }
  // Looks as a consumer must before it sleeps.
  bool empty() const { return taken_ == published_.load(std::memory_order_seq_cst); }

  // --- Any thread ---
  // How many items there are, roughly.
  size_t size() const {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    const size_t head = published_.load(std::memory_order_relaxed);
    return head > tail ? head - tail : 0;
  }

 private:
  alignas(64) size_t head_ = 0;  // the producer's
  size_t seen_tail_ = 0;
  std::atomic<size_t> published_{0};
  alignas(64) size_t taken_ = 0;  // the consumer's
  size_t seen_head_ = 0;
  std::atomic<size_t> tail_{0};
  alignas(64) std::array<Item, kCapacity> items_{};
};

}  // namespace torc
