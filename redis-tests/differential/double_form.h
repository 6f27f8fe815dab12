#pragma once

// How Redis writes doubles. 7.0 prints "%.17g"; 7.2 prints the shortest digits that read back as
// the same number, as an integer, with a point, or with an exponent, by a rule of its own.
// (INCRBYFLOAT and the like are not meant.)

#include <string_view>

#include "support/resp_reader.h"

namespace torc::differential {

// True when `text` is a finite double in the form of 7.2: "0.1", "1e-7", "1.234e-4",
// "12345678901234561000". Whether its digits are the fewest possible is not asked.
bool IsShortDoubleForm(std::string_view text);

// True when the values are equal but for doubles that ours writes in the form of 7.2 and the peer
// in that of 7.0, or in that of 7.2 with more digits than it needs.
bool SameButForDoubleForm(const testing::RespValue& ours, const testing::RespValue& peer);

}  // namespace torc::differential
