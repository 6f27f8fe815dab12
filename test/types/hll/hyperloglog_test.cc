#include "types/hll/hyperloglog.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "base/rng.h"
#include "support/engine_harness.h"
#include "types/hll/sparse_runs.h"

namespace torc {
namespace {

constexpr size_t kSparseBytesMax = 3000;

TEST_CASE("estimates stay within six standard errors, sparse and dense alike") {
  std::string bytes = NewHyperLogLog();
  std::string dense = NewHyperLogLog();
  REQUIRE(MakeDense(&dense));
  for (int n = 1; n <= 50000; ++n) {
    const HllObservation seen = ObserveElement("element:" + std::to_string(n));
    REQUIRE(Observe(&bytes, seen, kSparseBytesMax) == ObserveDense(dense.data(), seen));
    if (n != 10 && n % 5000 != 0) continue;
    const auto estimate = EstimateCardinality(bytes);
    REQUIRE(estimate.has_value());
    CHECK(estimate == EstimateCardinality(dense));
    CHECK(std::abs(static_cast<double>(*estimate) - n) <= std::ceil(n * 6 * 1.04 / 128));
  }
  CHECK(HllEncodingOf(bytes) == HllEncoding::kDense);
  CHECK(bytes.size() == kHllDenseBytes);
}

TEST_CASE("registers raised one by one read back the same from runs and from bits") {
  Rng rng(11);
  for (int round = 0; round < 20; ++round) {
    std::string bytes = NewHyperLogLog();
    HllRegisters expected{};
    for (int i = 0; i < 400; ++i) {
      // Close together, so that runs are split and joined.
      const auto index = static_cast<uint32_t>(rng.Below(round % 2 == 0 ? 64 : kHllRegisterCount));
      const auto count = static_cast<uint8_t>(1 + rng.Below(rng.Chance(0.7) ? 3 : 32));
      const bool raises = count > expected[index];
      REQUIRE(Observe(&bytes, {index, count}, 12000) ==
              (raises ? HllResult::kChanged : HllResult::kSame));
      if (raises) expected[index] = count;
    }
    REQUIRE(HllEncodingOf(bytes) == HllEncoding::kSparse);
    HllRegisters sparse{};
    REQUIRE(MergeRegisters(bytes, &sparse));
    CHECK(sparse == expected);
    REQUIRE(MakeDense(&bytes));
    HllRegisters dense{};
    REQUIRE(MergeRegisters(bytes, &dense));
    CHECK(dense == expected);
  }
}

TEST_CASE("a count that no run can hold makes the value dense") {
  std::string bytes = NewHyperLogLog();
  CHECK(Observe(&bytes, {5, 33}, kSparseBytesMax) == HllResult::kChanged);
  CHECK(HllEncodingOf(bytes) == HllEncoding::kDense);
}

TEST_CASE("what only looks like a sparse value is damaged, not believed") {
  std::string bytes = NewHyperLogLog();
  for (const std::string_view runs : {"", "\x7f", "\x7f\xff\x01", "\x10", "\x40"}) {
    const std::string broken = bytes.substr(0, kHllHeaderBytes) + std::string(runs);
    CHECK(IsHyperLogLog(broken));
    HllRegisters registers{};
    CHECK_FALSE(MergeRegisters(broken, &registers));
    CHECK_FALSE(EstimateCardinality(broken).has_value());
    std::string copy = broken;
    CHECK_FALSE(MakeDense(&copy));
    CHECK(copy == broken);
  }
}

TEST_CASE("any bytes behind a header are safe to ask and to write") {
  Rng rng(12);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = NewHyperLogLog().substr(0, kHllHeaderBytes);
    for (size_t left = rng.Below(40); left > 0; --left) {
      bytes.push_back(static_cast<char>(rng.Next()));
    }
    const HllObservation seen = ObserveElement(std::to_string(round));
    Observe(&bytes, seen, kSparseBytesMax);
    DescribeSparse(bytes);
    HllRegisters registers{};
    if (!MergeRegisters(bytes, &registers)) CHECK_FALSE(EstimateCardinality(bytes).has_value());
  }
}

TEST_CASE("PFADD, PFCOUNT and PFMERGE work together, and counting keeps the estimate") {
  EngineHarness engine;
  CHECK(engine.Run("PFADD a 1 2 3") == "1");
  CHECK(engine.Run("PFADD a 3 2 1") == "0");
  CHECK(engine.Run("PFADD b 3 4") == "1");
  CHECK(engine.Run("PFCOUNT a") == "3");
  CHECK(CachedCardinality(engine.Ask("GET a").text) == 3);
  CHECK(engine.Run("PFCOUNT a b nothing") == "4");
  CHECK(engine.Run("PFMERGE c a b") == "OK");
  CHECK(engine.Run("PFCOUNT c") == "4");
  CHECK(engine.Run("PFADD d") == "1");
  CHECK(engine.Run("PFCOUNT d") == "0");
  engine.Run("SET s text");
  CHECK(engine.Run("PFADD s x") ==
        "(error) WRONGTYPE Key is not a valid HyperLogLog string value.");
  CHECK(engine.Run("PFMERGE c s") ==
        "(error) WRONGTYPE Key is not a valid HyperLogLog string value.");
  CHECK(engine.Run("PFSELFTEST") == "OK");
}

TEST_CASE("a value past hll-sparse-max-bytes becomes dense") {
  EngineHarness engine;
  engine.Run("CONFIG SET hll-sparse-max-bytes 30");
  for (int i = 0; i < 20; ++i) engine.Run("PFADD a " + std::to_string(i));
  CHECK(engine.Run("PFDEBUG ENCODING a") == "dense");
  CHECK(engine.Run("STRLEN a") == "12304");
  CHECK(engine.Run("PFCOUNT a") == "20");
  engine.Run("DEL a");  // the shadow has a setting of its own, so that its bytes differ
}

TEST_CASE("a short value that did not come by PFADD is raw once PFADD or PFDEBUG has seen it") {
  for (const char* command : {"PFADD b", "PFDEBUG ENCODING b", "PFCOUNT b"}) {
    EngineHarness engine;
    engine.Run("PFADD a");
    engine.RunArgs({"SET", "b", engine.Ask("GET a").text});
    CHECK(engine.Run("OBJECT ENCODING b") == "\"embstr\"");
    engine.Run(command);
    CHECK(engine.Run("OBJECT ENCODING b") == "\"raw\"");
  }
}

}  // namespace
}  // namespace torc
