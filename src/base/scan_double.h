#pragma once

// Numbers as strtod reads them, which is more than base/text.h takes: SORT and ranges of scores.

#include <optional>
#include <string_view>

namespace torc {

struct ScannedDouble {
  double value = 0;
  bool out_of_range = false;  // the value is infinite, or 0, for want of a better one
};

// What strtod makes of the text up to its first zero byte: blanks may lead, nothing may trail, and
// nothing at all is 0. Not NaN.
std::optional<ScannedDouble> ScanDouble(std::string_view text);

}  // namespace torc
