#include "store/memory_budget.h"

#include <doctest/doctest.h>

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
  CHECK_FALSE(budget.Renew());
}

TEST_CASE("shards that share a limit lease equal parts of what is free") {
  MemoryBudget budget;
  budget.Sync();
  budget.set_sharers(4);
  budget.set_limit_bytes(budget.used_bytes() + 100 * kMiB);
  CHECK(budget.ExcessBytes(20 * kMiB) == 0);
  CHECK(budget.ExcessBytes(30 * kMiB) > 0);
  CHECK(budget.ExcessBytes(30 * kMiB) < 6 * kMiB);
  // A new look may show that the others have given something back.
  CHECK(budget.Renew());
}

TEST_CASE("a lease that is worth little is not renewed") {
  MemoryBudget budget;
  budget.Sync();
  budget.set_sharers(4);
  budget.set_limit_bytes(budget.used_bytes() + MemoryBudget::kRenewedBytesMin);
  CHECK_FALSE(budget.Renew());
}

TEST_CASE("above the limit each shard has to give up an equal part") {
  MemoryBudget budget;
  budget.Sync();
  budget.set_sharers(4);
  budget.set_limit_bytes(1);
  CHECK(budget.ExcessBytes() == (budget.used_bytes() - 1) / 4);
  CHECK_FALSE(budget.Renew());
}

TEST_CASE("what is not counted is free to take") {
  MemoryBudget budget;
  budget.Sync();
  budget.set_uncounted_bytes(100 * kMiB);
  budget.set_limit_bytes(budget.used_bytes());
  CHECK(budget.ExcessBytes(90 * kMiB) == 0);
}

}  // namespace
}  // namespace torc
