#pragma once

// SHA-256 (FIPS 180-4): what passwords are kept as.

#include <array>
#include <cstdint>
#include <string_view>

namespace torc {

std::array<uint8_t, 32> Sha256(std::string_view bytes);

}  // namespace torc
