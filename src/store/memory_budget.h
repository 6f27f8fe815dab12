#pragma once

// What one shard's memory may be and what it is. With one shard both are the process's; several
// share the limit through a ledger, and each knows what its lease still allows without asking.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "store/memory_ledger.h"

namespace torc {

class MemoryBudget {
 public:
  // While memory is scarce, a shard that may evict does so rather than ask for less than this.
  static constexpr size_t kRenewedBytesMin = size_t{64} << 10;
  static constexpr auto kLeaseBytesMax = static_cast<int64_t>(MemoryLedger::kLeaseBytesMax);

  MemoryBudget() = default;
  ~MemoryBudget() { Share(nullptr); }
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Now and then, by the shard's own thread: see MemoryMeter.
  void Sync() {
    if (ledger_ == nullptr) return account_.meter.Sync();
    ledger_->CountThisThread(&account_);
    TakeLease(0);
  }
  // Now and then, by a thread that has all shards to itself: see MemoryLedger.
  void Recount() {
    if (ledger_ != nullptr) ledger_->Recount();
  }
  // From now on the limit is shared through the ledger, which must outlive the budget; null: not
  // any more, to be called before the shard's thread ends.
  void Share(MemoryLedger* ledger) {
    if (ledger_ != nullptr) ledger_->Leave(&account_);
    ledger_ = ledger;
    if (ledger_ == nullptr) return;
    ledger_->Join(&account_);
    TakeLease(0);
  }

  // 0: no limit.
  void set_limit_bytes(size_t limit_bytes) {
    if (limit_bytes == limit_bytes_) [[likely]]
      return;
    limit_bytes_ = limit_bytes;
    TakeLease(0);
  }
  size_t limit_bytes() const { return limit_bytes_; }
  bool limited() const { return limit_bytes_ != 0; }
  // Buffers of the log and of replicas: they empty by themselves and no eviction shrinks them, so
  // they do not count.
  void set_uncounted_bytes(size_t bytes) { uncounted_bytes_ = bytes; }
  size_t uncounted_bytes() const { return uncounted_bytes_; }

  size_t used_bytes() const {
    return ledger_ == nullptr ? account_.meter.allocated_bytes() : ledger_->UsedBytes();
  }
  // What the shard's thread has allocated less what it has freed, which may have been others'.
  int64_t own_bytes() const { return static_cast<int64_t>(account_.meter.thread_bytes()); }
  // By how much the limit, or what is leased of it, would be exceeded if so many bytes were added.
  size_t ExcessBytes(size_t wanted_bytes = 0) const {
    if (!limited()) return 0;
    const MemoryMeter& meter = account_.meter;
    const auto counted = static_cast<int64_t>(
        (ledger_ == nullptr ? meter.allocated_bytes() : meter.thread_bytes()) + wanted_bytes);
    const int64_t allowed =
        ledger_ == nullptr ? static_cast<int64_t>(counted_limit_bytes()) : account_.leased_to;
    return counted <= allowed ? 0 : static_cast<size_t>(counted - allowed);
  }
  // To be called when there is an excess: true if a new lease may have ended it. Asking takes a
  // lock that all shards share: one that `may_evict` does not for a small want while there is
  // little to be had.
  bool Renew(size_t wanted_bytes, bool may_evict) {
    if (ledger_ == nullptr) return false;
    if (may_evict && account_.scarce && wanted_bytes < kRenewedBytesMin) return false;
    TakeLease(wanted_bytes);
    return true;
  }
  // Before a command is admitted: another shard's overdraft voids the lease, and what this one has
  // freed since is for all.
  void RefreshLease() {
    if (ledger_ == nullptr || !limited()) return;
    const bool too_large = account_.leased_to - own_bytes() > kLeaseBytesMax;
    if (too_large || ledger_->IsVoid(account_)) [[unlikely]]
      TakeLease(0);
  }
  // After a command: if it took much more than was leased, the other shards hear of it.
  void SettleOverdraft() {
    if (ledger_ == nullptr || !limited()) return;
    if (MemoryLedger::OverdraftBytes(account_) > kLeaseBytesMax) [[unlikely]]
      TakeLease(0);
  }

 private:
  size_t counted_limit_bytes() const {
    const size_t room = std::numeric_limits<int64_t>::max() - uncounted_bytes_;
    return (limit_bytes_ < room ? limit_bytes_ : room) + uncounted_bytes_;
  }
  void TakeLease(size_t wanted_bytes) {
    if (ledger_ == nullptr || !limited()) return;
    ledger_->Lease(&account_, counted_limit_bytes(), wanted_bytes);
  }

  MemoryLedger* ledger_ = nullptr;
  MemoryLedger::Account account_;
  size_t limit_bytes_ = 0;
  size_t uncounted_bytes_ = 0;
};

}  // namespace torc
