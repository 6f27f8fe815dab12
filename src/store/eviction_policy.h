#pragma once

// The eviction policies, under the names that maxmemory-policy gives them: which keys may go, and
// what an entry's access clock must remember so that the right ones do.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/config.h"

namespace torc {

enum class EvictionPolicy : uint8_t {
  kNoEviction,
  kAllkeysLru,
  kAllkeysLfu,
  kAllkeysRandom,
  kAllkeysFifo,
  kAllkeysS3Fifo,
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileFifo,
  kVolatileTtl,
};

// What the access clock of an entry holds (access_clock.h).
enum class ClockKind : uint8_t { kLru, kLfu, kFifo, kS3Fifo };

// Which keys a policy may take.
enum class KeyScope : uint8_t { kAll, kVolatile };

// All of them, in the order in which Redis names those it knows.
std::span<const ConfigChoice> EvictionPolicyChoices();
std::string_view NameOf(EvictionPolicy policy);

// Policies that look at no clock keep the time of the last use, for OBJECT IDLETIME.
constexpr ClockKind ClockKindOf(EvictionPolicy policy) {
  switch (policy) {
    case EvictionPolicy::kAllkeysLfu:
    case EvictionPolicy::kVolatileLfu:
      return ClockKind::kLfu;
    case EvictionPolicy::kAllkeysFifo:
    case EvictionPolicy::kVolatileFifo:
      return ClockKind::kFifo;
    case EvictionPolicy::kAllkeysS3Fifo:
      return ClockKind::kS3Fifo;
    default:
      return ClockKind::kLru;
  }
}

constexpr KeyScope ScopeOf(EvictionPolicy policy) {
  return policy >= EvictionPolicy::kVolatileLru ? KeyScope::kVolatile : KeyScope::kAll;
}

}  // namespace torc
