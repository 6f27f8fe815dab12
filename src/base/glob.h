#pragma once

#include <string_view>

namespace torc {

enum class GlobCase { kSensitive, kInsensitive };

// Redis's glob: '*' any run, '?' one byte, [a-z], [^…], and '\' takes the next byte literally.
// Bounded: the work is at most pattern × text, however many stars the pattern has.
bool GlobMatch(std::string_view pattern, std::string_view text,
               GlobCase letter_case = GlobCase::kSensitive);

}  // namespace torc
