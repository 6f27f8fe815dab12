#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/rng.h"
#include "support/engine_harness.h"
#include "types/bitmap/bits.h"

namespace torc {
namespace {

TEST_CASE("counting and finding bits agree with looking at each") {
  Rng rng(7);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(1 + rng.Below(40), '\0');
    const bool sparse = rng.Chance(0.5);
    for (char& c : bytes) c = static_cast<char>(sparse && rng.Chance(0.9) ? 0 : rng.Next());
    const uint64_t bits = bytes.size() * 8;
    const uint64_t first = rng.Below(bits);
    const uint64_t last = first + rng.Below(bits - first);
    uint64_t ones = 0;
    for (uint64_t i = first; i <= last; ++i) ones += BitAt(bytes, i) ? 1 : 0;
    REQUIRE(CountOnes(bytes, first, last) == ones);
    for (const bool value : {false, true}) {
      std::optional<uint64_t> expected;
      for (uint64_t i = first; i <= last && !expected; ++i) {
        if (BitAt(bytes, i) == value) expected = i;
      }
      REQUIRE(FindBit(bytes, value, first, last) == expected);
    }
  }
}

TEST_CASE("fields of any width and place are read back as written") {
  Rng rng(8);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(24, static_cast<char>(rng.Next()));
    const FieldType type{rng.Chance(0.5), static_cast<unsigned>(1 + rng.Below(63))};
    const uint64_t offset = rng.Below(bytes.size() * 8 - type.bits);
    const auto value = FitToField(static_cast<int64_t>(rng.Next()), type, Overflow::kWrap);
    const std::string before = bytes;
    WriteField(bytes.data(), offset, type, *value);
    REQUIRE(ReadField(bytes, offset, type) == *value);
    for (uint64_t i = 0; i < bytes.size() * 8; ++i) {
      if (i < offset || i >= offset + type.bits) REQUIRE(BitAt(bytes, i) == BitAt(before, i));
    }
  }
}

TEST_CASE("overflow wraps, saturates or fails") {
  const FieldType u8{false, 8};
  const FieldType i8{true, 8};
  const FieldType i64{true, 64};
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  CHECK(AddToField(250, 10, u8, Overflow::kWrap) == 4);
  CHECK(AddToField(250, 10, u8, Overflow::kSaturate) == 255);
  CHECK_FALSE(AddToField(250, 10, u8, Overflow::kFail).has_value());
  CHECK(AddToField(5, -10, u8, Overflow::kSaturate) == 0);
  CHECK(AddToField(-128, -1, i8, Overflow::kWrap) == 127);
  CHECK(AddToField(kMax, 1, i64, Overflow::kWrap) == std::numeric_limits<int64_t>::min());
  CHECK(AddToField(kMax, kMax, i64, Overflow::kSaturate) == kMax);
  CHECK(FitToField(-1, u8, Overflow::kSaturate) == 255);
  CHECK(FitToField(-200, i8, Overflow::kSaturate) == -128);
  CHECK(FitToField(std::numeric_limits<int64_t>::min(), i8, Overflow::kSaturate) == 127);
  CHECK(FitToField(std::numeric_limits<int64_t>::min(), i64, Overflow::kSaturate) ==
        std::numeric_limits<int64_t>::min());
  CHECK_FALSE(ParseFieldType("u64").has_value());
  CHECK_FALSE(ParseFieldType("i65").has_value());
  CHECK_FALSE(ParseFieldType("x8").has_value());
  CHECK_FALSE(ParseFieldType("u").has_value());
}

TEST_CASE("bit commands grow strings, answer old bits and refuse what is out of range") {
  EngineHarness engine;
  CHECK(engine.Run("SETBIT b 7 1") == "0");
  CHECK(engine.Run("SETBIT b 7 0") == "1");
  CHECK(engine.Run("GETBIT b 100") == "0");
  CHECK(engine.Run("STRLEN b") == "1");
  CHECK(engine.Run("SETBIT b 4294967296 1") ==
        "(error) ERR bit offset is not an integer or out of range");
  CHECK(engine.Run("SETBIT b -1 1") == "(error) ERR bit offset is not an integer or out of range");
  CHECK(engine.Run("SETBIT b 1 2") == "(error) ERR bit is not an integer or out of range");
  engine.Run("SET s foobar");
  CHECK(engine.Run("BITCOUNT s") == "26");
  CHECK(engine.Run("BITCOUNT s 0 0") == "4");
  CHECK(engine.Run("BITCOUNT s 5 30 BIT") == "17");
  CHECK(engine.Run("BITCOUNT s 0") == "(error) ERR syntax error");
  CHECK(engine.Run("BITPOS s 1 2 -1 BYTE") == "17");
  CHECK(engine.Run("BITPOS nokey 0") == "0");
  CHECK(engine.Run("BITPOS nokey 1") == "-1");
  CHECK(engine.Run("BITPOS s 2") == "(error) ERR The bit argument must be 1 or 0.");
  engine.RunArgs({"SET", "ones", "\xff\xff"});
  CHECK(engine.Run("BITPOS ones 0") == "16");
  CHECK(engine.Run("BITPOS ones 0 0 -1") == "-1");
}

TEST_CASE("BITOP combines strings of different lengths and removes an empty result") {
  EngineHarness engine;
  engine.Run("MSET a foobar b abcdef c xy");
  CHECK(engine.Run("BITOP AND d a b") == "6");
  CHECK(engine.Run("GET d") == "\"`bc`ab\"");
  CHECK(engine.Run("BITOP XOR d a a") == "6");
  CHECK(engine.Run("GET d") == "\"\\x00\\x00\\x00\\x00\\x00\\x00\"");
  CHECK(engine.Run("BITOP OR d a c") == "6");
  CHECK(engine.Run("BITOP NOT d a b") ==
        "(error) ERR BITOP NOT must be called with a single source key.");
  CHECK(engine.Run("BITOP AND d none nothing") == "0");
  CHECK(engine.Run("EXISTS d") == "0");
}

TEST_CASE("BITFIELD that is refused tells nobody, but what it made longer is logged") {
  EngineHarness engine;
  engine.Run("BITFIELD f OVERFLOW FAIL INCRBY u2 0 5");
  CHECK(engine.Run("STRLEN f") == "1");
  const std::vector<std::string> lines = engine.TakeEffects();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("setbit") == std::string::npos);
  engine.Run("BITFIELD f OVERFLOW FAIL INCRBY u2 0 5");
  CHECK(engine.TakeEffects().empty());
}

TEST_CASE("BITFIELD runs its operations in order") {
  EngineHarness engine;
  const Reply reply = engine.Ask("BITFIELD f INCRBY i5 100 1 GET u4 0 SET u8 #1 200");
  REQUIRE(reply.elements.size() == 3);
  CHECK(reply.elements[0].integer == 1);
  CHECK(reply.elements[1].integer == 0);
  CHECK(reply.elements[2].integer == 0);
  CHECK(engine.Ask("BITFIELD f OVERFLOW FAIL INCRBY u8 #1 100").elements[0].kind ==
        Reply::Kind::kNull);
  CHECK(engine.Ask("BITFIELD_RO f GET u8 #1").elements[0].integer == 200);
  CHECK(engine.Run("BITFIELD_RO f SET u8 0 1") ==
        "(error) ERR BITFIELD_RO only supports the GET subcommand");
  CHECK(engine.Run("BITFIELD f GET u64 0").substr(0, 34) == "(error) ERR Invalid bitfield type.");
  CHECK(engine.Run("BITFIELD f OVERFLOW x GET u8 0") ==
        "(error) ERR Invalid OVERFLOW type specified");
}

}  // namespace
}  // namespace torc
