#pragma once

// The runs of registers that a sparse HyperLogLog is made of (see hyperloglog.h for the bytes), and
// raising one register among them. How runs are split and joined again follows Redis's rules
// exactly: the bytes are compared, dumped and digested.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/hll/hyperloglog.h"

namespace torc {

inline constexpr uint8_t kSparseValueMax = 32;

struct SparseRun {
  uint8_t value = 0;
  uint32_t length = 0;    // of registers
  size_t size_bytes = 0;  // of the run itself
};

// The run at `at`; nothing if it is cut off.
std::optional<SparseRun> RunAt(std::string_view runs, size_t at);
// Appends the run in its shortest form; a run of a value has at most 4 registers.
void AppendRun(const SparseRun& run, std::string* out);

// fn(run) for each; false if they are not exactly all registers. What lies beyond the last register
// is not given to fn.
template <class Fn>
bool EachRun(std::string_view runs, Fn&& fn) {
  uint32_t covered = 0;
  for (size_t at = 0; at < runs.size();) {
    const auto run = RunAt(runs, at);
    if (!run || covered + run->length > kHllRegisterCount) return false;
    fn(*run);
    covered += run->length;
    at += run->size_bytes;
  }
  return covered == kHllRegisterCount;
}

enum class RaiseResult : uint8_t { kSame, kRaised, kCorrupt, kTooLarge };

// Raises a register among the runs from `from` on in `bytes`, unless they would then make `bytes`
// pass `bytes_max`: then nothing is changed. The count is at most kSparseValueMax.
RaiseResult RaiseInRuns(std::string* bytes, size_t from, HllObservation observation,
                        size_t bytes_max);

}  // namespace torc
