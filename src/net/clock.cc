#include "net/clock.h"

#include <time.h>

namespace torc {
namespace {

struct timespec Read(clockid_t clock) {
  struct timespec now {};
  clock_gettime(clock, &now);
  return now;
}

}  // namespace

MonoUs MonotonicNow() {
  const auto now = Read(CLOCK_MONOTONIC);
  return MonoUs(int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000);
}

UnixMs WallClockNow() {
  const auto now = Read(CLOCK_REALTIME);
  return UnixMs(int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000);
}

}  // namespace torc
