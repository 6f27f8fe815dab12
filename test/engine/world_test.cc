#include "engine/world.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

// Shards that do nothing but work on their own number, borrow others' and lend themselves, and
// sleep while there is nothing to do: a machine may have fewer cores. Numbers are plain: a race is
// a torn one, and what TSan sees.
class Arena {
 public:
  Arena(size_t count, bool spin)
      : world_(count, spin, [this](size_t shard) { wakes_[shard]->release(); }), numbers_(count) {
    while (wakes_.size() < count) wakes_.push_back(std::make_unique<std::counting_semaphore<>>(0));
  }

  // Each shard borrows so often, then serves until all have.
  void Run(int borrows, ShardSet (*wanted)(Rng&, size_t count)) {
    std::vector<std::thread> threads;
    for (size_t self = 0; self < numbers_.size(); ++self) {
      threads.emplace_back([this, self, borrows, wanted] { Shard(self, borrows, wanted); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  uint64_t torn() const { return torn_; }
  // Of all shards together: what borrowers have added.
  uint64_t sum() const {
    uint64_t sum = 0;
    for (const Number& number : numbers_) sum += number.left;
    return sum;
  }
  uint64_t added() const { return added_; }

 private:
  // Both halves are equal whenever anybody may look.
  struct alignas(64) Number {
    uint64_t left = 0;
    uint64_t right = 0;
  };

  void Touch(size_t shard) {
    Number& number = numbers_[shard];
    if (number.left != number.right) ++torn_;
    ++number.left;
    ++added_;
    ++number.right;
  }

  void Shard(size_t self, int borrows, ShardSet (*wanted)(Rng&, size_t count)) {
    Rng rng(self + 1);
    while (borrows > 0 || unfinished_ > 0) {
      if (world_.IsAsked(self)) world_.Lend(self);
      Touch(self);
      if (borrows > 0 && world_.TakesTurn(self)) {
        const ShardSet shards = wanted(rng, numbers_.size());
        world_.Borrow(self, shards);
        (shards - ShardSet::One(self)).ForEach([this](size_t shard) { Touch(shard); });
        world_.Return(self);
        if (--borrows == 0) --unfinished_;
        continue;
      }
      Sleep(self, borrows);
    }
    // The last to finish wakes who waits for the end.
    for (size_t other = 0; other < numbers_.size(); ++other) world_.Rouse(other);
    world_.Leave(self);
  }

  void Sleep(size_t self, int borrows) {
    world_.BeginSleep(self);
    const bool in_turn = borrows > 0 && world_.TakesTurn(self);
    const bool over = borrows == 0 && unfinished_ == 0;
    if (!in_turn && !over && !world_.MayNotSleep(self)) wakes_[self]->acquire();
    world_.EndSleep(self);
  }

  World world_;
  std::vector<Number> numbers_;
  std::vector<std::unique_ptr<std::counting_semaphore<>>> wakes_;
  std::atomic<uint64_t> torn_{0};
  std::atomic<uint64_t> added_{0};
  std::atomic<size_t> unfinished_{numbers_.size()};
};

ShardSet SomeShards(Rng& rng, size_t count) {
  return {1 + rng.Below((uint64_t{1} << count) - 1)};
}

ShardSet AllShards(Rng& /*rng*/, size_t count) {
  return ShardSet::First(count);
}

TEST_CASE("whoever has borrowed a shard is alone with it") {
  for (const size_t count : {2U, 3U, 5U}) {
    for (const bool spin : {false, true}) {
      CAPTURE(count);
      Arena arena(count, spin);
      arena.Run(25, SomeShards);
      CHECK(arena.torn() == 0);
      CHECK(arena.sum() == arena.added());
    }
  }
}

TEST_CASE("all shards want all shards: each gets them in turn") {
  Arena arena(4, false);
  arena.Run(25, AllShards);
  CHECK(arena.torn() == 0);
  CHECK(arena.sum() == arena.added());
}

TEST_CASE("a shard whose thread has ended is lent at once") {
  World world(2, false, [](size_t) {});
  world.Leave(1);
  REQUIRE(world.TakesTurn(0));
  world.Borrow(0, world.all());
  world.Return(0);
  CHECK(world.borrow_count() == 1);
}

TEST_CASE("tickets are served in the order they were drawn") {
  std::vector<size_t> woken;
  World world(3, false, [&woken](size_t shard) { woken.push_back(shard); });
  CHECK(world.TakesTurn(1));
  CHECK_FALSE(world.TakesTurn(2));
  CHECK_FALSE(world.TakesTurn(0));
  world.BeginSleep(2);
  CHECK_FALSE(world.MayNotSleep(2));
  world.Borrow(1, ShardSet::One(1));
  world.Return(1);
  CHECK(woken == std::vector<size_t>{2});
  CHECK(world.MayNotSleep(2));
  CHECK_FALSE(world.TakesTurn(0));
  CHECK(world.TakesTurn(2));
  world.Return(2);
  CHECK(world.TakesTurn(0));
}

}  // namespace
}  // namespace torc
