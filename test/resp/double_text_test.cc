// Doubles in the spelling of Redis 7.2, and always readable back to the same double.
#include "resp/double_text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "base/rng.h"

namespace torc {
namespace {

std::string Text(double value) {
  return std::string(DoubleText(value).view());
}

TEST_CASE("whole numbers have no point") {
  CHECK(Text(0) == "0");
  CHECK(Text(-0.0) == "-0");
  CHECK(Text(1) == "1");
  CHECK(Text(-3) == "-3");
  CHECK(Text(4503599627370497.0) == "4503599627370497");
  CHECK(Text(9007199254740992.0) == "9007199254740992");
  CHECK(Text(100000000000000.0) == "100000000000000");
}

TEST_CASE("words stand for what is no number") {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  CHECK(Text(kInf) == "inf");
  CHECK(Text(-kInf) == "-inf");
  CHECK(Text(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("fractions have the shortest digits") {
  CHECK(Text(0.1) == "0.1");
  CHECK(Text(3.141) == "3.141");
  CHECK(Text(-1.5) == "-1.5");
  CHECK(Text(0.000001) == "0.000001");
  CHECK(Text(0.3 + 0.6) == "0.8999999999999999");
  CHECK(Text(123456.789) == "123456.789");
}

TEST_CASE("very large, very small and long mixed numbers take an exponent") {
  CHECK(Text(1e20) == "1e+20");
  CHECK(Text(1e-7) == "1e-7");
  CHECK(Text(-1.5e-7) == "-1.5e-7");
  CHECK(Text(12345.6789012345) == "1.23456789012345e+4");
  CHECK(Text(1234.56789012345) == "1234.56789012345");
  CHECK(Text(1.7976931348623157e308) == "1.7976931348623157e+308");
  CHECK(Text(5e-324) == "5e-324");
}

TEST_CASE("every double is read back as itself") {
  constexpr uint64_t kSeed = 3;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  for (int i = 0; i < 200000; ++i) {
    const uint64_t bits = rng.Next();
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    if (rng.Chance(0.5)) value = std::round(value * 1e6) / 1e6;
    const double read = std::strtod(Text(value).c_str(), nullptr);
    CHECK(read == value);
    CHECK(std::signbit(read) == std::signbit(value));
  }
}

}  // namespace
}  // namespace torc
