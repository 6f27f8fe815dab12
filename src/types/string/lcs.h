#pragma once

// The longest common subsequence of two strings, by the classic table of prefix lengths (Wagner and
// Fischer).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/pace.h"

namespace torc {

// A run of equal bytes: a[a_start …] == b[b_start …] for `length` bytes.
struct LcsMatch {
  int64_t a_start;
  int64_t b_start;
  int64_t length;
};

struct LcsResult {
  std::string text;
  std::vector<LcsMatch>
      matches;  // from the end of the strings to their beginning, as Redis lists them
};

// Whether the table, 4 bytes a cell, stays within 512 MB and is worth making.
bool LcsFits(size_t a_bytes, size_t b_bytes);
// O(a × b) time and 4 × a × b bytes.
LcsResult LongestCommonSubsequence(std::string_view a, std::string_view b, Pace& pace);

}  // namespace torc
