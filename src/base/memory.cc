#include "base/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TORC_LIBC_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TORC_LIBC_MALLOC 1
#endif
#endif

#ifdef TORC_LIBC_MALLOC
#include <malloc.h>

// The sanitizers' own, of which g++ brings no header.
extern "C" size_t __sanitizer_get_current_allocated_bytes(void);
#else
#include <jemalloc/jemalloc.h>
#endif

#ifndef TORC_LIBC_MALLOC
// Read by jemalloc before main. Freed pages go back soon: what a growing table leaves behind is
// returned while it grows.
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "max_background_threads:1,dirty_decay_ms:500,muzzy_decay_ms:0,thp:default,"
    "metadata_thp:disabled";
#endif

namespace torc {
namespace {

[[noreturn]] void OutOfMemory(size_t size_bytes) {
  std::fprintf(stderr, "out of memory allocating %zu bytes\n", size_bytes);
  std::abort();
}

}  // namespace

void* Allocate(size_t size_bytes) {
  void* p = malloc(size_bytes);
  if (__builtin_expect(p == nullptr, 0)) OutOfMemory(size_bytes);
  return p;
}

void* AllocateZeroed(size_t size_bytes) {
  void* p = calloc(1, size_bytes);
  if (__builtin_expect(p == nullptr, 0)) OutOfMemory(size_bytes);
  return p;
}

void* AllocateLines(size_t size_bytes) {
  TORC_DCHECK(size_bytes % 64 == 0, "whole cache lines");
  void* p = aligned_alloc(64, size_bytes);
  if (__builtin_expect(p == nullptr, 0)) OutOfMemory(size_bytes);
  return p;
}

void* Reallocate(void* p, size_t size_bytes) {
  void* q = realloc(p, size_bytes);
  if (__builtin_expect(q == nullptr, 0)) OutOfMemory(size_bytes);
  return q;
}

void Free(void* p) {
  free(p);
}

void* BlockMover::MoveAlways(void* p, size_t bytes) {
  void* const to = Allocate(bytes);
  std::memcpy(to, p, bytes);
  Free(p);
  ++moved_blocks_;
  return to;
}

#ifdef TORC_LIBC_MALLOC
// Sanitizers watch what a block holds to its end.
void DiscardPages(void* /*begin*/, const void* /*end*/) {}
#else
void DiscardPages(void* begin, const void* end) {
  constexpr uintptr_t kPageBytes = 4096;  // where they are larger, the kernel refuses some of them
  const auto first = (reinterpret_cast<uintptr_t>(begin) + kPageBytes - 1) & ~(kPageBytes - 1);
  const auto behind = reinterpret_cast<uintptr_t>(end) & ~(kPageBytes - 1);
  if (first < behind) madvise(reinterpret_cast<void*>(first), behind - first, MADV_DONTNEED);
}
#endif

size_t UsableSize(const void* p) {
  return malloc_usable_size(const_cast<void*>(p));
}

#ifdef TORC_LIBC_MALLOC

size_t AllocationSize(size_t size_bytes) {
  return size_bytes;  // exact, so that sanitizers see every overrun
}
AllocatorStats ReadAllocatorStats() {
  return {};
}
size_t AllocatedBytes() {
  return __sanitizer_get_current_allocated_bytes();
}
void MemoryMeter::Sync() {
  base_bytes_ = 0;
}
void MemoryMeter::CountThisThread() {}
size_t MemoryMeter::thread_bytes() const {
  return AllocatedBytes();
}
bool MemoryMeter::CountsByThread() {
  return false;
}
void* BlockMover::Move(void* p) {
  if (what_ == What::kEverything) return MoveAlways(p, UsableSize(p));
  ++kept_blocks_;
  return p;
}
bool AllocatorTellsUse() {
  return false;
}
void PurgeAllocator() {
  malloc_trim(0);
}
void PurgeInBackground() {}
const char* AllocatorName() {
  return "libc";
}

#else

namespace {

size_t ReadStat(const char* name) {
  size_t value = 0;
  size_t size_bytes = sizeof(value);
  return mallctl(name, &value, &size_bytes, nullptr, 0) == 0 ? value : 0;
}

// Blocks that threads keep to hand out again count as allocated to the allocator, not to us.
size_t ReadAllocated() {
  // 4096 is MALLCTL_ARENAS_ALL: the sum over arenas.
  const size_t allocated_bytes = ReadStat("stats.allocated");
  return allocated_bytes - std::min(allocated_bytes, ReadStat("stats.arenas.4096.tcache_bytes"));
}

void AdvanceEpoch() {
  uint64_t epoch = 1;
  size_t size_bytes = sizeof(epoch);
  mallctl("epoch", &epoch, &size_bytes, &epoch, size_bytes);
}

}  // namespace

size_t AllocationSize(size_t size_bytes) {
  return nallocx(size_bytes, 0);
}

AllocatorStats ReadAllocatorStats() {
  AdvanceEpoch();
  AllocatorStats stats;
  stats.allocated_bytes = ReadAllocated();
  stats.active_bytes = ReadStat("stats.active");
  stats.resident_bytes = ReadStat("stats.resident");
  stats.retained_bytes = ReadStat("stats.retained");
  // Counted in pages.
  stats.muzzy_bytes = ReadStat("stats.arenas.4096.pmuzzy") * ReadStat("arenas.page");
  return stats;
}

size_t AllocatedBytes() {
  AdvanceEpoch();
  return ReadAllocated();
}

void MemoryMeter::CountThisThread() {
  size_t size_bytes = sizeof(allocated_);
  mallctl("thread.allocatedp", static_cast<void*>(&allocated_), &size_bytes, nullptr, 0);
  mallctl("thread.deallocatedp", static_cast<void*>(&freed_), &size_bytes, nullptr, 0);
}

void MemoryMeter::Sync() {
  CountThisThread();
  base_bytes_ = AllocatedBytes() - thread_bytes();
}

bool MemoryMeter::CountsByThread() {
  return true;
}

size_t MemoryMeter::thread_bytes() const {
  if (allocated_ == nullptr) return 0;
  // The allocator writes them as plain words, whole on every machine that it runs on.
  return __atomic_load_n(allocated_, __ATOMIC_RELAXED) - __atomic_load_n(freed_, __ATOMIC_RELAXED);
}

// A block moves if its slab is emptier than the mean of those of its size class, and not the one
// that new blocks come from. The new place comes from the arena itself, which fills the oldest
// slabs first, and the old one goes straight back to it: the thread's cache would hand it out
// again.
void* BlockMover::Move(void* p) {
  if (what_ == What::kEverything) return MoveAlways(p, UsableSize(p));
  // As jemalloc describes the answer to experimental.utilization.query.
  struct Use {
    void* current_slab;
    size_t free_regions;
    size_t regions;
    size_t slab_bytes;
    size_t bin_free_regions;
    size_t bin_regions;
  };
  constexpr const char* kQuestion = "experimental.utilization.query";
  if (question_length_ == 0) {
    question_length_ = std::size(question_);
    mallctlnametomib(kQuestion, question_, &question_length_);
  }
  Use use{};
  size_t use_bytes = sizeof(use);
  ++kept_blocks_;
  if (mallctlbymib(question_, question_length_, &use, &use_bytes, static_cast<void*>(&p),
                   sizeof(p)) != 0) {
    return p;
  }
  // One region: a large block, whose pages nobody shares. None current: it was never a slab.
  if (use.regions <= 1 || use.free_regions == 0 || use.bin_regions == 0) return p;
  const auto* const block = static_cast<const char*>(p);
  const auto* const current = static_cast<const char*>(use.current_slab);
  if (current != nullptr && block >= current && block < current + use.slab_bytes) return p;
  // More free regions than the mean has.
  if (use.free_regions * use.bin_regions <= use.bin_free_regions * use.regions) return p;
  const size_t bytes = malloc_usable_size(p);
  void* const to = mallocx(bytes, MALLOCX_TCACHE_NONE);
  if (to == nullptr) return p;
  std::memcpy(to, p, bytes);
  dallocx(p, MALLOCX_TCACHE_NONE);
  --kept_blocks_;
  ++moved_blocks_;
  return to;
}

bool AllocatorTellsUse() {
  size_t question[4];
  size_t length = std::size(question);
  return mallctlnametomib("experimental.utilization.query", question, &length) == 0;
}

void PurgeAllocator() {
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

void PurgeInBackground() {
  bool enabled = true;
  mallctl("background_thread", nullptr, nullptr, &enabled, sizeof(enabled));
}

const char* AllocatorName() {
  static char name[64] = {};
  if (name[0] == '\0') {
    const char* version = nullptr;
    size_t size_bytes = sizeof(version);
    mallctl("version", &version, &size_bytes, nullptr, 0);
    int digits = 0;
    while (version != nullptr && version[digits] != '\0' && version[digits] != '-') ++digits;
    std::snprintf(name, sizeof(name), "jemalloc-%.*s", digits, version == nullptr ? "" : version);
  }
  return name;
}

#endif

}  // namespace torc
