#pragma once

// LogChannel: a shard's batches on their way to the log thread: a ring of slots that one thread
// fills and one empties, without a lock. The slot at the head is the batch of the turn under way,
// so nothing is copied; slots keep their memory, so nothing is allocated once warm. Two cache lines
// are shared per turn.
//
// Bytes are counted per shard from 0: what a shard has appended and what of it is durable can be
// compared without knowing how the log numbers the batches of all shards.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "persist/log_encoder.h"

namespace torc {

class LogChannel {
 public:
  static constexpr uint64_t kSlots = 256;

  // --- The shard's thread ---
  // The batch under way. It changes with each Publish that succeeds.
  LogBatch* open() { return &slots_[head_ % kSlots].batch; }
  // Hands the batch under way over. False if all slots are taken: then it stays and grows.
  bool Publish() {
    if (head_ + 1 - tail_.load(std::memory_order_acquire) >= kSlots) return false;
    handed_bytes_ += open()->bytes.size();
    slots_[head_ % kSlots].end_bytes = handed_bytes_;
    ++head_;
    published_.store(head_, std::memory_order_seq_cst);
    return true;
  }
  // All that was ever put in, the batch under way included.
  uint64_t appended_bytes() { return handed_bytes_ + open()->bytes.size(); }
  // Handed over and not yet taken, in batches and in bytes.
  uint64_t published() const { return head_; }
  uint64_t waiting_bytes() {
    return appended_bytes() - taken_bytes_.load(std::memory_order_acquire);
  }

  // --- The log's thread ---
  uint64_t taken() const { return tail_.load(std::memory_order_relaxed); }
  uint64_t available() const { return published_.load(std::memory_order_seq_cst); }
  // The oldest batch; only if there is one.
  const LogBatch& front() const { return slots_[taken() % kSlots].batch; }
  uint64_t front_end_bytes() const { return slots_[taken() % kSlots].end_bytes; }
  void Pop() {
    Slot& slot = slots_[taken() % kSlots];
    slot.batch.Clear();
    taken_bytes_.store(slot.end_bytes, std::memory_order_relaxed);
    tail_.store(taken() + 1, std::memory_order_release);
  }

 private:
  struct Slot {
    LogBatch batch;
    uint64_t end_bytes = 0;  // appended_bytes() behind it
  };
  std::array<Slot, kSlots> slots_;
  alignas(64) uint64_t head_ = 0;
  uint64_t handed_bytes_ = 0;
  std::atomic<uint64_t> published_{0};
  alignas(64) std::atomic<uint64_t> tail_{0};
  std::atomic<uint64_t> taken_bytes_{0};
};

}  // namespace torc
