#pragma once

// World: the shards of one process, and how one of them gets others to itself for a while.
//
// A coordinator that has something to do over several shards draws a ticket; tickets are served one
// at a time, in order: that is the global order, and nobody waits in a circle. While it waits its
// shard goes on. When its number comes up it asks the shards it needs, all at once. Each lends
// itself between two batches of commands: it stops, and the coordinator's thread alone touches its
// data, until it is given back. Whoever has all shards has the process to itself.
//
// Considered and refused: locking shards one behind the other in the order of their indexes. It
// lets two coordinators over disjoint shards work at once, but takes a wake-up per shard in a row,
// where this takes one; and coordinators that wait gather work, so that the next borrow serves all
// of it.
//
// Sleeping: a shard says that it is about to sleep before it looks for work a last time; whoever
// has work for it puts that there before it looks whether it sleeps. Both are sequentially
// consistent: one of them sees the other.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "command/routing.h"

namespace torc {

class World {
 public:
  // `wake` lets a shard that sleeps look again. `spin`: there is a core for each shard, so that
  // waiting for another is waiting for it alone.
  World(size_t shard_count, bool spin, std::function<void(size_t shard)> wake);

  size_t shard_count() const { return seats_.size(); }
  ShardSet all() const { return ShardSet::First(seats_.size()); }

  // --- The thread of `self`: as a coordinator
  // Draws a ticket, unless it has one. True once its number has come up.
  bool TakesTurn(size_t self);
  // The shards are stopped when this returns; only in turn. `self` need not be among them.
  void Borrow(size_t self, ShardSet shards);
  // All are given back, and the turn is over.
  void Return(size_t self);

  // --- The thread of `self`: as a shard
  // Somebody wants to borrow it.
  bool IsAsked(size_t self) const {
    return seats_[self]->asked.load(std::memory_order_acquire) != 0;
  }
  // Stands still until it is given back.
  void Lend(size_t self);
  // Its thread ends: from now on it counts as lent to whoever asks.
  void Leave(size_t self);

  // Between these two `wake` is called when there may be work.
  void BeginSleep(size_t self) { seats_[self]->sleeping.store(true); }
  void EndSleep(size_t self) { seats_[self]->sleeping.store(false, std::memory_order_relaxed); }
  // Whether it has to look before it sleeps.
  bool MayNotSleep(size_t self) const;

  // --- Any thread
  // Work was put where the shard looks.
  void Rouse(size_t shard) {
    std::atomic<bool>& sleeping = seats_[shard]->sleeping;
    if (sleeping.load() && sleeping.exchange(false)) wake_(shard);
  }
  uint64_t borrow_count() const { return serving_.load(std::memory_order_relaxed); }
  // Greater than any that was drawn before.
  uint64_t NextStamp() { return next_stamp_.fetch_add(1, std::memory_order_relaxed) + 1; }

 private:
  static constexpr uint64_t kNoTicket = UINT64_MAX;
  struct alignas(64) Seat {
    // Not 0: somebody wants to borrow it, or has. Another number for each borrow, so that one that
    // follows closely is not taken for the same.
    std::atomic<uint32_t> asked{0};
    std::atomic<bool> sleeping{false};
    std::atomic<bool> gone{false};
    // Its own thread's.
    uint64_t ticket = kNoTicket;
    ShardSet borrowed;
  };

  // Returns the value once it is another than `while_it_is`.
  uint32_t Await(const std::atomic<uint32_t>& value, uint32_t while_it_is) const;
  void Grant();

  std::vector<std::unique_ptr<Seat>> seats_;
  const bool spin_;
  const std::function<void(size_t)> wake_;
  std::atomic<uint64_t> next_ticket_{0};
  std::atomic<uint64_t> serving_{0};
  alignas(64) std::atomic<uint64_t> next_stamp_{0};
  // Who drew ticket t: at t modulo the number of places, its index + 1.
  std::vector<std::atomic<uint32_t>> drawn_by_;
  std::atomic<uint32_t> not_granted_{0};
};

}  // namespace torc
