#include "base/scan_double.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string_view>

namespace torc {
namespace {

TEST_CASE("a number may be led by blanks, be hexadecimal, infinite, or not there") {
  CHECK(ScanDouble("1.5")->value == 1.5);
  CHECK(ScanDouble(" \t-7")->value == -7);
  CHECK(ScanDouble("0x10")->value == 16);
  CHECK(std::isinf(ScanDouble("-inf")->value));
  CHECK_FALSE(ScanDouble("-inf")->out_of_range);
  CHECK(ScanDouble("")->value == 0);
}

TEST_CASE("what stands behind a zero byte is not seen, and nothing else may trail") {
  CHECK(ScanDouble(std::string_view("3\0x", 3))->value == 3);
  CHECK_FALSE(ScanDouble("3 "));
  CHECK_FALSE(ScanDouble("3x"));
  CHECK_FALSE(ScanDouble("nan"));
}

TEST_CASE("too large and too small numbers are marked") {
  CHECK(std::isinf(ScanDouble("1e999")->value));
  CHECK(ScanDouble("1e999")->out_of_range);
  CHECK(ScanDouble("1e-999")->out_of_range);
}

}  // namespace
}  // namespace torc
