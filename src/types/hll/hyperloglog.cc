#include "types/hll/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "types/hll/sparse_runs.h"

namespace torc {
namespace {

constexpr std::string_view kMagic = "HYLL";
constexpr size_t kEncodingAt = 4;
constexpr size_t kCardinalityAt = 8;
constexpr unsigned kIndexBits = 14;
constexpr unsigned kRankBits = 64 - kIndexBits;
constexpr uint64_t kRegisterMask = 63;
constexpr uint64_t kHashSeed = 0xadc83b19;
constexpr uint64_t kOutOfDate = uint64_t{1} << 63;

uint64_t LoadLittle(const char* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

void StoreLittle(char* bytes, uint64_t value) {
  for (size_t i = 0; i < sizeof(value); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

// Austin Appleby's MurmurHash2, 64-bit version, over little-endian words.
uint64_t Murmur64(std::string_view text, uint64_t seed) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995ULL;
  constexpr unsigned kShift = 47;
  uint64_t hash = seed ^ (text.size() * kMultiplier);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = LoadLittle(at, 8) * kMultiplier;
    word ^= word >> kShift;
    hash = (hash ^ (word * kMultiplier)) * kMultiplier;
  }
  if (left > 0) hash = (hash ^ LoadLittle(at, left)) * kMultiplier;
  hash = (hash ^ (hash >> kShift)) * kMultiplier;
  return hash ^ (hash >> kShift);
}

// A register's six bits lie in one byte or two; the header's end and the string's own terminator
// are never read: the last register ends with the last byte.
uint8_t DenseRegister(const char* registers, uint32_t index) {
  const size_t bit = size_t{index} * 6;
  const size_t count = bit % 8 <= 2 ? 1 : 2;
  return static_cast<uint8_t>((LoadLittle(registers + bit / 8, count) >> (bit % 8)) &
                              kRegisterMask);
}

void SetDenseRegister(char* registers, uint32_t index, uint8_t value) {
  const size_t bit = size_t{index} * 6;
  const unsigned shift = bit % 8;
  char* byte = registers + bit / 8;
  const size_t count = shift <= 2 ? 1 : 2;
  const uint64_t word =
      (LoadLittle(byte, count) & ~(kRegisterMask << shift)) | (uint64_t{value} << shift);
  for (size_t i = 0; i < count; ++i) byte[i] = static_cast<char>(word >> (8 * i));
}

using Histogram = std::array<uint32_t, 64>;

// Ertl's sigma and tau: the corrections for registers that are still 0 and for those at the limit.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double weight = 1;
  double sum = x;
  double before = -1;
  while (sum != before) {
    before = sum;
    x *= x;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double weight = 1;
  double sum = 1 - x;
  double before = -1;
  while (sum != before) {
    before = sum;
    x = std::sqrt(x);
    weight *= 0.5;
    sum -= std::pow(1 - x, 2) * weight;
  }
  return sum / 3;
}

uint64_t Estimate(const Histogram& histogram) {
  constexpr double kAlphaInfinity = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr double kCount = kHllRegisterCount;
  double z = kCount * Tau((kCount - histogram[kRankBits + 1]) / kCount);
  for (unsigned rank = kRankBits; rank >= 1; --rank) {
    z += histogram[rank];
    z *= 0.5;
  }
  z += kCount * Sigma(histogram[0] / kCount);
  return static_cast<uint64_t>(std::llround(kAlphaInfinity * kCount * kCount / z));
}

std::optional<Histogram> HistogramOf(std::string_view bytes) {
  Histogram histogram{};
  const std::string_view body = bytes.substr(kHllHeaderBytes);
  if (HllEncodingOf(bytes) == HllEncoding::kSparse) {
    const bool whole =
        EachRun(body, [&](const SparseRun& run) { histogram[run.value] += run.length; });
    if (!whole) return std::nullopt;
    return histogram;
  }
  for (uint32_t i = 0; i < kHllRegisterCount; ++i) ++histogram[DenseRegister(body.data(), i)];
  return histogram;
}

}  // namespace

HllObservation ObserveElement(std::string_view element) {
  const uint64_t hash = Murmur64(element, kHashSeed);
  const uint64_t rest = (hash >> kIndexBits) | (uint64_t{1} << kRankBits);
  return {static_cast<uint32_t>(hash % kHllRegisterCount),
          static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

bool IsHyperLogLog(std::string_view bytes) {
  if (bytes.size() < kHllHeaderBytes || !bytes.starts_with(kMagic)) return false;
  switch (static_cast<uint8_t>(bytes[kEncodingAt])) {
    case static_cast<uint8_t>(HllEncoding::kDense):
      return bytes.size() == kHllDenseBytes;
    case static_cast<uint8_t>(HllEncoding::kSparse):
      return true;
    default:
      return false;
  }
}

HllEncoding HllEncodingOf(std::string_view bytes) {
  return static_cast<HllEncoding>(bytes[kEncodingAt]);
}

std::string NewHyperLogLog() {
  std::string bytes(kMagic);
  bytes.resize(kHllHeaderBytes);
  bytes[kEncodingAt] = static_cast<char>(HllEncoding::kSparse);
  AppendRun({.value = 0, .length = kHllRegisterCount}, &bytes);
  return bytes;
}

HllResult ObserveDense(char* bytes, HllObservation observation) {
  char* registers = bytes + kHllHeaderBytes;
  if (DenseRegister(registers, observation.index) >= observation.count) return HllResult::kSame;
  SetDenseRegister(registers, observation.index, observation.count);
  return HllResult::kChanged;
}

HllResult Observe(std::string* bytes, HllObservation observation, size_t sparse_bytes_max) {
  if (HllEncodingOf(*bytes) == HllEncoding::kDense) {
    return ObserveDense(bytes->data(), observation);
  }
  if (observation.count <= kSparseValueMax) {
    switch (RaiseInRuns(bytes, kHllHeaderBytes, observation, sparse_bytes_max)) {
      case RaiseResult::kSame:
        return HllResult::kSame;
      case RaiseResult::kRaised:
        return HllResult::kChanged;
      case RaiseResult::kCorrupt:
        return HllResult::kCorrupt;
      case RaiseResult::kTooLarge:
        break;
    }
  }
  if (!MakeDense(bytes)) return HllResult::kCorrupt;
  return ObserveDense(bytes->data(), observation);
}

bool MakeDense(std::string* bytes) {
  if (HllEncodingOf(*bytes) == HllEncoding::kDense) return true;
  std::string dense = bytes->substr(0, kHllHeaderBytes);
  dense.resize(kHllDenseBytes);
  dense[kEncodingAt] = static_cast<char>(HllEncoding::kDense);
  uint32_t index = 0;
  const std::string_view body = std::string_view(*bytes).substr(kHllHeaderBytes);
  const bool whole = EachRun(body, [&](const SparseRun& run) {
    for (uint32_t i = 0; i < run.length; ++i, ++index) {
      if (run.value != 0) SetDenseRegister(dense.data() + kHllHeaderBytes, index, run.value);
    }
  });
  if (whole) *bytes = std::move(dense);
  return whole;
}

bool MergeRegisters(std::string_view bytes, HllRegisters* registers) {
  const std::string_view body = bytes.substr(kHllHeaderBytes);
  if (HllEncodingOf(bytes) == HllEncoding::kDense) {
    for (uint32_t i = 0; i < kHllRegisterCount; ++i) {
      (*registers)[i] = std::max((*registers)[i], DenseRegister(body.data(), i));
    }
    return true;
  }
  uint32_t index = 0;
  return EachRun(body, [&](const SparseRun& run) {
    for (uint32_t i = 0; i < run.length; ++i, ++index) {
      (*registers)[index] = std::max((*registers)[index], run.value);
    }
  });
}

std::optional<uint64_t> CachedCardinality(std::string_view bytes) {
  const uint64_t cached = LoadLittle(bytes.data() + kCardinalityAt, sizeof(cached));
  if ((cached & kOutOfDate) != 0) return std::nullopt;
  return cached;
}

void SetCachedCardinality(char* bytes, uint64_t cardinality) {
  StoreLittle(bytes + kCardinalityAt, cardinality);
}

void InvalidateCardinality(char* bytes) {
  StoreLittle(bytes + kCardinalityAt,
              LoadLittle(bytes + kCardinalityAt, sizeof(uint64_t)) | kOutOfDate);
}

std::optional<uint64_t> EstimateCardinality(std::string_view bytes) {
  const auto histogram = HistogramOf(bytes);
  if (!histogram) return std::nullopt;
  return Estimate(*histogram);
}

uint64_t EstimateCardinality(const HllRegisters& registers) {
  Histogram histogram{};
  for (const uint8_t value : registers) ++histogram[value];
  return Estimate(histogram);
}

}  // namespace torc
