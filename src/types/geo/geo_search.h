#pragma once

// Which members of a sorted set of places lie within a circle or a box: the shape is covered by at
// most nine cells, each a range of scores, and every member in these is looked at.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/pace.h"
#include "types/geo/geo_hash.h"
#include "types/zset/zset.h"

namespace torc {

// Sizes are in metres.
struct GeoShape {
  enum class Kind : uint8_t { kCircle, kBox };
  Kind kind = Kind::kCircle;
  GeoPoint center;
  double radius = 0;
  double width = 0;
  double height = 0;
};

struct GeoMatch {
  std::string member;
  double score = 0;
  GeoPoint point;
  double distance = 0;  // from the center
};

// The cells that cover the shape, in Redis's order: without sorting, clients see it.
struct GeoCover {
  std::array<GeoCell, 9> cells;
  int count = 0;
};
GeoCover CoverOf(const GeoShape& shape);

// At most `matches_max` of them, whichever come first; 0: all.
std::vector<GeoMatch> FindWithin(const ZsetView& zset, const GeoShape& shape, uint64_t matches_max,
                                 Pace& pace);

}  // namespace torc
