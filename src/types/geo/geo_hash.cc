#include "types/geo/geo_hash.h"

#include <algorithm>
#include <cmath>

namespace torc {
namespace {

constexpr double kEarthRadiusMetres = 6372797.560856;
constexpr double kRadiansPerDegree = M_PI / 180.0;

double Radians(double degrees) {
  return degrees * kRadiansPerDegree;
}

// Puts a zero bit before each of the 32.
uint64_t Spread(uint32_t value) {
  uint64_t x = value;
  x = (x | x << 16) & 0x0000ffff0000ffffULL;
  x = (x | x << 8) & 0x00ff00ff00ff00ffULL;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fULL;
  x = (x | x << 2) & 0x3333333333333333ULL;
  return (x | x << 1) & 0x5555555555555555ULL;
}

// The bits in even places.
uint32_t Gather(uint64_t x) {
  x &= 0x5555555555555555ULL;
  x = (x | x >> 1) & 0x3333333333333333ULL;
  x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0fULL;
  x = (x | x >> 4) & 0x00ff00ff00ff00ffULL;
  x = (x | x >> 8) & 0x0000ffff0000ffffULL;
  return static_cast<uint32_t>(x | x >> 16);
}

uint64_t Interleave(uint32_t row, uint32_t column) {
  return Spread(row) | Spread(column) << 1;
}

uint64_t BitsOf(const GeoPoint& point, double latitude_max, int step) {
  const double cells = static_cast<double>(uint64_t{1} << step);
  const double row = (point.latitude + latitude_max) / (2 * latitude_max) * cells;
  const double column = (point.longitude + kLongitudeMax) / (2 * kLongitudeMax) * cells;
  return Interleave(static_cast<uint32_t>(row), static_cast<uint32_t>(column));
}

// The bits that a score stands for. One that was never meant as a place has some too: what the
// conversion to an integer gives on the machines that Redis runs on, as clients see it.
uint64_t BitsOfScore(double score) {
  constexpr double kHalf = 9223372036854775808.0;  // 2^63
  constexpr uint64_t kTopBit = uint64_t{1} << 63;
  if (score >= -kHalf && score < kHalf) return static_cast<uint64_t>(static_cast<int64_t>(score));
  if (score < 0) return kTopBit;
  return score < 2 * kHalf ? static_cast<uint64_t>(score) : 0;
}

}  // namespace

bool IsGeoPoint(const GeoPoint& point) {
  return point.longitude >= -kLongitudeMax && point.longitude <= kLongitudeMax &&
         point.latitude >= -kLatitudeMax && point.latitude <= kLatitudeMax;
}

GeoCell GeoCell::Beside(int columns, int rows) const {
  const auto mask = static_cast<uint32_t>((uint64_t{1} << step) - 1);
  uint32_t row = Gather(bits);
  uint32_t column = Gather(bits >> 1);
  // At the very edge of the map a point lies in a cell beyond the grid: as in Redis, that becomes
  // one of the grid along the way that is gone, and only along it.
  if (rows != 0) row = (row + static_cast<uint32_t>(rows)) & mask;
  if (columns != 0) column = (column + static_cast<uint32_t>(columns)) & mask;
  return {Interleave(row, column), step};
}

GeoCell GeoCellOf(const GeoPoint& point, int step) {
  return {BitsOf(point, kLatitudeMax, step), step};
}

GeoArea AreaOf(const GeoCell& cell) {
  const double cells = static_cast<double>(uint64_t{1} << cell.step);
  const double row = Gather(cell.bits);
  const double column = Gather(cell.bits >> 1);
  return {-kLongitudeMax + column / cells * (2 * kLongitudeMax),
          -kLongitudeMax + (column + 1) / cells * (2 * kLongitudeMax),
          -kLatitudeMax + row / cells * (2 * kLatitudeMax),
          -kLatitudeMax + (row + 1) / cells * (2 * kLatitudeMax)};
}

GeoPoint PointOfScore(double score) {
  const GeoArea area = AreaOf({BitsOfScore(score), kGeoSteps});
  return {std::clamp((area.longitude_min + area.longitude_max) / 2, -kLongitudeMax, kLongitudeMax),
          std::clamp((area.latitude_min + area.latitude_max) / 2, -kLatitudeMax, kLatitudeMax)};
}

std::string GeohashText(const GeoPoint& point) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr int kCharacters = 11;
  constexpr double kPole = 90;
  const uint64_t bits = BitsOf(point, kPole, kGeoSteps);
  std::string text;
  for (int i = 1; i < kCharacters; ++i) text += kAlphabet[bits >> (2 * kGeoSteps - 5 * i) & 31];
  // 52 bits make ten characters; the last one says nothing.
  return text + kAlphabet[0];
}

double LatitudeDistance(double a, double b) {
  return kEarthRadiusMetres * std::fabs(Radians(b) - Radians(a));
}

double GeoDistance(const GeoPoint& a, const GeoPoint& b) {
  const double v = std::sin((Radians(b.longitude) - Radians(a.longitude)) / 2);
  if (v == 0) return LatitudeDistance(a.latitude, b.latitude);
  const double latitude_a = Radians(a.latitude);
  const double latitude_b = Radians(b.latitude);
  const double u = std::sin((latitude_b - latitude_a) / 2);
  const double h = u * u + std::cos(latitude_a) * std::cos(latitude_b) * v * v;
  return 2.0 * kEarthRadiusMetres * std::asin(std::sqrt(h));
}

}  // namespace torc
