#include "server/usable_cores.h"

#include <doctest/doctest.h>

namespace torc {
namespace {

TEST_CASE("a control group's quota bounds the cores, rounded up") {
  CHECK(CoresWithin("max 100000", 8) == 8);
  CHECK(CoresWithin("200000 100000", 8) == 2);
  CHECK(CoresWithin("250000 100000", 8) == 3);
  CHECK(CoresWithin("50000 100000", 8) == 1);
  CHECK(CoresWithin("900000 100000", 8) == 8);
}

TEST_CASE("a quota that says nothing leaves all cores") {
  for (const char* text : {"", "max", "100000", "100000 0", "x y", "1 2 3"}) {
    CAPTURE(text);
    CHECK(CoresWithin(text, 4) == 4);
  }
}

TEST_CASE("the process may use at least one core") {
  CHECK(UsableCores() >= 1);
}

}  // namespace
}  // namespace torc
