#pragma once

// The allocator behind values, tables and buffers: jemalloc, or the C library's under sanitizers.
// The only place that names it. All functions may be called from any thread; memory may be freed on
// any thread.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/share_count.h"

namespace torc {

// Never returns null: running out of memory is fatal, with a message. size_bytes > 0.
void* Allocate(size_t size_bytes);
// All zeros. Of a large block that costs next to nothing: its pages come cleared, when they are
// used.
void* AllocateZeroed(size_t size_bytes);
// Aligned to a 64-byte cache line; size_bytes must be a multiple of 64.
void* AllocateLines(size_t size_bytes);
// Grows or shrinks, perhaps moving; keeps the first min(old, new) bytes.
void* Reallocate(void* p, size_t size_bytes);
// p may be null.
void Free(void* p);
// Blocks of so many bytes give their pages back while they are freed, which takes 0.1 ms a MB.
inline constexpr size_t kPurgedWhenFreedBytes = size_t{8} << 20;
// Gives the whole pages between `begin` and `end` back to the system, ahead of the end of the block
// they lie in: of what is not needed any more.
void DiscardPages(void* begin, const void* end);
// Bytes that the block of `p` really holds (its size class).
size_t UsableSize(const void* p);
// The size class that a request of size_bytes gets: what it will cost.
size_t AllocationSize(size_t size_bytes);

struct AllocatorStats {
  size_t allocated_bytes = 0;  // asked for by the program and not freed, rounded up to size classes
  size_t active_bytes = 0;     // pages with at least one live block
  size_t resident_bytes = 0;   // pages backed by memory
  size_t retained_bytes = 0;   // address space kept for reuse
  size_t muzzy_bytes = 0;      // pages that the kernel may take back
};
// Walks all arenas: some microseconds. Zeros under sanitizers.
AllocatorStats ReadAllocatorStats();
// Bytes allocated now; cheaper than ReadAllocatorStats. Refreshes the allocator's epoch.
size_t AllocatedBytes();

// What the process has allocated, exact at each Sync and between them as far as the thread that
// called it allocates and frees: reading costs a few loads, so it can be asked at every command.
class MemoryMeter {
 public:
  // To be called now and then, always by the same thread: it counts what other threads did.
  void Sync();
  // From now on it counts the calling thread; Sync does that, too.
  void CountThisThread();
  size_t allocated_bytes() const { return base_bytes_ + thread_bytes(); }
  // The part of the thread it counts: what it allocated less what it freed, which may have
  // been another's (it wraps). Any thread may ask while that one lives. Where the allocator does
  // not count by thread, under sanitizers, all that the process has allocated.
  size_t thread_bytes() const;
  static bool CountsByThread();

 private:
  // Counters of the allocator's for the thread of the last Sync; null before it.
  [[maybe_unused]] const uint64_t* allocated_ = nullptr;
  [[maybe_unused]] const uint64_t* freed_ = nullptr;
  size_t base_bytes_ = 0;  // all that thread_bytes does not tell; wraps
};
// Moves blocks out of pages that are sparsely used, so that those can be given back.
class BlockMover {
 public:
  enum class What : uint8_t {
    kSparse,
    kEverything,  // for tests: whoever has forgotten where a block lies now is found out
  };
  explicit BlockMover(What what = What::kSparse) : what_(what) {}

  // The block's new place, its bytes copied and the old one freed; `p` itself if it lies well, or
  // is too large to share its pages. With an allocator that tells nothing, nothing moves.
  void* Move(void* p);
  // The same for a block that begins with a 32-bit count of its owners: one that is shared stays.
  // `p` may be null.
  void* MoveUnshared(void* p) {
    return p != nullptr && ShareCount::IsOne(*static_cast<const uint32_t*>(p)) ? Move(p) : p;
  }

  uint64_t moved_blocks() const { return moved_blocks_; }
  uint64_t kept_blocks() const { return kept_blocks_; }

 private:
  void* MoveAlways(void* p, size_t bytes);

  What what_;
  uint64_t moved_blocks_ = 0;
  uint64_t kept_blocks_ = 0;
  // Of the allocator's question "how full is the slab of this block", once it is known.
  [[maybe_unused]] size_t question_[4] = {};
  [[maybe_unused]] size_t question_length_ = 0;
};
// Whether BlockMover can do anything.
bool AllocatorTellsUse();

// Gives unused pages back to the system.
void PurgeAllocator();
// From now on unused pages go back on a thread of the allocator's own, which this starts, so that
// no request waits for it. After the process has forked for the last time.
void PurgeInBackground();
// "jemalloc-5.3.0", or "libc": INFO's mem_allocator.
const char* AllocatorName();

}  // namespace torc
