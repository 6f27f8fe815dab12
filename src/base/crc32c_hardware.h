#pragma once

// CRC-32C by the processor's own instruction: eight bytes a cycle instead of one.

#include <cstddef>
#include <cstdint>

namespace torc {

// As Crc32c, but without the inversions at begin and end.
using RawCrc32c = uint32_t (*)(uint32_t crc, const char* bytes, size_t size);

// Null where the processor (x86-64 without SSE 4.2, an ARMv8 without the CRC extension) has none.
RawCrc32c HardwareCrc32c();

}  // namespace torc
