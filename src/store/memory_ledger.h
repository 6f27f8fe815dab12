#pragma once

// What the shards of a process have leased of one limit, so that together they never exceed it.
//
// Each shard allocates up to its lease without asking anybody. When the lease is spent it comes
// here: what all have allocated now and what the others may still allocate is subtracted from the
// limit, and a part of the rest is leased. Leases are small, for what one shard holds unused the
// others cannot have. A command may take more than its shard has leased, for what it needs is known
// when it ends; then all leases are void, and every shard asks before it goes on.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/memory.h"

namespace torc {

class MemoryLedger {
 public:
  // Little enough that some shards' unused leases are no loss, and enough for a thousand commands;
  // of a small limit no more than a thousandth.
  static constexpr size_t kLeaseBytesMax = size_t{256} << 10;
  static constexpr size_t kLeaseBytesMin = size_t{4} << 10;

  // One shard's. Its meter counts what the shard's thread allocates.
  struct Account {
    MemoryMeter meter;
    int64_t seen_bytes = 0;   // the meter's thread_bytes at the last look
    int64_t leased_to = 0;    // the meter's thread_bytes when the lease is spent
    bool scarce = true;       // the lease is less than it would be if there were enough
    uint32_t overdrafts = 0;  // how many there had been when it was taken
  };

  // What the account's shard has taken beyond what it was allowed, or had already, at its last
  // look.
  static int64_t OverdraftBytes(const Account& account) {
    return static_cast<int64_t>(account.meter.thread_bytes()) -
           std::max(account.leased_to, account.seen_bytes);
  }

  // All functions may be called by any thread; an account's own, by its shard's only. The account
  // must outlive the ledger, or leave before its thread ends.
  void Join(Account* account);
  void Leave(Account* account);
  // From now on the account counts the calling thread.
  void CountThisThread(Account* account);
  // Asks the allocator what threads without an account have allocated. It adds up over threads and
  // arenas one after another: while others allocate the sum would be wrong by whatever they take
  // and give back meanwhile, so all of them must stand still.
  void Recount();
  // What all threads have allocated.
  size_t UsedBytes();
  // Whether the account's lease is void: a shard has taken much more than it had leased.
  bool IsVoid(const Account& account) const {
    return account.overdrafts != overdrafts_.load(std::memory_order_relaxed);
  }
  // A new lease instead of the old one, of `wanted_bytes` at least if so much is free. Above the
  // limit the account gets less than it has, by all that is too much: who frees looks again often.
  void Lease(Account* account, size_t limit_bytes, size_t wanted_bytes);

 private:
  int64_t ThreadsBytes() const;
  int64_t Used() const;

  std::atomic<uint32_t> overdrafts_{0};
  std::mutex mutex_;
  std::vector<Account*> accounts_;
  int64_t others_bytes_ = 0;  // of threads without an account, at the last Recount
};

}  // namespace torc
