// FIPS 180-4, section 6.1: blocks of 64 bytes; the last carries a one bit and the length in bits.

#include "base/sha1.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace torc {
namespace {

constexpr size_t kBlockBytes = 64;
using Digest = std::array<uint32_t, 5>;

uint32_t LoadBe32(const unsigned char* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

struct Round {
  uint32_t mixed;
  uint32_t constant;
};

Round RoundAt(int i, uint32_t b, uint32_t c, uint32_t d) {
  if (i < 20) return {(b & c) | (~b & d), 0x5A827999};
  if (i < 40) return {b ^ c ^ d, 0x6ED9EBA1};
  if (i < 60) return {(b & c) | (b & d) | (c & d), 0x8F1BBCDC};
  return {b ^ c ^ d, 0xCA62C1D6};
}

void AddBlock(Digest& digest, const unsigned char* block) {
  uint32_t words[80];
  for (int i = 0; i < 16; ++i) words[i] = LoadBe32(block + i * 4);
  for (int i = 16; i < 80; ++i) {
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  auto [a, b, c, d, e] = digest;
  for (int i = 0; i < 80; ++i) {
    const Round round = RoundAt(i, b, c, d);
    const uint32_t next = std::rotl(a, 5) + round.mixed + e + round.constant + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  digest[0] += a;
  digest[1] += b;
  digest[2] += c;
  digest[3] += d;
  digest[4] += e;
}

}  // namespace

std::array<char, 40> Sha1Hex(std::string_view bytes) {
  Digest digest = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= kBlockBytes; left -= kBlockBytes, p += kBlockBytes) AddBlock(digest, p);
  unsigned char last[2 * kBlockBytes] = {};
  if (left > 0) std::memcpy(last, p, left);
  last[left] = 0x80;
  const size_t last_bytes = left + 9 <= kBlockBytes ? kBlockBytes : 2 * kBlockBytes;
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  for (size_t i = 0; i < 8; ++i) {
    last[last_bytes - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  }
  AddBlock(digest, last);
  if (last_bytes > kBlockBytes) AddBlock(digest, last + kBlockBytes);
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 40> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = kDigits[digest[i / 8] >> (28 - 4 * (i % 8)) & 15];
  }
  return out;
}

}  // namespace torc
