#pragma once

// Error texts of several sorted-set commands.

#include <string_view>

namespace torc::errors {

inline constexpr std::string_view kNotScoreRange = "ERR min or max is not a float";
inline constexpr std::string_view kNotLexRange = "ERR min or max not valid string range item";
inline constexpr std::string_view kNoKeyCount = "ERR numkeys should be greater than 0";
inline constexpr std::string_view kNoPopCount = "ERR count should be greater than 0";

}  // namespace torc::errors
