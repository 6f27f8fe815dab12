#pragma once

// The end of what DUMP and FUNCTION DUMP answer: the RDB version in two bytes, the CRC64 of all
// before it in eight.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace torc {

inline constexpr size_t kPayloadFooterBytes = 10;

// Ends the payload that `out` holds.
void AppendPayloadFooter(Buffer* out);

enum class PayloadChecksum : uint8_t { kVerified, kIgnored };
constexpr PayloadChecksum ChecksumIf(bool verified) {
  return verified ? PayloadChecksum::kVerified : PayloadChecksum::kIgnored;
}
// Whether the footer is there, of a version that can be read, and the checksum that of the bytes.
bool PayloadFooterFits(std::string_view payload, PayloadChecksum checksum);

}  // namespace torc
