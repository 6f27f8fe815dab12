#pragma once

// The checksums of the formats we speak:
//   Crc16   CCITT/XMODEM, polynomial 0x1021: Redis Cluster's key slots.
//   Crc32c  Castagnoli, reflected 0x82f63b78: our own frames and logs.
//   Crc64   Jones, reflected 0x95ac9329ac4bc9b5, no inversion: RDB files and DUMP payloads.
// Crc32c and Crc64 continue: pass the previous result as `crc` (0 to begin).

#include <cstdint>
#include <string_view>

namespace torc {

uint16_t Crc16(std::string_view bytes);
uint32_t Crc32c(uint32_t crc, std::string_view bytes);
uint32_t Crc32cBySoftware(uint32_t crc,
                          std::string_view bytes);  // what Crc32c does without hardware
uint64_t Crc64(uint64_t crc, std::string_view bytes);

}  // namespace torc
