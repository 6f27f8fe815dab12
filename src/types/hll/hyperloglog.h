#pragma once

// HyperLogLog: how many different elements were added, within 0.81 %, in at most 12 KiB. The value
// is a string in Redis's own layout, byte for byte, so that GET, DUMP and SET carry it between
// servers:
//
//   "HYLL" | encoding u8 | 0 0 0 | cached cardinality u64 (top bit: out of date) | registers
//
//   dense:  16,384 registers of 6 bits, the first in the lowest bits of the first byte
//   sparse: runs of registers, in order, together exactly 16,384:
//     00nnnnnn             n + 1 registers of 0
//     01nnnnnn nnnnnnnn    n + 1 registers of 0, up to 16,384
//     1vvvvvnn             n + 1 registers of v + 1
//
// An element's register is the low 14 bits of its hash (MurmurHash64A with Redis's seed), and what
// the register keeps at most is the position of the lowest set bit of the others. The estimate is
// Ertl's (arXiv 1702.01284, algorithm 6). Nothing here trusts the bytes: anybody can SET them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc {

enum class HllEncoding : uint8_t { kDense = 0, kSparse = 1 };

inline constexpr uint32_t kHllRegisterCount = 16384;
inline constexpr size_t kHllHeaderBytes = 16;
inline constexpr size_t kHllDenseBytes = kHllHeaderBytes + kHllRegisterCount * 6 / 8;

using HllRegisters = std::array<uint8_t, kHllRegisterCount>;

// What an element says of one register: that it is at least this much.
struct HllObservation {
  uint32_t index;
  uint8_t count;  // 1 to 51
};
HllObservation ObserveElement(std::string_view element);

// Whether the bytes begin like a HyperLogLog and, if dense, have its size. A sparse one may still
// turn out to be damaged.
bool IsHyperLogLog(std::string_view bytes);
// Only of what IsHyperLogLog.
HllEncoding HllEncodingOf(std::string_view bytes);

// A sparse one without elements.
std::string NewHyperLogLog();

enum class HllResult : uint8_t { kSame, kChanged, kCorrupt };
// Raises a register of a dense one.
HllResult ObserveDense(char* bytes, HllObservation observation);
// Raises a register of either; a sparse one that would pass `sparse_bytes_max` becomes dense. The
// header's cache is left as it is.
HllResult Observe(std::string* bytes, HllObservation observation, size_t sparse_bytes_max);
// False if it is damaged.
[[nodiscard]] bool MakeDense(std::string* bytes);

// Raises each register to what it is in `bytes`. False if that is damaged.
[[nodiscard]] bool MergeRegisters(std::string_view bytes, HllRegisters* registers);
// The runs of a sparse one as PFDEBUG DECODE shows them, up to one that is cut off.
std::string DescribeSparse(std::string_view bytes);

// The estimate of the header, if it is up to date.
std::optional<uint64_t> CachedCardinality(std::string_view bytes);
void SetCachedCardinality(char* bytes, uint64_t cardinality);
void InvalidateCardinality(char* bytes);
// Estimates anew; nothing if it is damaged.
std::optional<uint64_t> EstimateCardinality(std::string_view bytes);
uint64_t EstimateCardinality(const HllRegisters& registers);

}  // namespace torc
