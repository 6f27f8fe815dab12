#include "types/stream/stream_id.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

std::string Parsed(std::string_view text) {
  const auto id = ParseStreamId(text, 7);
  return id ? std::string(StreamIdText(*id)) : "none";
}

TEST_CASE("ids are read as Redis reads them") {
  CHECK(Parsed("1-2") == "1-2");
  CHECK(Parsed("5") == "5-7");
  CHECK(Parsed("+8-1") == "8-1");
  CHECK(Parsed("009-+3") == "9-3");
  CHECK(Parsed("10--0") == "10-0");
  CHECK(Parsed(" 5-\t+6") == "5-6");
  CHECK(Parsed("12--03") == "12-18446744073709551613");
  CHECK(Parsed("18446744073709551615-18446744073709551615") ==
        "18446744073709551615-18446744073709551615");
  CHECK(Parsed(std::string_view("20-1\0zz", 7)) == "20-1");
  for (const char* bad : {"", "-", "+", "-5", "7-", "11--3", "1-2-3", "abc", "1.5", " ", "5 ",
                          "18446744073709551616", "1-18446744073709551616", "*", "1-*"}) {
    CAPTURE(bad);
    CHECK(Parsed(bad) == "none");
  }
  CHECK(Parsed(std::string(128, '0')) == "none");
  CHECK(Parsed(std::string(127, '0')) == "0-7");
}

TEST_CASE("XADD's ids may leave their second half open") {
  const auto open = ParseRequestedStreamId("5-*");
  REQUIRE(open);
  CHECK(open->id == StreamId{5, 0});
  CHECK_FALSE(open->seq_given);
  CHECK(ParseRequestedStreamId("5-1")->seq_given);
  CHECK_FALSE(ParseRequestedStreamId("*-1"));
  CHECK_FALSE(ParseRequestedStreamId("5-**"));
}

TEST_CASE("bounds are ids, ends or excluded ids") {
  CHECK(ParseStreamBound("-", 0)->id == kStreamIdMin);
  CHECK(ParseStreamBound("+", 0)->id == kStreamIdMax);
  CHECK(ParseStreamBound("(3-1", 0)->excluded);
  CHECK_FALSE(ParseStreamBound("3-1", 0)->excluded);
  CHECK_FALSE(ParseStreamBound("(-", 0));
  CHECK_FALSE(ParseStreamBound("(", 0));
}

TEST_CASE("ids have neighbours, but for the first and the last") {
  CHECK(*NextStreamId({1, UINT64_MAX}) == StreamId{2, 0});
  CHECK(*PreviousStreamId({2, 0}) == StreamId{1, UINT64_MAX});
  CHECK_FALSE(NextStreamId(kStreamIdMax));
  CHECK_FALSE(PreviousStreamId(kStreamIdMin));
}

}  // namespace
}  // namespace torc
