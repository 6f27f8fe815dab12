#include "types/geo/geo_search.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace torc {
namespace {

constexpr double kEarthRadiusMetres = 6372797.560856;

// The box around the shape.
GeoArea BoundsOf(const GeoShape& shape) {
  constexpr double kDegreesPerRadian = 180.0 / M_PI;
  const bool circle = shape.kind == GeoShape::Kind::kCircle;
  const double height = circle ? shape.radius : shape.height / 2;
  const double width = circle ? shape.radius : shape.width / 2;
  const GeoPoint& center = shape.center;
  const double latitude_delta = height / kEarthRadiusMetres * kDegreesPerRadian;
  // Meridians are nearest to each other on the side of the pole.
  const double outer = center.latitude + (center.latitude < 0 ? -latitude_delta : latitude_delta);
  const double longitude_delta =
      width / kEarthRadiusMetres / std::cos(outer * (M_PI / 180.0)) * kDegreesPerRadian;
  return {center.longitude - longitude_delta, center.longitude + longitude_delta,
          center.latitude - latitude_delta, center.latitude + latitude_delta};
}

// How fine a grid may be for three by three of its cells to cover the shape, mostly.
int EstimateStep(double radius_metres, double latitude) {
  constexpr double kMercatorMetres = 20037726.37;
  if (radius_metres == 0) return kGeoSteps;
  int step = -1;
  for (; radius_metres < kMercatorMetres; radius_metres *= 2) ++step;
  if (std::fabs(latitude) > 66) --step;
  if (std::fabs(latitude) > 80) --step;
  return std::clamp(step, 1, kGeoSteps);
}

// Whether the cells beside this one reach as far as the bounds.
bool NeighboursReach(const GeoCell& cell, const GeoArea& bounds) {
  return AreaOf(cell.Beside(0, 1)).latitude_max >= bounds.latitude_max &&
         AreaOf(cell.Beside(0, -1)).latitude_min <= bounds.latitude_min &&
         AreaOf(cell.Beside(1, 0)).longitude_max >= bounds.longitude_max &&
         AreaOf(cell.Beside(-1, 0)).longitude_min <= bounds.longitude_min;
}

std::optional<double> DistanceIfWithin(const GeoShape& shape, const GeoPoint& point) {
  const GeoPoint& center = shape.center;
  if (shape.kind == GeoShape::Kind::kCircle) {
    const double distance = GeoDistance(center, point);
    return distance > shape.radius ? std::nullopt : std::optional(distance);
  }
  if (LatitudeDistance(point.latitude, center.latitude) > shape.height / 2) return std::nullopt;
  const GeoPoint abeam{center.longitude, point.latitude};
  if (GeoDistance(point, abeam) > shape.width / 2) return std::nullopt;
  return GeoDistance(center, point);
}

}  // namespace

GeoCover CoverOf(const GeoShape& shape) {
  const GeoArea bounds = BoundsOf(shape);
  const double half_width = shape.width / 2;
  const double half_height = shape.height / 2;
  const double radius = shape.kind == GeoShape::Kind::kCircle
                            ? shape.radius
                            : std::sqrt(half_width * half_width + half_height * half_height);
  int step = EstimateStep(radius, shape.center.latitude);
  GeoCell center = GeoCellOf(shape.center, step);
  if (step > 1 && !NeighboursReach(center, bounds)) center = GeoCellOf(shape.center, --step);
  const GeoArea area = AreaOf(center);
  // A side on which the middle cell reaches beyond the bounds needs no neighbours.
  const bool prune = step >= 2;
  const bool no_south = prune && area.latitude_min < bounds.latitude_min;
  const bool no_north = prune && area.latitude_max > bounds.latitude_max;
  const bool no_west = prune && area.longitude_min < bounds.longitude_min;
  const bool no_east = prune && area.longitude_max > bounds.longitude_max;
  struct Offset {
    int columns;
    int rows;
  };
  constexpr Offset kOffsets[] = {{0, 0}, {0, 1},  {0, -1}, {1, 0},  {-1, 0},
                                 {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
  GeoCover cover;
  for (const auto [columns, rows] : kOffsets) {
    if ((rows < 0 && no_south) || (rows > 0 && no_north)) continue;
    if ((columns < 0 && no_west) || (columns > 0 && no_east)) continue;
    const GeoCell cell = center.Beside(columns, rows);
    // In a coarse grid neighbours may be one and the same.
    if (cover.count > 0 && cover.cells[static_cast<size_t>(cover.count - 1)] == cell) continue;
    cover.cells[static_cast<size_t>(cover.count++)] = cell;
  }
  return cover;
}

namespace {

// How many members lie in the cells.
uint64_t CandidatesIn(const ZsetView& zset, const GeoCover& cover) {
  uint64_t count = 0;
  for (int i = 0; i < cover.count; ++i) {
    const GeoCell& cell = cover.cells[static_cast<size_t>(i)];
    count += zset.CountBelow(static_cast<double>(cell.EndScore()), ZsetView::Equal::kNotCounted) -
             zset.CountBelow(static_cast<double>(cell.FirstScore()), ZsetView::Equal::kNotCounted);
  }
  return count;
}

}  // namespace

std::vector<GeoMatch> FindWithin(const ZsetView& zset, const GeoShape& shape, uint64_t matches_max,
                                 Pace& pace) {
  constexpr uint64_t kUnitsOfLook = 32;
  std::vector<GeoMatch> matches;
  const auto enough = [&] { return matches_max != 0 && matches.size() >= matches_max; };
  const GeoCover cover = CoverOf(shape);
  // Many matches would take long to move into a larger vector.
  const uint64_t candidates = CandidatesIn(zset, cover);
  matches.reserve(matches_max == 0 ? candidates : std::min(candidates, matches_max));
  for (int i = 0; i < cover.count && !enough(); ++i) {
    const GeoCell& cell = cover.cells[static_cast<size_t>(i)];
    const auto end = static_cast<double>(cell.EndScore());
    const uint64_t first =
        zset.CountBelow(static_cast<double>(cell.FirstScore()), ZsetView::Equal::kNotCounted);
    ZsetWalk walk(zset, first, ZsetWalk::Direction::kForward);
    for (; !walk.AtEnd() && !enough(); walk.Next()) {
      const ZsetElement element = walk.element();
      if (element.score >= end) break;
      pace.Step(kUnitsOfLook);
      const GeoPoint point = PointOfScore(element.score);
      const auto distance = DistanceIfWithin(shape, point);
      if (!distance) continue;
      matches.push_back(
          {std::string(CompactText(element.member).view()), element.score, point, *distance});
    }
  }
  return matches;
}

}  // namespace torc
