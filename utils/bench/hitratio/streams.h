#pragma once

// Streams of requests for cached keys, each from one seed. Keys are small numbers, so that a
// simulated cache can index arrays by them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"

namespace torc::bench {

struct Request {
  uint32_t key;
  bool counted;  // false: the scan's own requests, which nobody expects to hit
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual Request Next() = 0;
  virtual std::string name() const = 0;
  // All keys are below this.
  virtual uint32_t key_bound() const = 0;
  // From here on hits count.
  virtual uint64_t warm_requests() const = 0;
  virtual uint64_t requests() const = 0;
};

// Zipf-distributed ranks; keys are ranks in a random order.
class Zipf {
 public:
  Zipf(uint32_t count, double exponent);
  uint32_t Draw(Rng& rng) const;

 private:
  std::vector<double> cumulated_;
};

// zipf      a million keys, exponent 0.99
// scan      the same; once warm, every third request walks once over a million other keys
// loop      the same walk over 1.3 times the capacity again and again
// shift     zipf whose ranks move on by 5 % of the keys every 500,000 requests
// one-hit   zipf, and every fourth request is for a key that never comes again
std::vector<std::unique_ptr<Stream>> AllStreams(uint32_t capacity, uint64_t requests,
                                                uint64_t seed);

}  // namespace torc::bench
