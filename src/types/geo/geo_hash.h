#pragma once

// Places on earth as numbers: a geohash interleaves the bits of latitude and longitude, so that
// places near each other mostly have numbers near each other. A member's score is its geohash of 52
// bits, 26 of each. The arithmetic is Redis's to the last bit: scores interchange.
//
//   bits   … lon1 lat1 lon0 lat0        a cell of `step` bits each is a prefix, at the low end

#include <cstdint>
#include <optional>
#include <string>

namespace torc {

struct GeoPoint {
  double longitude = 0;
  double latitude = 0;
};

inline constexpr double kLongitudeMax = 180;
inline constexpr double kLatitudeMax = 85.05112878;  // of the Mercator projection
inline constexpr int kGeoSteps = 26;

bool IsGeoPoint(const GeoPoint& point);

// A cell of the grid with 2^step columns and rows.
struct GeoCell {
  uint64_t bits = 0;
  int step = 0;

  bool operator==(const GeoCell&) const = default;
  // The cell so many columns to the east and rows to the north; the grid has no edges.
  GeoCell Beside(int columns, int rows) const;
  // The scores of the places in it: from the first, up to before the second.
  uint64_t FirstScore() const { return bits << (2 * (kGeoSteps - step)); }
  uint64_t EndScore() const { return (bits + 1) << (2 * (kGeoSteps - step)); }
};

struct GeoArea {
  double longitude_min = 0;
  double longitude_max = 0;
  double latitude_min = 0;
  double latitude_max = 0;
};

// The point must be one (IsGeoPoint).
GeoCell GeoCellOf(const GeoPoint& point, int step);
GeoArea AreaOf(const GeoCell& cell);
// Of any score, also one that was never meant as a place.
GeoPoint PointOfScore(double score);
// Eleven characters of the usual base 32; its latitudes go up to the poles.
std::string GeohashText(const GeoPoint& point);

// In metres, on a sphere.
double GeoDistance(const GeoPoint& a, const GeoPoint& b);
double LatitudeDistance(double a, double b);

}  // namespace torc
