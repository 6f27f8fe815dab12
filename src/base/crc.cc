#include "base/crc.h"

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/crc32c_hardware.h"

namespace torc {
namespace {

// Table [0] advances one byte; table [k] advances one byte and then k zero bytes, so that eight
// input bytes are folded with eight independent look-ups ("slicing by eight", Kounavis and Berry
// 2005).
template <typename Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <typename Word>
constexpr Tables<Word> ReflectedTables(Word polynomial) {
  Tables<Word> tables{};
  for (size_t i = 0; i < 256; ++i) {
    Word crc = static_cast<Word>(i);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
    tables[0][i] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t i = 0; i < 256; ++i) {
      const Word previous = tables[k - 1][i];
      tables[k][i] = (previous >> 8) ^ tables[0][previous & 0xff];
    }
  }
  return tables;
}

constexpr Tables<uint16_t> Crc16Tables() {
  Tables<uint16_t> tables{};
  for (size_t i = 0; i < 256; ++i) {
    auto crc = static_cast<uint16_t>(i << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    tables[0][i] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t i = 0; i < 256; ++i) {
      const uint16_t previous = tables[k - 1][i];
      tables[k][i] = static_cast<uint16_t>((previous << 8) ^ tables[0][previous >> 8]);
    }
  }
  return tables;
}

constexpr Tables<uint32_t> kCrc32c = ReflectedTables<uint32_t>(0x82f63b78U);
constexpr Tables<uint64_t> kCrc64 = ReflectedTables<uint64_t>(0x95ac9329ac4bc9b5ULL);
constexpr Tables<uint16_t> kCrc16 = Crc16Tables();

template <typename Word>
Word ReflectedCrc(const Tables<Word>& tables, Word crc, std::string_view bytes) {
  while (bytes.size() >= 8) {
    const uint64_t word = LoadLe<uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    crc = tables[0][(crc ^ static_cast<uint8_t>(c)) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

}  // namespace

uint16_t Crc16(std::string_view bytes) {
  uint16_t crc = 0;
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    const unsigned high = (crc >> 8) ^ p[0];
    const unsigned low = (crc & 0xff) ^ p[1];
    crc = static_cast<uint16_t>(kCrc16[7][high & 0xff] ^ kCrc16[6][low] ^ kCrc16[5][p[2]] ^
                                kCrc16[4][p[3]] ^ kCrc16[3][p[4]] ^ kCrc16[2][p[5]] ^
                                kCrc16[1][p[6]] ^ kCrc16[0][p[7]]);
  }
  for (; left > 0; ++p, --left) {
    crc = static_cast<uint16_t>((crc << 8) ^ kCrc16[0][((crc >> 8) ^ *p) & 0xff]);
  }
  return crc;
}

uint32_t Crc32c(uint32_t crc, std::string_view bytes) {
  static const RawCrc32c kHardware = HardwareCrc32c();
  if (kHardware != nullptr) return ~kHardware(~crc, bytes.data(), bytes.size());
  return Crc32cBySoftware(crc, bytes);
}

uint32_t Crc32cBySoftware(uint32_t crc, std::string_view bytes) {
  return ~ReflectedCrc(kCrc32c, ~crc, bytes);
}

uint64_t Crc64(uint64_t crc, std::string_view bytes) {
  return ReflectedCrc(kCrc64, crc, bytes);
}

}  // namespace torc
