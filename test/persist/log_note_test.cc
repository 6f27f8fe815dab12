#include "persist/log_note.h"

#include <doctest/doctest.h>

#include <string>

#include "base/crc.h"

namespace torc {
namespace {

TEST_CASE("notes say what they were given and vouch for all that is before them") {
  std::string out = "anything";
  uint32_t crc = Crc32c(0, out);
  AppendHead(&out, 0xfeed, 12, &crc);
  const std::string line = out.substr(8);
  const auto head = ParseNote(line);
  REQUIRE(head.has_value());
  CHECK(head->kind == LogNote::Kind::kHead);
  CHECK(head->id == 0xfeed);
  CHECK(head->position == 12);
  CHECK(NoteFits(*head, line, Crc32c(0, "anything")));
  CHECK_FALSE(NoteFits(*head, line, Crc32c(0, "anythinG")));
  CHECK(crc == Crc32c(0, out));
}

TEST_CASE("every note is one line of at most a hundred bytes that begins with a hash") {
  std::string out;
  uint32_t crc = 0;
  constexpr uint64_t kMost = ~uint64_t{0};
  AppendHead(&out, kMost, kMost, &crc);
  AppendBatchEnd(&out, kMost, &crc);
  AppendDurableMark(&out, kMost, kMost, &crc);
  AppendTime(&out, 4102444800, &crc);
  size_t lines = 0;
  for (size_t at = 0; at < out.size(); ++lines) {
    const size_t end = out.find('\n', at) + 1;
    CHECK(out[at] == '#');
    CHECK(end - at <= kLogNoteBytesMax);
    CHECK(ParseNote(out.substr(at, end - at)).has_value());
    at = end;
  }
  CHECK(lines == 4);
  CHECK(crc == Crc32c(0, out));
}

TEST_CASE("a note has one spelling only") {
  for (const char* line :
       {"#TORC:B 1 0000000G\r\n", "#TORC:B 1 0000000A\r\n", "#TORC:B 01 00000000\r\n",
        "#TORC:B 1 00000000 \r\n", "#TORC:B  1 00000000\r\n", "#TORC:B 1 0000000\r\n",
        "#TORC:B 1 00000000\n", "#TORC:B 1 00000000", "#TORC:C 1 00000000\r\n", "#TORC:B 1\r\n",
        "#TORC:H 2 0000000000000000 1 00000000\r\n", "#TS:-1\r\n", "#TS:\r\n", "# comment\r\n"}) {
    CHECK_MESSAGE(!ParseNote(line).has_value(), line);
  }
}

TEST_CASE("durable marks are found behind damage, but not those that a client made up") {
  constexpr uint64_t kId = 77;
  std::string out(1000, 'x');
  uint32_t crc = 0;
  AppendDurableMark(&out, kId, 900, &crc);
  out += "more";
  std::string forged;
  AppendDurableMark(&forged, 78, 950, &crc);
  CHECK(DurableExtent(out + forged, 0, kId) == 900);
  CHECK(DurableExtent(out + forged, 0, std::nullopt) == 950);
  CHECK(DurableExtent("#TORC:D 9 00000000 ", 0, std::nullopt) == 0);
  // A mark vouches for what is before it only.
  std::string early;
  AppendDurableMark(&early, kId, 900, &crc);
  CHECK(DurableExtent(early, 0, kId) == 0);
  CHECK(DurableExtent(early, 900, kId) == 900);
}

}  // namespace
}  // namespace torc
