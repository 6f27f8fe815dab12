#include "engine/world.h"

#include <utility>

#include "base/check.h"

namespace torc {
namespace {

// About as long as it takes to be woken.
constexpr int kSpins = 4000;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

World::World(size_t shard_count, bool spin, std::function<void(size_t)> wake)
    : spin_(spin), wake_(std::move(wake)), drawn_by_(ShardSet::kShardsMax) {
  TORC_CHECK(shard_count <= ShardSet::kShardsMax, "a set of shards is one word");
  for (size_t i = 0; i < shard_count; ++i) seats_.push_back(std::make_unique<Seat>());
}

uint32_t World::Await(const std::atomic<uint32_t>& value, uint32_t while_it_is) const {
  uint32_t seen = value.load(std::memory_order_acquire);
  for (int i = 0; spin_ && i < kSpins && seen == while_it_is; ++i) {
    Pause();
    seen = value.load(std::memory_order_acquire);
  }
  while (seen == while_it_is) {
    value.wait(seen, std::memory_order_acquire);
    seen = value.load(std::memory_order_acquire);
  }
  return seen;
}

bool World::TakesTurn(size_t self) {
  Seat& seat = *seats_[self];
  if (seat.ticket == kNoTicket) {
    seat.ticket = next_ticket_.fetch_add(1);
    drawn_by_[seat.ticket % drawn_by_.size()].store(static_cast<uint32_t>(self + 1));
  }
  // The one before us either sees who has drawn the next ticket, or has set the number before.
  return serving_.load() == seat.ticket;
}

void World::Borrow(size_t self, ShardSet shards) {
  Seat& seat = *seats_[self];
  TORC_CHECK(serving_.load() == seat.ticket, "shards are borrowed in turn");
  seat.borrowed = shards - ShardSet::One(self);
  if (seat.borrowed.empty()) return;
  const auto count = static_cast<uint32_t>(seat.borrowed.count());
  not_granted_.store(count, std::memory_order_relaxed);
  const auto number = static_cast<uint32_t>(seat.ticket) | 1U << 31;
  seat.borrowed.ForEach([this, number](size_t shard) {
    Seat& other = *seats_[shard];
    other.asked.store(number);
    // Who leaves says so before it looks whether it was asked: one of us takes the request.
    if (other.gone.load() && other.asked.exchange(0) != 0) return Grant();
    Rouse(shard);
  });
  uint32_t left = not_granted_.load(std::memory_order_acquire);
  while (left != 0) left = Await(not_granted_, left);
}

void World::Grant() {
  if (not_granted_.fetch_sub(1, std::memory_order_acq_rel) == 1) not_granted_.notify_one();
}

void World::Return(size_t self) {
  Seat& seat = *seats_[self];
  seat.borrowed.ForEach([this](size_t shard) {
    std::atomic<uint32_t>& asked = seats_[shard]->asked;
    asked.store(0);
    asked.notify_one();
  });
  seat.borrowed = {};
  const uint64_t next = std::exchange(seat.ticket, kNoTicket) + 1;
  serving_.store(next);
  serving_.notify_all();
  if (next_ticket_.load() == next) return;
  const uint32_t drawn_by = drawn_by_[next % drawn_by_.size()].load();
  if (drawn_by != 0) Rouse(drawn_by - 1);
}

void World::Lend(size_t self) {
  const std::atomic<uint32_t>& asked = seats_[self]->asked;
  uint32_t number = asked.load(std::memory_order_acquire);
  while (number != 0) {
    Grant();
    number = Await(asked, number);
  }
}

void World::Leave(size_t self) {
  Seat& seat = *seats_[self];
  seat.gone.store(true);
  if (seat.asked.exchange(0) != 0) Grant();
  if (seat.ticket == kNoTicket) return;
  // Others wait for the number to go on.
  uint64_t serving = serving_.load();
  for (; serving != seat.ticket; serving = serving_.load()) serving_.wait(serving);
  Return(self);
}

bool World::MayNotSleep(size_t self) const {
  const Seat& seat = *seats_[self];
  return seat.asked.load() != 0 || (seat.ticket != kNoTicket && serving_.load() == seat.ticket);
}

}  // namespace torc
