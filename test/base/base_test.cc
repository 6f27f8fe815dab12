// Checksums, bytes and glob against published check values and hand-worked examples.
#include <doctest/doctest.h>

#include <string>

#include "base/bytes.h"
#include "base/crc.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/rng.h"

namespace torc {
namespace {

TEST_CASE("checksums give their published check values") {
  CHECK(Crc16("123456789") == 0x31c3);
  CHECK(Crc32c(0, "123456789") == 0xe3069283);
  CHECK(Crc64(0, "123456789") == 0xe9c6d914c4b8d9caULL);
}

TEST_CASE("checksums of long and split input agree with byte-at-a-time") {
  Rng rng(1);
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(rng.Next());
  uint32_t crc32 = 0;
  uint64_t crc64 = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    crc32 = Crc32c(crc32, std::string_view(bytes).substr(i, 1));
    crc64 = Crc64(crc64, std::string_view(bytes).substr(i, 1));
  }
  CHECK(crc32 == Crc32c(0, bytes));
  CHECK(crc64 == Crc64(0, bytes));
}

TEST_CASE("the processor's CRC-32C is that of the tables, at every size and offset") {
  std::string bytes;
  Rng rng(7);
  while (bytes.size() < 20'000) bytes += static_cast<char>(rng.Next());
  const std::string_view all = bytes;
  for (size_t size : {0, 1, 7, 8, 9, 1023, 3071, 3072, 3073, 6144, 9999, 19'000}) {
    for (size_t from = 0; from < 9; ++from) {
      CHECK(Crc32c(5, all.substr(from, size)) == Crc32cBySoftware(5, all.substr(from, size)));
    }
  }
}

TEST_CASE("a byte reader stops at its end and latches the failure") {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U32(7);
  writer.Varint(300);
  writer.Blob("abc");
  ByteReader reader(bytes);
  CHECK(reader.U32() == 7);
  CHECK(reader.Varint() == 300);
  CHECK(reader.Blob(10) == "abc");
  CHECK(reader.done());
  CHECK(reader.U8() == 0);
  CHECK_FALSE(reader.ok());
  ByteReader limited(std::string_view(bytes).substr(6));
  CHECK(limited.Blob(2).empty());
  CHECK_FALSE(limited.ok());
  ByteReader overlong(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10));
  overlong.Varint();
  CHECK_FALSE(overlong.ok());
}

TEST_CASE("globs match as Redis's do") {
  CHECK(GlobMatch("*", "a"));
  CHECK(GlobMatch("", ""));
  CHECK_FALSE(GlobMatch("*", ""));
  CHECK(GlobMatch("h?llo", "hello"));
  CHECK(GlobMatch("h[ae]llo", "hallo"));
  CHECK_FALSE(GlobMatch("h[^e]llo", "hello"));
  CHECK(GlobMatch("h[a-b]llo", "hbllo"));
  CHECK(GlobMatch("a\\*b", "a*b"));
  CHECK_FALSE(GlobMatch("a\\*b", "axb"));
  CHECK(GlobMatch("*a*b*c", "xxaxxbxxc"));
  CHECK_FALSE(GlobMatch("*a*b*c", "xxaxxcxxb"));
  CHECK(GlobMatch("MaxMem*", "maxmemory-policy", GlobCase::kInsensitive));
  CHECK_FALSE(GlobMatch("", "a"));
  CHECK(GlobMatch("[a-", "a") == GlobMatch("[a-", "a"));
}

TEST_CASE("a glob with many stars is not exponential") {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "a*";
  pattern += "b";
  CHECK_FALSE(GlobMatch(pattern, std::string(5000, 'a')));
}

TEST_CASE("an allocation is as large as its size class says") {
  void* p = Allocate(33);
  CHECK(UsableSize(p) >= 33);
  p = Reallocate(p, 100);
  Free(p);
  void* lines = AllocateLines(1536);
  CHECK(reinterpret_cast<uintptr_t>(lines) % 64 == 0);
  Free(lines);
}

}  // namespace
}  // namespace torc
