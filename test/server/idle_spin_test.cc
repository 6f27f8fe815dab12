#include "server/idle_spin.h"

#include <doctest/doctest.h>

namespace torc {
namespace {

constexpr int64_t kLimitNs = 50'000;

// Lets `count` pieces of work come, each `pause_ns` after the one before; returns when the last
// ended.
int64_t Work(IdleSpin& spin, int64_t now_ns, int count, int64_t pause_ns) {
  for (int i = 0; i < count; ++i) {
    now_ns += pause_ns;
    spin.WorkBegins(now_ns, kLimitNs);
    spin.WorkEnds(now_ns);
  }
  return now_ns;
}

TEST_CASE("a loop that has seen no work sleeps") {
  const IdleSpin spin;
  CHECK_FALSE(spin.ShouldSpin(1, kLimitNs));
}

TEST_CASE("a loop whose pauses are short spins, up to the limit at a time") {
  IdleSpin spin;
  const int64_t now = Work(spin, 1'000'000, 400, 10'000);
  CHECK(spin.ShouldSpin(now, kLimitNs));
  CHECK(spin.ShouldSpin(now + kLimitNs - 1, kLimitNs));
  CHECK_FALSE(spin.ShouldSpin(now + kLimitNs, kLimitNs));
}

TEST_CASE("a loop whose pauses are long sleeps at once") {
  IdleSpin spin;
  const int64_t now = Work(spin, 1'000'000, 400, 40'000);
  CHECK_FALSE(spin.ShouldSpin(now, kLimitNs));
}

TEST_CASE("a few long pauses end the spinning, and short ones bring it back") {
  IdleSpin spin;
  int64_t now = Work(spin, 1'000'000, 400, 5'000);
  now = Work(spin, now, 2, 10'000'000);
  CHECK_FALSE(spin.ShouldSpin(now, kLimitNs));
  now = Work(spin, now, 40, 5'000);
  CHECK(spin.ShouldSpin(now, kLimitNs));
}

TEST_CASE("with a limit of zero no loop spins") {
  IdleSpin spin;
  const int64_t now = Work(spin, 1'000'000, 400, 1);
  CHECK_FALSE(spin.ShouldSpin(now, 0));
}

}  // namespace
}  // namespace torc
