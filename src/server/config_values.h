#pragma once

// Parameters whose values have a shape of their own: save points and output buffer limits.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "engine/save_point.h"

namespace torc {

// `save 900 1` lines add up; `save ""` means never. CONFIG GET shows "900 1 300 10".
void DeclareSavePoints(ConfigRegistry& registry, std::vector<SavePoint>* points,
                       ConfigApply apply = {});

enum class ClientClass : uint8_t { kNormal, kReplica, kPubSub };
inline constexpr size_t kClientClassCount = 3;

// A client is closed at once beyond the hard limit, and after soft_seconds in a row beyond the soft
// one. 0 means no limit.
struct OutputLimit {
  uint64_t hard_bytes = 0;
  uint64_t soft_bytes = 0;
  int64_t soft_seconds = 0;
};

// By ClientClass; what Redis has by default.
struct OutputLimits {
  std::array<OutputLimit, kClientClassCount> by_class = {
      {{}, {256ULL << 20, 64ULL << 20, 60}, {32ULL << 20, 8ULL << 20, 60}}};

  const OutputLimit& Of(ClientClass client_class) const {
    return by_class[static_cast<size_t>(client_class)];
  }
};

// `client-output-buffer-limit <class> <hard> <soft> <seconds>`: each line, and each group of four
// words of a CONFIG SET, changes one class. "slave" and "replica" are the same class.
void DeclareOutputLimits(ConfigRegistry& registry, OutputLimits* limits, ConfigApply apply = {});

}  // namespace torc
