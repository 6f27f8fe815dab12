#include "server/system_env.h"

#include <sys/random.h>
#include <time.h>

#include "base/check.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace torc {
namespace {

int64_t ReadNs(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

#if defined(__x86_64__)
bool HasInvariantCounter() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned kInvariantTsc = 1U << 8;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & kInvariantTsc) != 0;
}
uint64_t ReadTicks() {
  return __rdtsc();
}
#elif defined(__aarch64__)
bool HasInvariantCounter() {
  return true;
}
uint64_t ReadTicks() {
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}
#else
bool HasInvariantCounter() {
  return false;
}
uint64_t ReadTicks() {
  return 0;
}
#endif

}  // namespace

SystemClock::SystemClock() {
  if (!HasInvariantCounter()) return;
  constexpr int64_t kCalibrationNs = 5000000;
  first_ns_ = ReadNs(CLOCK_MONOTONIC);
  first_tick_ = ReadTicks();
  int64_t now_ns = first_ns_;
  while (now_ns - first_ns_ < kCalibrationNs) now_ns = ReadNs(CLOCK_MONOTONIC);
  const uint64_t ticks = ReadTicks() - first_tick_;
  if (ticks > 0)
    ns_per_tick_ = static_cast<double>(now_ns - first_ns_) / static_cast<double>(ticks);
}

int64_t SystemClock::WallMs() {
  return ReadNs(CLOCK_REALTIME) / 1000000;
}
int64_t SystemClock::WallUs() {
  return ReadNs(CLOCK_REALTIME) / 1000;
}

int64_t SystemClock::MonoNs() {
  if (ns_per_tick_ == 0) return ReadNs(CLOCK_MONOTONIC);
  return first_ns_ +
         static_cast<int64_t>(static_cast<double>(ReadTicks() - first_tick_) * ns_per_tick_);
}

uint64_t SystemEntropy::Seed() {
  uint64_t seed = 0;
  TORC_CHECK(getrandom(&seed, sizeof(seed), 0) == sizeof(seed), "the system gives random bytes");
  return seed;
}

}  // namespace torc
