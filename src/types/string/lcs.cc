#include "types/string/lcs.h"

#include <algorithm>
#include <memory>

namespace torc {

bool LcsFits(size_t a_bytes, size_t b_bytes) {
  constexpr size_t kCellsMax = (512U << 20) / sizeof(uint32_t);
  return (a_bytes + 1) <= kCellsMax / (b_bytes + 1);
}

LcsResult LongestCommonSubsequence(std::string_view a, std::string_view b, Pace& pace) {
  constexpr size_t kCellsPerStep = 1024;
  const size_t row = b.size() + 1;
  // Not cleared: that would be a long piece of work in itself.
  const auto lengths = std::make_unique_for_overwrite<uint32_t[]>((a.size() + 1) * row);
  for (size_t j = 0; j <= b.size(); ++j) lengths[j] = 0;
  for (size_t i = 1; i <= a.size(); ++i) {
    lengths[i * row] = 0;
    for (size_t j = 1; j <= b.size(); ++j) {
      if (j % kCellsPerStep == 0 || j == b.size()) pace.Step(std::min(j, kCellsPerStep) / 4);
      const size_t at = i * row + j;
      lengths[at] = a[i - 1] == b[j - 1] ? lengths[at - row - 1] + 1
                                         : std::max(lengths[at - row], lengths[at - 1]);
    }
  }
  LcsResult result;
  result.text.resize(lengths[a.size() * row + b.size()]);
  size_t left = result.text.size();
  size_t i = a.size();
  size_t j = b.size();
  while (i > 0 && j > 0) {
    pace.Step(1);
    if (a[i - 1] == b[j - 1]) {
      result.text[--left] = a[i - 1];
      --i;
      --j;
      const auto a_at = static_cast<int64_t>(i);
      const auto b_at = static_cast<int64_t>(j);
      if (!result.matches.empty() && result.matches.back().a_start == a_at + 1 &&
          result.matches.back().b_start == b_at + 1) {
        LcsMatch& run = result.matches.back();
        --run.a_start;
        --run.b_start;
        ++run.length;
      } else {
        result.matches.push_back({a_at, b_at, 1});
      }
    } else if (lengths[(i - 1) * row + j] > lengths[i * row + j - 1]) {
      --i;
    } else {
      --j;
    }
  }
  DiscardInSlices(lengths.get(), (a.size() + 1) * row * sizeof(uint32_t), pace);
  return result;
}

}  // namespace torc
