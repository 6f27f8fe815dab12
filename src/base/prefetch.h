#pragma once

// Bringing memory towards the cache before it is read.
//
// Not __builtin_prefetch: g++ 12 holds a function that does nothing else to be free of effects and
// drops every call of it (that cost half the throughput at pipeline 16 before it was noticed). An
// asm statement is never dropped.

namespace torc {

// Asks for the cache line of this address. Any address will do, also one that is not mapped.
inline void PrefetchLine(const void* address) {
#if defined(__x86_64__)
  asm volatile("prefetcht0 %0" : : "m"(*static_cast<const char*>(address)));
#elif defined(__aarch64__)
  asm volatile("prfm pldl1keep, %0" : : "Q"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address);
#endif
}

}  // namespace torc
