#include "base/crc32c_hardware.h"

#include <array>

#include "base/bytes.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#define TORC_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define TORC_CRC_TARGET __attribute__((target("+crc")))
#endif

namespace torc {

#ifdef TORC_CRC_TARGET

namespace {

// The instruction takes three cycles but can begin in each, so three lanes of this size are run
// side by side and joined afterwards (Gopal et al., "Fast CRC computation using the CRC32
// instruction").
constexpr size_t kLaneBytes = 1024;

// What a crc becomes behind kLaneBytes of zeros is linear in its bits: one table per byte of it.
using ShiftTable = std::array<std::array<uint32_t, 256>, 4>;

using Operator = std::array<uint32_t, 32>;  // what becomes of each bit

constexpr uint32_t Apply(const Operator& op, uint32_t crc) {
  uint32_t result = 0;
  for (size_t bit = 0; bit < 32; ++bit) {
    if ((crc >> bit & 1) != 0) result ^= op[bit];
  }
  return result;
}

constexpr ShiftTable MakeShiftTable() {
  Operator op{};  // one zero bit, then by squaring 2, 4, 8, … of them
  for (size_t bit = 0; bit < 32; ++bit) op[bit] = bit == 0 ? 0x82f63b78U : 1U << (bit - 1);
  for (size_t zero_bits = 1; zero_bits < kLaneBytes * 8; zero_bits *= 2) {
    Operator squared{};
    for (size_t bit = 0; bit < 32; ++bit) squared[bit] = Apply(op, op[bit]);
    op = squared;
  }
  ShiftTable table{};
  for (size_t byte = 0; byte < 4; ++byte) {
    for (uint32_t value = 0; value < 256; ++value) {
      table[byte][value] = Apply(op, value << (8 * byte));
    }
  }
  return table;
}

constexpr ShiftTable kShift = MakeShiftTable();

uint32_t BehindLane(uint32_t crc) {
  return kShift[0][crc & 0xff] ^ kShift[1][crc >> 8 & 0xff] ^ kShift[2][crc >> 16 & 0xff] ^
         kShift[3][crc >> 24];
}

#if defined(__x86_64__)
TORC_CRC_TARGET inline uint32_t Word(uint32_t crc, uint64_t word) {
  return static_cast<uint32_t>(_mm_crc32_u64(crc, word));
}
TORC_CRC_TARGET inline uint32_t Byte(uint32_t crc, char byte) {
  return _mm_crc32_u8(crc, static_cast<uint8_t>(byte));
}
bool ProcessorHasIt() {
  return __builtin_cpu_supports("sse4.2") != 0;
}
#else
TORC_CRC_TARGET inline uint32_t Word(uint32_t crc, uint64_t word) {
  return __crc32cd(crc, word);
}
TORC_CRC_TARGET inline uint32_t Byte(uint32_t crc, char byte) {
  return __crc32cb(crc, static_cast<uint8_t>(byte));
}
bool ProcessorHasIt() {
  constexpr unsigned long kCrc32Bit = 1UL << 7;  // HWCAP_CRC32
  return (getauxval(AT_HWCAP) & kCrc32Bit) != 0;
}
#endif

TORC_CRC_TARGET uint32_t Compute(uint32_t crc, const char* bytes, size_t size) {
  for (; size >= 3 * kLaneBytes; bytes += 3 * kLaneBytes, size -= 3 * kLaneBytes) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      crc = Word(crc, LoadLe<uint64_t>(bytes + i));
      second = Word(second, LoadLe<uint64_t>(bytes + kLaneBytes + i));
      third = Word(third, LoadLe<uint64_t>(bytes + 2 * kLaneBytes + i));
    }
    crc = BehindLane(BehindLane(crc) ^ second) ^ third;
  }
  for (; size >= 8; bytes += 8, size -= 8) crc = Word(crc, LoadLe<uint64_t>(bytes));
  for (; size > 0; ++bytes, --size) crc = Byte(crc, *bytes);
  return crc;
}

}  // namespace

RawCrc32c HardwareCrc32c() {
  return ProcessorHasIt() ? &Compute : nullptr;
}

#else

RawCrc32c HardwareCrc32c() {
  return nullptr;
}

#endif

}  // namespace torc
