#include "base/text.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace torc {
namespace {

TEST_CASE("integers are taken only in their canonical form") {
  CHECK(ParseInt64("0") == 0);
  CHECK(ParseInt64("-1") == -1);
  CHECK(ParseInt64("9223372036854775807") == std::numeric_limits<int64_t>::max());
  CHECK(ParseInt64("-9223372036854775808") == std::numeric_limits<int64_t>::min());
  for (const char* bad : {"", "-", "-0", "+1", "01", " 1", "1 ", "1.0", "9223372036854775808",
                          "-9223372036854775809", "99999999999999999999", "a"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseInt64(bad).has_value());
  }
  CHECK(ParseUint64("18446744073709551615") == std::numeric_limits<uint64_t>::max());
  CHECK_FALSE(ParseUint64("18446744073709551616").has_value());
}

TEST_CASE("decimal text round-trips the extremes") {
  for (const int64_t value : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max(), int64_t{1000}}) {
    CHECK(DecimalText(value).view() == std::to_string(value));
  }
  CHECK(DecimalText::Unsigned(std::numeric_limits<uint64_t>::max()).view() ==
        "18446744073709551615");
}

TEST_CASE("doubles are read as strtod does, but whole and finite unless said") {
  CHECK(ParseDouble("3.5") == 3.5);
  CHECK(ParseDouble("1e3") == 1000);
  CHECK(ParseDouble("-inf") == -std::numeric_limits<double>::infinity());
  for (const char* bad : {"", " 1", "1 ", "nan", "1e999", "abc", "1.2.3"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseDouble(bad).has_value());
  }
  CHECK(FormatDouble(3) == "3");
  CHECK(FormatDouble(3.1) == "3.1000000000000001");
  CHECK(FormatLongDouble(5.0e3L) == "5000");
  CHECK(FormatLongDouble(10.6L) == "10.6");
}

TEST_CASE("memory sizes have redis.conf's units") {
  CHECK(ParseMemory("100") == 100);
  CHECK(ParseMemory("1k") == 1000);
  CHECK(ParseMemory("1KB") == 1024);
  CHECK(ParseMemory("2gb") == 2ULL << 30);
  CHECK(ParseMemory("99999999999gb") == UINT64_MAX);
  CHECK(ParseMemory("18446744073709551616") == UINT64_MAX);
  CHECK_FALSE(ParseMemory("1tb").has_value());
  CHECK_FALSE(ParseMemory("-1").has_value());
  CHECK_FALSE(ParseMemory("").has_value());
  CHECK(HumanBytes(1536) == "1.50K");
}

}  // namespace
}  // namespace torc
