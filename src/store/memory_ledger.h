#pragma once

// What the shards of a process have leased of one limit, so that together they never exceed it.
//
// Each shard allocates up to its lease without asking anybody. When the lease is spent it comes
// here: what all have allocated now and what the others may still allocate is subtracted from the
// limit, and a part of the rest is leased. Leases are small, for what one shard holds unused the
// others cannot have.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/memory.h"

namespace torc {

class MemoryLedger {
 public:
  // Little enough that some shards' unused leases are no loss, and enough for a thousand commands.
  static constexpr size_t kLeaseBytesMax = size_t{256} << 10;

  // One shard's. Its meter counts what the shard's thread allocates.
  struct Account {
    MemoryMeter meter;
    int64_t leased_to = 0;   // the meter's thread_bytes when the lease is spent
    size_t lease_bytes = 0;  // when it was taken; 0: nothing was free
  };

  // All functions may be called by any thread; an account's own, by its shard's only. The account
  // must outlive the ledger, or leave before its thread ends.
  void Join(Account* account);
  void Leave(Account* account);
  // Asks the allocator what all threads have allocated, those of no shard as well.
  void Sync(Account* account);
  // A new lease instead of the old one, of `wanted_bytes` at least if so much is free. Above the
  // limit the account gets less than it has: each has to give up an equal part of what is too much.
  void Lease(Account* account, size_t limit_bytes, size_t wanted_bytes);

 private:
  int64_t ThreadsBytes() const;
  int64_t UsedBytes() const;

  std::mutex mutex_;
  std::vector<Account*> accounts_;
  int64_t others_bytes_ = 0;  // of threads without an account, at the last Sync
};

}  // namespace torc
