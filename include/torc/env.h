#pragma once

// What varies from outside: time and chance. The server implements them with the real thing, tests
// and the simulator with a controlled one.

#include <cstdint>

namespace torc {

// All functions: any thread, no failure.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since the Unix epoch: what TTLs are measured in. May jump.
  virtual int64_t WallMs() = 0;
  // Microseconds since the Unix epoch, for TIME and log stamps. May jump.
  virtual int64_t WallUs() = 0;
  // Monotone nanoseconds with an arbitrary origin: what a command took. Must be cheap (some 10 ns).
  virtual int64_t MonoNs() = 0;
};

// A seed for generators and hashes that clients must not be able to guess.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual uint64_t Seed() = 0;
};

}  // namespace torc
