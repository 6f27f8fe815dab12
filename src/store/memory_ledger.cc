#include "store/memory_ledger.h"

#include <algorithm>

namespace torc {

void MemoryLedger::Join(Account* account) {
  const std::lock_guard lock(mutex_);
  accounts_.push_back(account);
  account->meter.Sync();
  others_bytes_ = static_cast<int64_t>(account->meter.allocated_bytes()) - ThreadsBytes();
}

void MemoryLedger::Leave(Account* account) {
  const std::lock_guard lock(mutex_);
  if (std::erase(accounts_, account) == 0) return;
  others_bytes_ += static_cast<int64_t>(account->meter.thread_bytes());
}

void MemoryLedger::Sync(Account* account) {
  const std::lock_guard lock(mutex_);
  const auto before = static_cast<int64_t>(account->meter.thread_bytes());
  account->meter.Sync();
  // Another thread has taken the shard over: its lease is as large as it was.
  account->leased_to += static_cast<int64_t>(account->meter.thread_bytes()) - before;
  others_bytes_ = static_cast<int64_t>(account->meter.allocated_bytes()) - ThreadsBytes();
}

void MemoryLedger::Lease(Account* account, size_t limit_bytes, size_t wanted_bytes) {
  const std::lock_guard lock(mutex_);
  const auto own = static_cast<int64_t>(account->meter.thread_bytes());
  const auto sharers = static_cast<int64_t>(accounts_.size());
  int64_t free = static_cast<int64_t>(limit_bytes) - UsedBytes();
  account->lease_bytes = 0;
  account->leased_to = own;
  if (free < 0) {
    account->leased_to += free / sharers;
    return;
  }
  for (const Account* other : accounts_) {
    const auto spent_to = static_cast<int64_t>(other->meter.thread_bytes());
    if (other != account) free -= std::max<int64_t>(other->leased_to - spent_to, 0);
  }
  if (free <= 0) return;
  const int64_t share = std::min(free / sharers, static_cast<int64_t>(kLeaseBytesMax));
  const int64_t lease = std::min(free, std::max(share, static_cast<int64_t>(wanted_bytes)));
  account->lease_bytes = static_cast<size_t>(lease);
  account->leased_to += lease;
}

int64_t MemoryLedger::ThreadsBytes() const {
  int64_t sum = 0;
  for (const Account* account : accounts_) {
    sum += static_cast<int64_t>(account->meter.thread_bytes());
  }
  return sum;
}

int64_t MemoryLedger::UsedBytes() const {
  // Without counters by thread each meter tells what all have allocated.
  if (!MemoryMeter::CountsByThread()) return static_cast<int64_t>(AllocatedBytes());
  return others_bytes_ + ThreadsBytes();
}

}  // namespace torc
