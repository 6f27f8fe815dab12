#include "store/memory_ledger.h"

#include <algorithm>

namespace torc {

void MemoryLedger::Join(Account* account) {
  const std::lock_guard lock(mutex_);
  account->meter.CountThisThread();
  if (accounts_.empty()) others_bytes_ = static_cast<int64_t>(AllocatedBytes());
  accounts_.push_back(account);
  others_bytes_ -= static_cast<int64_t>(account->meter.thread_bytes());
}

void MemoryLedger::Leave(Account* account) {
  const std::lock_guard lock(mutex_);
  if (std::erase(accounts_, account) == 0) return;
  others_bytes_ += static_cast<int64_t>(account->meter.thread_bytes());
}

void MemoryLedger::CountThisThread(Account* account) {
  const std::lock_guard lock(mutex_);
  const auto before = static_cast<int64_t>(account->meter.thread_bytes());
  account->meter.CountThisThread();
  const int64_t more = static_cast<int64_t>(account->meter.thread_bytes()) - before;
  account->leased_to += more;
  account->seen_bytes += more;
  others_bytes_ -= more;
}

void MemoryLedger::Recount() {
  const std::lock_guard lock(mutex_);
  others_bytes_ = static_cast<int64_t>(AllocatedBytes()) - ThreadsBytes();
}

size_t MemoryLedger::UsedBytes() {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(Used());
}

void MemoryLedger::Lease(Account* account, size_t limit_bytes, size_t wanted_bytes) {
  constexpr size_t kLimitParts = 1024;
  const auto share =
      static_cast<int64_t>(std::clamp(limit_bytes / kLimitParts, kLeaseBytesMin, kLeaseBytesMax));
  const std::lock_guard lock(mutex_);
  const auto own = static_cast<int64_t>(account->meter.thread_bytes());
  const auto sharers = static_cast<int64_t>(accounts_.size());
  // Far beyond its lease: the others' were given in ignorance of that.
  if (OverdraftBytes(*account) > share) overdrafts_.fetch_add(1, std::memory_order_relaxed);
  account->seen_bytes = own;
  account->overdrafts = overdrafts_.load(std::memory_order_relaxed);
  account->scarce = true;
  int64_t free = static_cast<int64_t>(limit_bytes) - Used();
  if (free < 0) {
    account->leased_to = own + free;
    return;
  }
  for (const Account* other : accounts_) {
    const auto spent_to = static_cast<int64_t>(other->meter.thread_bytes());
    if (other != account) free -= std::max<int64_t>(other->leased_to - spent_to, 0);
  }
  const auto wanted = static_cast<int64_t>(wanted_bytes);
  account->scarce = free < share * sharers;
  account->leased_to = own + std::min(free, std::max(wanted, std::min(free / sharers, share)));
}

int64_t MemoryLedger::ThreadsBytes() const {
  int64_t sum = 0;
  for (const Account* account : accounts_) {
    sum += static_cast<int64_t>(account->meter.thread_bytes());
  }
  return sum;
}

int64_t MemoryLedger::Used() const {
  // Without counters by thread each meter tells what all have allocated.
  if (!MemoryMeter::CountsByThread()) return static_cast<int64_t>(AllocatedBytes());
  return others_bytes_ + ThreadsBytes();
}

}  // namespace torc
