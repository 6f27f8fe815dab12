#include "store/memory_budget.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST_CASE("one shard may take all up to the limit") {
  MemoryBudget budget;
  budget.Sync();
  CHECK(budget.ExcessBytes(1000 * kMiB) == 0);
  budget.set_limit_bytes(budget.used_bytes() + 100 * kMiB);
  CHECK(budget.ExcessBytes(90 * kMiB) == 0);
  CHECK(budget.ExcessBytes(101 * kMiB) > 0);
  CHECK_FALSE(budget.Renew(kMiB, false));
}

TEST_CASE("shards that share a limit lease a little at a time") {
  MemoryLedger ledger;
  MemoryBudget budget;
  MemoryBudget other;
  budget.Share(&ledger);
  other.Share(&ledger);
  budget.set_limit_bytes(budget.used_bytes() + 100 * kMiB);
  other.set_limit_bytes(budget.limit_bytes());
  CHECK(budget.ExcessBytes(MemoryLedger::kLeaseBytesMin) == 0);
  CHECK(budget.ExcessBytes(2 * MemoryLedger::kLeaseBytesMax) > 0);
  CHECK(budget.Renew(kMiB, true));
  CHECK(budget.ExcessBytes(kMiB) == 0);
}

TEST_CASE("what is wanted is leased as a whole, but never what another has leased") {
  MemoryLedger ledger;
  MemoryBudget budget;
  MemoryBudget other;
  budget.Share(&ledger);
  other.Share(&ledger);
  budget.set_limit_bytes(budget.used_bytes() + 100 * kMiB);
  other.set_limit_bytes(budget.limit_bytes());
  CHECK(budget.Renew(90 * kMiB, true));
  CHECK(budget.ExcessBytes(90 * kMiB) == 0);
  CHECK(other.Renew(20 * kMiB, true));
  CHECK(other.ExcessBytes(20 * kMiB) > 0);
  CHECK(budget.Renew(0, false));
  CHECK(other.Renew(20 * kMiB, true));
  CHECK(other.ExcessBytes(20 * kMiB) == 0);
}

TEST_CASE("who takes more than was leased makes the others ask again") {
  if (!MemoryMeter::CountsByThread()) return;
  MemoryLedger ledger;
  MemoryBudget budget;
  budget.Share(&ledger);
  budget.set_limit_bytes(budget.used_bytes() + 20 * kMiB);
  CHECK(budget.ExcessBytes(MemoryLedger::kLeaseBytesMin) == 0);
  void* block = nullptr;
  std::thread([&] {
    MemoryBudget greedy;
    greedy.Share(&ledger);
    greedy.set_limit_bytes(budget.limit_bytes());
    greedy.Sync();
    block = Allocate(30 * kMiB);
    greedy.SettleOverdraft();
    greedy.Share(nullptr);
  }).join();
  CHECK(budget.ExcessBytes(MemoryLedger::kLeaseBytesMin) == 0);
  budget.RefreshLease();
  CHECK(budget.ExcessBytes() > 9 * kMiB);
  Free(block);
}

TEST_CASE("what a shard frees is for all, not a lease of its own") {
  if (!MemoryMeter::CountsByThread()) return;
  MemoryLedger ledger;
  MemoryBudget budget;
  budget.Share(&ledger);
  void* const block = Allocate(10 * kMiB);
  budget.set_limit_bytes(budget.used_bytes() + 20 * kMiB);
  Free(block);
  CHECK(budget.ExcessBytes(10 * kMiB) == 0);
  budget.RefreshLease();
  CHECK(budget.ExcessBytes(10 * kMiB) > 9 * kMiB);
}

TEST_CASE("with little to be had, who may evict does so rather than ask") {
  MemoryLedger ledger;
  MemoryBudget budget;
  budget.Share(&ledger);
  budget.set_limit_bytes(budget.used_bytes() + MemoryLedger::kLeaseBytesMin / 2);
  CHECK_FALSE(budget.Renew(1, true));
  CHECK(budget.Renew(1, false));
  CHECK(budget.Renew(MemoryBudget::kRenewedBytesMin, true));
}

TEST_CASE("above the limit whoever looks has to give up what is too much") {
  MemoryLedger ledger;
  std::array<MemoryBudget, 4> budgets;
  for (MemoryBudget& budget : budgets) budget.Share(&ledger);
  MemoryBudget& budget = budgets[0];
  budget.Sync();
  budget.set_limit_bytes(1);
  const size_t part = AllocatedBytes() - 1;
  CHECK(budget.ExcessBytes() > part - part / 8);
  CHECK(budget.ExcessBytes() < part + part / 8);
}

TEST_CASE("what is not counted is free to take") {
  MemoryBudget budget;
  budget.Sync();
  budget.set_uncounted_bytes(100 * kMiB);
  budget.set_limit_bytes(budget.used_bytes());
  CHECK(budget.ExcessBytes(90 * kMiB) == 0);
}

// Takes blocks of all sizes while its budget lets it, and gives some back.
void TakeAndGive(MemoryLedger* ledger, size_t limit_bytes, std::vector<void*> blocks, uint64_t seed,
                 const std::atomic<bool>* stop) {
  constexpr size_t kBlockBytesMax = 100'000;
  MemoryBudget budget;
  budget.Share(ledger);
  budget.set_limit_bytes(limit_bytes);
  budget.Sync();
  Rng rng(seed);
  while (!stop->load(std::memory_order_relaxed)) {
    const size_t bytes = 1 + rng.Below(kBlockBytesMax);
    const size_t block_bytes = AllocationSize(bytes);
    if (budget.ExcessBytes(block_bytes) > 0) budget.Renew(block_bytes, false);
    if (budget.ExcessBytes(block_bytes) == 0 && blocks.size() < blocks.capacity()) {
      blocks.push_back(Allocate(bytes));
    } else {
      for (size_t i = rng.Below(blocks.size() + 1); i > 0; --i) {
        Free(blocks.back());
        blocks.pop_back();
      }
    }
  }
  for (void* block : blocks) Free(block);
  budget.Share(nullptr);
}

TEST_CASE("threads that take all they may never exceed the limit together") {
  if (!MemoryMeter::CountsByThread()) return;  // no thread would know what it has taken since
  constexpr size_t kThreads = 4;
  constexpr int kLooks = 2000;
  constexpr size_t kBlocksMax = 1 << 16;
  // What starting a thread takes, and what the allocator keeps for each: nobody asks for it.
  constexpr size_t kSlackBytes = kMiB / 2;
  std::array<std::vector<void*>, kThreads> blocks;
  for (auto& list : blocks) list.reserve(kBlocksMax);
  MemoryLedger ledger;
  const size_t limit_bytes = AllocatedBytes() + 32 * kMiB;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back(TakeAndGive, &ledger, limit_bytes, std::move(blocks[i]), 17 + i, &stop);
  }
  size_t highest = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  int looks_when_full = 0;
  while (looks_when_full < kLooks && std::chrono::steady_clock::now() < end) {
    highest = std::max(highest, AllocatedBytes());
    if (highest > limit_bytes - 8 * kMiB) ++looks_when_full;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(highest > limit_bytes - 8 * kMiB);
  CHECK(highest <= limit_bytes + kSlackBytes);
}

}  // namespace
}  // namespace torc
