#include "persist/rdb_packed.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

template <class Cursor>
std::vector<std::string> TextsOf(std::string_view bytes) {
  std::vector<std::string> texts;
  CHECK(AllTexts(Cursor(bytes), [&](std::string_view text) { texts.emplace_back(text); }));
  return texts;
}

// Every prefix and every change of one byte is survived: read to its end or refused.
template <class Cursor>
void CheckHardy(const std::string& bytes) {
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    Cursor cursor(std::string_view(bytes).substr(0, cut));
    PackedItem item;
    while (cursor.Next(&item)) CHECK(item.text().size() <= bytes.size() + 20);
    CHECK_FALSE(cursor.ok());
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      Cursor cursor{std::string_view(changed)};
      PackedItem item;
      size_t items = 0;
      while (cursor.Next(&item)) ++items;
      CHECK(items <= changed.size());
    }
  }
}

std::vector<std::string> Samples() {
  std::vector<std::string> out = {"",
                                  "a",
                                  "007",
                                  "-0",
                                  std::string(63, 'b'),
                                  std::string(64, 'c'),
                                  std::string(127, 'd'),
                                  std::string(4095, 'e'),
                                  std::string(5000, 'f'),
                                  std::string(20000, 'g')};
  for (int bits = 0; bits < 63; ++bits) {
    for (const int64_t near : {-1, 0, 1}) {
      out.push_back(std::to_string((int64_t{1} << bits) + near));
      out.push_back(std::to_string(-(int64_t{1} << bits) + near));
    }
  }
  out.push_back(std::to_string(INT64_MIN));
  out.push_back(std::to_string(INT64_MAX));
  return out;
}

TEST_CASE("a listpack gives back the texts and numbers it was built of") {
  ListpackBuilder builder;
  const std::vector<std::string> samples = Samples();
  for (const std::string& sample : samples) builder.Add(sample);
  CHECK(builder.count() == samples.size());
  const size_t size_bytes = builder.size_bytes();
  CHECK(builder.Finish().size() == size_bytes);
  builder.Clear();
  for (const std::string& sample : samples) builder.Add(sample);
  const std::string bytes(builder.Finish());
  CHECK(TextsOf<ListpackCursor>(bytes) == samples);
  ListpackCursor cursor(bytes);
  PackedItem item;
  REQUIRE(cursor.Next(&item));
  CHECK_FALSE(item.is_number());
}

TEST_CASE("a listpack as redis-server wrote it reads back") {
  // HSET h f1 v1 f2 -5 f3 70000
  const std::string bytes(
      "\x1f\x00\x00\x00\x06\x00\x82"
      "f1\x03\x82"
      "v1\x03\x82"
      "f2\x03\xdf\xfb\x02\x82"
      "f3\x03\xf2\x70\x11\x01\x04\xff",
      0x1f);
  CHECK(TextsOf<ListpackCursor>(bytes) ==
        std::vector<std::string>{"f1", "v1", "f2", "-5", "f3", "70000"});
  CheckHardy<ListpackCursor>(bytes);
  ListpackBuilder builder;
  for (const char* text : {"f1", "v1", "f2", "-5", "f3", "70000"}) builder.Add(text);
  CHECK(builder.Finish() == bytes);
}

TEST_CASE("a ziplist of every encoding reads back") {
  const std::string items = std::string(
                                "\x00\x02"
                                "hi",
                                4) +
                            std::string("\x04\xf1", 2) + std::string("\x02\xfd", 2) +
                            std::string("\x02\xfe\x80", 3) + std::string("\x03\xc0\x00\x80", 4) +
                            std::string("\x04\xf0\x00\x00\x80", 5) +
                            std::string("\x05\xd0\x00\x00\x00\x80", 6) +
                            std::string("\x06\xe0\x00\x00\x00\x00\x00\x00\x00\x80", 10) +
                            std::string("\x0a\x40\x46", 3) + std::string(70, 'x') +
                            std::string(
                                "\x49\x80\x00\x00\x00\x03"
                                "abc",
                                9) +
                            std::string("\xfe\x09\x00\x00\x00\x01z", 7);
  std::string bytes(10, '\0');
  bytes += items + "\xff";
  bytes[0] = static_cast<char>(bytes.size());
  CHECK(TextsOf<ZiplistCursor>(bytes) ==
        std::vector<std::string>{"hi", "0", "12", "-128", "-32768", "-8388608", "-2147483648",
                                 "-9223372036854775808", std::string(70, 'x'), "abc", "z"});
  CheckHardy<ZiplistCursor>(bytes);
}

TEST_CASE("a zipmap reads back as fields and values, vacant bytes passed over") {
  const std::string bytes(
      "\x02\x03"
      "foo\x03\x02"
      "bar..\x05"
      "hello\x05\x00world\xff",
      26);
  CHECK(TextsOf<ZipmapCursor>(bytes) == std::vector<std::string>{"foo", "bar", "hello", "world"});
  CheckHardy<ZipmapCursor>(bytes);
}

TEST_CASE("intsets of two, four and eight bytes a number read back") {
  for (const int bits : {10, 20, 40}) {
    std::vector<int64_t> numbers;
    for (int64_t i = -3; i <= 3; ++i) numbers.push_back(i * (int64_t{1} << bits));
    IntsetBuilder builder(IntsetNumberBytes(numbers.front(), numbers.back()));
    std::vector<std::string> texts;
    for (const int64_t number : numbers) {
      builder.Add(number);
      texts.push_back(std::to_string(number));
    }
    const std::string bytes(builder.Finish());
    CHECK(TextsOf<IntsetCursor>(bytes) == texts);
    CheckHardy<IntsetCursor>(bytes);
  }
}

}  // namespace
}  // namespace torc
