#pragma once

// One bucket of the table: a cache line with nine entries.
//
//   byte  0                                                   54                 63
//         | p0 | p1 | p2 | p3 | p4 | p5 | p6 | p7 | p8 |      f0 f1 … f7 f8      | passed |
//           6 bytes each: the low 48 bits of a pointer        one byte each        one byte
//
// A fingerprint is a byte of the entry's hash; 0 says that the slot is vacant. `passed` counts the
// entries that found this bucket full on their way from their home to where they are now: while it
// is 0, a search that came here need not go on. It saturates at 255 and then stays until the
// segment is rebuilt.
//
// A pointer is read as one unaligned 8-byte word and masked; the last one ends at byte 56, so no
// read leaves the line. All nine fingerprints are compared by one 16-byte comparison of bytes 48…63
// where there is SSE2, and by one 8-byte word and one byte elsewhere.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace torc {

class alignas(64) TableBucket {
 public:
  static constexpr uint32_t kSlots = 9;

  // The byte that stands for a hash; never 0.
  static uint8_t Fingerprint(uint64_t hash) {
    const auto low = static_cast<uint8_t>(hash);
    return low == 0 ? 1 : low;
  }

  // Bit i is set where slot i carries `fingerprint`; with 0, where it is vacant.
  uint32_t Match(uint8_t fingerprint) const {
#ifdef __SSE2__
    const __m128i tail = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes_ + 48));
    const __m128i wanted = _mm_set1_epi8(static_cast<char>(fingerprint));
    const auto equal = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(tail, wanted)));
    return (equal >> (kFingerprintsAt - 48)) & kAllSlots;
#else
    return MatchPortable(fingerprint);
#endif
  }
  // The same without vector instructions.
  uint32_t MatchPortable(uint8_t fingerprint) const {
    constexpr uint64_t kOnes = 0x0101010101010101ULL;
    constexpr uint64_t kLow7 = 0x7f7f7f7f7f7f7f7fULL;
    uint64_t eight;
    std::memcpy(&eight, bytes_ + kFingerprintsAt, sizeof(eight));
    const uint64_t differ = eight ^ (kOnes * fingerprint);
    // The top bit of each byte that is zero, exactly: no carry crosses bytes.
    const uint64_t zeros = ~(((differ & kLow7) + kLow7) | differ | kLow7);
    const auto mask = static_cast<uint32_t>(((zeros >> 7) * 0x0102040810204080ULL) >> 56);
    return mask | (bytes_[kFingerprintsAt + 8] == fingerprint ? 0x100U : 0U);
  }
  uint32_t Vacant() const {
    return Match(0);
  }
  uint32_t Occupied() const {
    return Vacant() ^ kAllSlots;
  }

  void* entry(uint32_t slot) const {
    uint64_t word;
    std::memcpy(&word, bytes_ + size_t{slot} * kPointerBytes, sizeof(word));
    return std::bit_cast<void*>(word & kPointerMask);
  }
  uint8_t fingerprint(uint32_t slot) const {
    return bytes_[kFingerprintsAt + slot];
  }

  void Occupy(uint32_t slot, void* entry, uint8_t fingerprint) {
    Point(slot, entry);
    bytes_[kFingerprintsAt + slot] = fingerprint;
  }
  // Lets the slot refer to another entry of the same hash.
  void Point(uint32_t slot, void* entry) {
    const auto word = reinterpret_cast<uint64_t>(entry);
    std::memcpy(bytes_ + size_t{slot} * kPointerBytes, &word, kPointerBytes);
  }
  void Vacate(uint32_t slot) {
    bytes_[kFingerprintsAt + slot] = 0;
  }

  uint8_t passed() const {
    return bytes_[kPassedAt];
  }
  void AddPassed() {
    if (bytes_[kPassedAt] != kPassedMax) ++bytes_[kPassedAt];
  }
  void RemovePassed() {
    if (bytes_[kPassedAt] != kPassedMax) --bytes_[kPassedAt];
  }
  static constexpr uint8_t kPassedMax = 255;

 private:
  static constexpr size_t kPointerBytes = 6;
  static constexpr size_t kFingerprintsAt = kSlots * kPointerBytes;
  static constexpr size_t kPassedAt = 63;
  static constexpr uint32_t kAllSlots = (1U << kSlots) - 1;
  static constexpr uint64_t kPointerMask = 0x0000'ffff'ffff'ffffULL;

  uint8_t bytes_[64];
};

static_assert(sizeof(TableBucket) == 64, "a bucket is one cache line");

}  // namespace torc
