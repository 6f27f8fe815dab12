#pragma once

// Simulated caches of a number of equal entries: exact ones as the literature has them, and those
// that sample entries by stamps, as a store without links per key must.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace torc::bench {

class Cache {
 public:
  virtual ~Cache() = default;
  // Whether it was there; if not it is then.
  virtual bool Access(uint32_t key) = 0;
};

struct CacheKind {
  std::string name;
  std::string what;
  // capacity: entries; key_bound: above all keys.
  std::function<std::unique_ptr<Cache>(uint32_t capacity, uint32_t key_bound)> make;
};

void AddExactCaches(std::vector<CacheKind>* kinds);
void AddSampledCaches(std::vector<CacheKind>* kinds);

}  // namespace torc::bench
