// Hit ratios of eviction policies over synthetic streams: see README.md.
//   hitratio [entries [requests [policy …]]]

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "hitratio/caches.h"
#include "hitratio/streams.h"

namespace torc::bench {
namespace {

double HitPercent(Stream& stream, Cache& cache) {
  uint64_t counted = 0;
  uint64_t hits = 0;
  for (uint64_t i = 0; i < stream.requests(); ++i) {
    const Request request = stream.Next();
    const bool hit = cache.Access(request.key);
    if (i < stream.warm_requests() || !request.counted) continue;
    ++counted;
    hits += hit ? 1 : 0;
  }
  return counted == 0 ? 0 : 100.0 * static_cast<double>(hits) / static_cast<double>(counted);
}

int Main(int argc, char** argv) {
  constexpr uint64_t kSeed = 42;
  const auto entries = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 312000);
  const auto requests = static_cast<uint64_t>(argc > 2 ? std::atoll(argv[2]) : 10'000'000);
  std::vector<CacheKind> kinds;
  AddExactCaches(&kinds);
  AddSampledCaches(&kinds);
  std::printf("%u entries, %llu requests, seed %llu\n%-14s", entries,
              static_cast<unsigned long long>(requests), static_cast<unsigned long long>(kSeed),
              "");
  for (const auto& stream : AllStreams(entries, requests, kSeed)) {
    std::printf("%10s", stream->name().c_str());
  }
  std::printf("\n");
  for (const CacheKind& kind : kinds) {
    const bool wanted = argc <= 3 || std::find(argv + 3, argv + argc, kind.name) != argv + argc;
    if (!wanted) continue;
    std::printf("%-14s", kind.name.c_str());
    for (const auto& stream : AllStreams(entries, requests, kSeed)) {
      const auto cache = kind.make(entries, stream->key_bound());
      std::printf("%10.2f", HitPercent(*stream, *cache));
      std::fflush(stdout);
    }
    std::printf("   %s\n", kind.what.c_str());
  }
  return 0;
}

}  // namespace
}  // namespace torc::bench

int main(int argc, char** argv) {
  return torc::bench::Main(argc, argv);
}
