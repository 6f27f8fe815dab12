#pragma once

// LogChannel: a shard's batches on their way to the log thread: a list that one thread puts into
// and one takes from, without a lock. The batch of the turn under way is its open node, so nothing
// is copied; nodes and their memory are used again, so nothing is allocated once warm. It has no
// bound of its own: who is too far ahead of the disk is held back before (gate.writes_wait).
//
// With several shards each has a channel. A batch gets its number, which is its place in the log,
// from one counter for all of them when it is handed over; a shard that lends its data hands over
// before, so the numbers are in the order in which the data changed.

#include <atomic>
#include <cstdint>

#include "persist/log_encoder.h"

namespace torc {

class LogChannel {
 public:
  LogChannel() = default;
  ~LogChannel() {
    FreeAll(first_);
    FreeAll(spare_.load());
    FreeAll(kept_);
    delete open_;
  }
  LogChannel(const LogChannel&) = delete;
  LogChannel& operator=(const LogChannel&) = delete;

  // --- The shard's thread ---
  // The batch under way. It changes with each Publish.
  LogBatch* open() { return &open_->batch; }
  // Hands the batch under way over, under the next number.
  void Publish(std::atomic<uint64_t>* numbers) {
    Node* const node = open_;
    open_ = NewNode();
    node->number = numbers->fetch_add(1);
    last_->next.store(node, std::memory_order_release);
    last_ = node;
  }

  // --- The log's thread ---
  // The oldest batch; null if there is none.
  const LogBatch* front() const {
    const Node* const node = first_->next.load(std::memory_order_acquire);
    return node == nullptr ? nullptr : &node->batch;
  }
  // Its number; only if there is one.
  uint64_t front_number() const { return first_->next.load(std::memory_order_acquire)->number; }
  void Pop() {
    Node* const gone = first_;
    first_ = first_->next.load(std::memory_order_acquire);
    first_->batch.Clear();
    gone->next.store(spare_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    Node* expected = gone->next.load(std::memory_order_relaxed);
    while (!spare_.compare_exchange_weak(expected, gone, std::memory_order_release,
                                         std::memory_order_relaxed)) {
      gone->next.store(expected, std::memory_order_relaxed);
    }
  }

 private:
  struct Node {
    LogBatch batch;
    uint64_t number = 0;
    std::atomic<Node*> next{nullptr};
  };
  // One that the log's thread is done with, or a new one.
  Node* NewNode() {
    if (kept_ == nullptr) kept_ = spare_.exchange(nullptr, std::memory_order_acquire);
    if (kept_ == nullptr) return new Node;
    Node* const node = kept_;
    kept_ = node->next.load(std::memory_order_relaxed);
    node->next.store(nullptr, std::memory_order_relaxed);
    return node;
  }
  static void FreeAll(Node* node) {
    while (node != nullptr) {
      Node* const next = node->next.load();
      delete node;
      node = next;
    }
  }

  alignas(64) Node* open_ = new Node;
  Node* last_ = new Node;            // the last handed over
  Node* kept_ = nullptr;             // taken from spare_
  alignas(64) Node* first_ = last_;  // the last taken: an empty one
  alignas(64) std::atomic<Node*> spare_{nullptr};
};

}  // namespace torc
