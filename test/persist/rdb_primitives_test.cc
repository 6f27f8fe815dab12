#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/crc.h"
#include "base/rng.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"

namespace torc {
namespace {

std::string Written(const std::function<void(RdbWriter&)>& write, bool compress = true) {
  Buffer out;
  RdbWriter writer(&out, {.compress = compress});
  write(writer);
  return std::string(out.view());
}

// Gives the bytes in pieces, as a slow disk would.
class PiecesSource final : public RdbSource {
 public:
  PiecesSource(std::string_view bytes, size_t piece_bytes)
      : bytes_(bytes), piece_bytes_(piece_bytes) {}
  StatusOr<size_t> Read(char* to, size_t bytes_max) override {
    const size_t count = std::min({bytes_.size(), piece_bytes_, bytes_max});
    std::memcpy(to, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  size_t piece_bytes_;
};

TEST_CASE("a length takes the fewest bytes the format has for it and comes back") {
  const std::vector<std::pair<uint64_t, size_t>> lengths = {
      {0, 1},     {63, 1},         {64, 2},         {16383, 2},
      {16384, 5}, {UINT32_MAX, 5}, {1ULL << 32, 9}, {UINT64_MAX, 9},
  };
  for (const auto& [length, size_bytes] : lengths) {
    const std::string bytes = Written([length = length](RdbWriter& w) { w.Length(length); });
    CHECK(bytes.size() == size_bytes);
    RdbReader reader(bytes);
    CHECK(reader.Length() == length);
    CHECK(reader.ok());
    CHECK(reader.remaining() == 0);
  }
}

TEST_CASE("canonical integers shrink to one, two or four bytes and other digits do not") {
  const std::vector<std::pair<std::string, size_t>> texts = {
      {"0", 2},          {"-128", 2},        {"128", 3},         {"-32768", 3}, {"32768", 5},
      {"2147483647", 5}, {"2147483648", 11}, {"-2147483648", 5}, {"007", 4},    {"+1", 3},
      {"", 1},           {"1 ", 3},
  };
  for (const auto& [text, size_bytes] : texts) {
    CAPTURE(text);
    const std::string bytes = Written([&text = text](RdbWriter& w) { w.String(text); });
    CHECK(bytes.size() == size_bytes);
    RdbReader reader(bytes);
    CHECK(reader.String() == text);
    CHECK(reader.ok());
  }
  for (const int64_t number : {INT64_MIN, int64_t{-1}, int64_t{1} << 40, INT64_MAX}) {
    const std::string bytes = Written([&](RdbWriter& w) { w.IntegerString(number); });
    CHECK(bytes == Written([&](RdbWriter& w) { w.String(std::to_string(number)); }));
    RdbReader reader(bytes);
    CHECK(reader.String() == std::to_string(number));
  }
}

TEST_CASE("strings of every size come back, compressed where that is shorter") {
  Rng rng(7);
  for (const size_t size : {1U, 20U, 21U, 64U, 1000U, 70000U, 300000U}) {
    const std::string repeating(size, 'x');
    std::string random(size, '\0');
    for (char& c : random) c = static_cast<char>(rng.Next());
    for (const std::string& text : {repeating, random}) {
      const std::string bytes = Written([&](RdbWriter& w) { w.String(text); });
      CHECK(bytes.size() <= text.size() + 9);
      RdbReader reader(bytes);
      CHECK(reader.String() == text);
      CHECK(reader.remaining() == 0);
      RdbReader skipping(bytes);
      skipping.SkipString();
      CHECK(skipping.ok());
      CHECK(skipping.remaining() == 0);
    }
    const bool shorter = Written([&](RdbWriter& w) { w.String(repeating); }).size() < size;
    CHECK(shorter == (size > 20 && size <= RdbWriter::kCompressedBytesMax));
    CHECK(Written([&](RdbWriter& w) { w.String(repeating); }, false).size() > size);
  }
}

TEST_CASE("a source in pieces reads like memory, checksum included") {
  Rng rng(11);
  std::vector<std::string> texts;
  const std::string bytes = Written([&](RdbWriter& w) {
    for (int i = 0; i < 300; ++i) {
      texts.push_back(std::string(rng.Below(20000), static_cast<char>('a' + i % 26)));
      w.String(texts.back());
      w.BinaryDouble(i * 0.5);
    }
  });
  for (const size_t piece : {1U, 7U, 4096U, 1U << 22}) {
    PiecesSource source(bytes, piece);
    RdbReader reader(&source, bytes.size());
    double index = 0;
    for (const std::string& text : texts) {
      CHECK(reader.String() == text);
      CHECK(reader.BinaryDouble() == index++ * 0.5);
    }
    CHECK(reader.ok());
    CHECK(reader.offset() == bytes.size());
    CHECK(reader.Checksum() == Crc64(0, bytes));
  }
}

TEST_CASE("text scores know infinities and refuse what is no number") {
  const auto score = [](std::string bytes) {
    RdbReader reader(bytes);
    const double value = reader.TextDouble();
    return std::pair(reader.ok(), value);
  };
  CHECK(score("\x03"
              "1.5") == std::pair(true, 1.5));
  CHECK(score("\xff").second == -std::numeric_limits<double>::infinity());
  CHECK(score("\xfe").second == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(score("\xfd").second));
  CHECK_FALSE(score("\x03"
                    "1.x")
                  .first);
  CHECK_FALSE(score("\x04"
                    "1.5")
                  .first);
}

TEST_CASE("a cut input fails at every byte and says at which offset") {
  const std::string bytes = Written([](RdbWriter& w) {
    w.String(std::string(500, 'a'));
    w.String("12345");
    w.MsTime(1);
  });
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    RdbReader reader(std::string_view(bytes).substr(0, cut));
    reader.String();
    reader.String();
    reader.MsTime();
    CHECK_FALSE(reader.ok());
    CHECK(reader.status().message().find("at offset") == 0);
  }
}

TEST_CASE("claimed sizes beyond the input cost no memory") {
  const auto fails = [](std::string bytes) {
    RdbReader reader(bytes);
    reader.String();
    return !reader.ok();
  };
  CHECK(fails(std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff", 9)));
  CHECK(fails(std::string("\xc3\x02\x80\x7f\xff\xff\xff", 7) + "ab"));
  CHECK(fails(std::string("\xc3\x80\xff\xff\xff\xff\x05", 7)));
  CHECK(fails("\xc4"));
  CHECK(fails("\x82"));
  RdbReader counting(std::string_view("\x3f\x00\x00", 3));
  CHECK(counting.Count(2) == 0);
  CHECK_FALSE(counting.ok());
}

}  // namespace
}  // namespace torc
