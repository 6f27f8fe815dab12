#pragma once

// Requests built once, then only their keys change.
//
// A template is a command line such as "SET __key__ __value__", split at blanks. __key__ becomes
// "key:" and twelve digits (16 bytes), __ctr__ the same with "ctr:" (keys that hold numbers),
// __number__ the digits alone,
// __value__ a run of 'x'. All requests of a mix lie encoded behind one another in one buffer small
// enough for the cache. Sending takes the next few and writes fresh digits over the old: a few
// nanoseconds a key, so the generator stays cheaper than any server it measures.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"

namespace torc::bench {

struct WeightedTemplate {
  std::string line;
  unsigned weight = 1;
};

enum class KeyOrder { kRandom, kSequential };

struct RequestPoolOptions {
  std::vector<WeightedTemplate> mix;
  uint64_t key_count = 1;  // numbers 0 … key_count - 1
  uint64_t first_key = 0;  // where kSequential begins; it wraps at key_count
  KeyOrder order = KeyOrder::kRandom;
  size_t value_bytes = 64;
  size_t batch_max = 1;  // the largest argument of Take()
  uint64_t seed = 1;
};

class RequestPool {
 public:
  explicit RequestPool(const RequestPoolOptions& options);

  // Whether the next Take(count) begins again at the front, over requests whose bytes were handed
  // out before.
  bool WrapsAt(size_t count) const;
  // The bytes of the next `count` requests (at most batch_max), with new keys. Valid until the next
  // call.
  std::string_view Take(size_t count);

 private:
  void Append(std::string_view line, size_t value_bytes);
  void WriteKey(char* last_digit);
  uint64_t NextKey();

  const uint64_t key_count_;
  const KeyOrder order_;
  uint64_t next_key_;
  Rng rng_;
  std::string bytes_;
  std::vector<size_t> request_at_;    // where each request begins in bytes_; one more: the end
  std::vector<size_t> digits_end_;    // one past the last digit of each key, ascending
  std::vector<size_t> first_digits_;  // per request, index into digits_end_; one more: the end
  size_t next_request_ = 0;
};

}  // namespace torc::bench
