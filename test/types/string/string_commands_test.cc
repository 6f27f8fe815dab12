#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("SET keeps its promise about conditions, old values and time to live") {
  EngineHarness engine;
  CHECK(engine.Run("SET k v") == "OK");
  CHECK(engine.Run("SET k w NX") == "(nil)");
  CHECK(engine.Run("SET k w XX GET") == "\"v\"");
  CHECK(engine.Run("SET k x EX 100") == "OK");
  CHECK(engine.Run("SET k y KEEPTTL") == "OK");
  CHECK(engine.Run("TTL k") == "100");
  CHECK(engine.Run("SET k z") == "OK");
  CHECK(engine.Run("TTL k") == "-1");
  CHECK(engine.Run("SET k v EX 0") == "(error) ERR invalid expire time in 'set' command");
  CHECK(engine.Run("SET k v EX 9223372036854775807") ==
        "(error) ERR invalid expire time in 'set' command");
  CHECK(engine.Run("SET k v EX x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("SET k v NX XX") == "(error) ERR syntax error");
  CHECK(engine.Run("SET k v EX 1 PX 1") == "(error) ERR syntax error");
  CHECK(engine.Run("SET k v KEEPTTL EX 1") == "(error) ERR syntax error");
}

TEST_CASE("copies of a very long string share its bytes until one of them is written") {
  EngineHarness engine;
  CHECK(engine.Run("SETRANGE k 299999 x") == "300000");
  CHECK(engine.Run("COPY k copy") == "1");
  CHECK(engine.Run("COPY k third") == "1");
  CHECK(engine.Run("SETRANGE copy 0 abc") == "300000");
  CHECK(engine.Run("APPEND k y") == "300001");
  CHECK(engine.Run("GETRANGE copy -1 -1") == "\"x\"");
  CHECK(engine.Run("GETRANGE copy 0 2") == "\"abc\"");
  CHECK(engine.Run("STRLEN third") == "300000");
  CHECK(engine.Run("BITCOUNT third 0 2") == "0");
  CHECK(engine.Run("DEL k") == "1");
  CHECK(engine.Run("BITCOUNT third") == "4");
}

TEST_CASE("what becomes much longer is filled with zeros") {
  EngineHarness engine;
  CHECK(engine.Run("SET k abc") == "OK");
  for (const char* offset : {"5000", "90000", "100000", "3000000", "9000000"}) {
    CHECK(engine.Run("SETRANGE k " + std::string(offset) + " x") ==
          std::to_string(std::stoi(offset) + 1));
  }
  CHECK(engine.Run("BITCOUNT k") == std::to_string(10 + 5 * 4));
}

TEST_CASE("IFEQ and DELIFEQ act only on the value they name") {
  EngineHarness engine;
  CHECK(engine.Run("SET lock new IFEQ old") == "(nil)");
  engine.Run("SET lock mine");
  CHECK(engine.Run("SET lock yours IFEQ other") == "(nil)");
  CHECK(engine.Run("SET lock again IFEQ mine GET") == "\"mine\"");
  CHECK(engine.Run("GET lock") == "\"again\"");
  CHECK(engine.Run("DELIFEQ lock mine") == "0");
  CHECK(engine.Run("DELIFEQ lock again") == "1");
  CHECK(engine.Run("EXISTS lock") == "0");
}

TEST_CASE("SET and DELEX compare values and digests") {
  EngineHarness engine;
  // A key that is not there is equal to nothing.
  CHECK(engine.Run("SET k v IFDEQ 0000000000000000") == "(nil)");
  CHECK(engine.Run("SET k v IFNE v") == "OK");
  CHECK(engine.Run("SET k w IFNE v") == "(nil)");
  CHECK(engine.Run("SET k w IFNE v GET") == "\"v\"");
  CHECK(engine.Run("GET k") == "\"v\"");
  CHECK(engine.Run("SET k x NX IFNE v") == "(error) ERR syntax error");
  CHECK(engine.Run("SET k x IFEQ v IFNE w") == "(error) ERR syntax error");
  CHECK(engine.RunArgs({"SET", "k", "Hello world", "IFEQ", "v"}) == "OK");
  CHECK(engine.Run("DIGEST k") == "\"b6acb9d84a38ff74\"");
  CHECK(engine.Run("SET k y IFDNE B6ACB9D84A38FF74") == "(nil)");
  CHECK(engine.Run("SET k y IFDEQ 6acb9d84a38ff74") ==
        "(error) ERR must be exactly 16 hexadecimal characters");
  CHECK(engine.Run("SET k y IFDEQ B6ACB9D84A38FF74") == "OK");
  CHECK(engine.Run("DELEX k IFEQ x") == "0");
  CHECK(engine.Run("DELEX k IFNE y") == "0");
  CHECK(engine.Run("DELEX k IFDEQ b6acb9d84a38ff74") == "0");
  CHECK(engine.Run("DELEX k IFDNE b6acb9d84a38ff74") == "1");
  CHECK(engine.Run("DELEX k IFNE y") == "0");
  CHECK(engine.Run("DIGEST k") == "(nil)");
  engine.Run("SET n 12");
  CHECK(engine.Run("DELEX n IFEQ 12") == "1");
}

TEST_CASE("a digest has leading zeros") {
  EngineHarness engine;
  engine.Run(
      "SET k v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj"
      "7626sd");
  CHECK(engine.Run("DIGEST k") == "\"00006c38adf31777\"");
}

TEST_CASE("DELEX without a condition deletes any type, with one only strings") {
  EngineHarness engine;
  engine.Run("RPUSH l a");
  const std::string wrong_type =
      "(error) WRONGTYPE Operation against a key holding the wrong kind of value";
  CHECK(engine.Run("DELEX l IFEQ a") == wrong_type);
  CHECK(engine.Run("DIGEST l") == wrong_type);
  CHECK(engine.Run("SET l a IFNE b") == wrong_type);
  CHECK(engine.Run("DELEX l IFXX a") ==
        "(error) ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
  CHECK(engine.Run("DELEX l IFEQ") == "(error) ERR wrong number of arguments for 'delex' command");
  CHECK(engine.Run("DELEX l") == "1");
  CHECK(engine.Run("DELEX l") == "0");
}

TEST_CASE("encodings change where Redis changes them") {
  EngineHarness engine;
  engine.Run("SET n 12345");
  CHECK(engine.Run("OBJECT ENCODING n") == "\"int\"");
  engine.Run("SET n 012345");
  CHECK(engine.Run("OBJECT ENCODING n") == "\"embstr\"");
  engine.RunArgs({"SET", "s", std::string(44, 'x')});
  CHECK(engine.Run("OBJECT ENCODING s") == "\"embstr\"");
  engine.RunArgs({"SET", "s", std::string(45, 'x')});
  CHECK(engine.Run("OBJECT ENCODING s") == "\"raw\"");
  engine.Run("SET a 1");
  engine.Run("APPEND a 2");
  CHECK(engine.Run("OBJECT ENCODING a") == "\"raw\"");
  CHECK(engine.Run("INCR a") == "13");
  CHECK(engine.Run("OBJECT ENCODING a") == "\"int\"");
}

TEST_CASE("strings grow and shrink over the boundary between inline and outside") {
  EngineHarness engine;
  std::string expected;
  engine.Run("SET grow \"\"");
  for (int i = 0; i < 60; ++i) {
    const std::string piece(static_cast<size_t>(i * 3), static_cast<char>('a' + i % 26));
    expected += piece;
    engine.RunArgs({"APPEND", "grow", piece});
    REQUIRE(engine.Ask("GET grow").text == expected);
  }
  CHECK(engine.Ask("STRLEN grow").integer == static_cast<int64_t>(expected.size()));
  engine.Run("SET grow tiny");
  CHECK(engine.Run("GET grow") == "\"tiny\"");
  CHECK(engine.Run("SETRANGE grow 5000 end") == "5003");
  CHECK(engine.Run("GETRANGE grow 0 4") == "\"tiny\\x00\"");
  CHECK(engine.Run("GETRANGE grow -3 -1") == "\"end\"");
}

TEST_CASE("numbers overflow with an error and leave the value alone") {
  EngineHarness engine;
  engine.Run("SET n 9223372036854775807");
  CHECK(engine.Run("INCR n") == "(error) ERR increment or decrement would overflow");
  CHECK(engine.Run("GET n") == "\"9223372036854775807\"");
  CHECK(engine.Run("DECRBY n -9223372036854775808") == "(error) ERR decrement would overflow");
  engine.Run("SET n \" 1\"");
  CHECK(engine.Run("INCR n") == "(error) ERR value is not an integer or out of range");
  engine.Run("SET f 10.50");
  CHECK(engine.Run("INCRBYFLOAT f 0.1") == "\"10.6\"");
  CHECK(engine.Run("INCRBYFLOAT f inf") == "(error) ERR increment would produce NaN or Infinity");
  CHECK(engine.Run("INCRBYFLOAT f x") == "(error) ERR value is not a valid float");
}

TEST_CASE("INCR keeps the time to live") {
  EngineHarness engine;
  engine.Run("SET n 1 EX 100");
  engine.Run("INCR n");
  engine.Run("INCRBYFLOAT n 1.5");
  CHECK(engine.Run("TTL n") == "100");
}

TEST_CASE("several keys are set wholly or not at all") {
  EngineHarness engine;
  CHECK(engine.Run("MSET a 1 b 2 a 3") == "OK");
  CHECK(engine.Ask("MGET a b c").elements[0].text == "3");
  CHECK(engine.Run("MSETNX c 1 a 1") == "0");
  CHECK(engine.Run("EXISTS c") == "0");
  CHECK(engine.Run("MSETNX c 1 d 1") == "1");
  CHECK(engine.Run("MSET a") == "(error) ERR wrong number of arguments for 'mset' command");
  CHECK(engine.Run("MSET a 1 b") == "(error) ERR wrong number of arguments for 'mset' command");
  CHECK(engine.Run("MSETEX 2 x 1 y 2 EX 50 NX") == "1");
  CHECK(engine.Run("TTL y") == "50");
  CHECK(engine.Run("MSETEX 2 x 1 z 2 NX") == "0");
  CHECK(engine.Run("MSETEX 0 x 1").substr(0, 11) == "(error) ERR");
  CHECK(engine.Run("MSETEX 5 x 1").substr(0, 11) == "(error) ERR");
}

TEST_CASE("GETEX and GETDEL answer and change in one step") {
  EngineHarness engine;
  engine.Run("SET k v");
  CHECK(engine.Run("GETEX k EX 10") == "\"v\"");
  CHECK(engine.Run("TTL k") == "10");
  CHECK(engine.Run("GETEX k PERSIST") == "\"v\"");
  CHECK(engine.Run("TTL k") == "-1");
  CHECK(engine.Run("GETEX k PXAT 1") == "\"v\"");
  CHECK(engine.Run("EXISTS k") == "0");
  engine.Run("SET k v");
  CHECK(engine.Run("GETDEL k") == "\"v\"");
  CHECK(engine.Run("GETDEL k") == "(nil)");
}

TEST_CASE("LCS finds text, length and matches") {
  EngineHarness engine;
  engine.Run("MSET a ohmytext b mynewtext");
  CHECK(engine.Run("LCS a b") == "\"mytext\"");
  CHECK(engine.Run("LCS a b LEN") == "6");
  const Reply matches = engine.Ask("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN");
  REQUIRE(matches.elements.size() == 4);
  REQUIRE(matches.elements[1].elements.size() == 1);
  CHECK(matches.elements[1].elements[0].elements[2].integer == 4);
  CHECK(engine.Run("LCS a b LEN IDX").substr(0, 11) == "(error) ERR");
}

TEST_CASE("relative times leave as absolute ones, floats as their sums") {
  EngineHarness engine;
  const std::string due = std::to_string(engine.clock().WallMs() + 10000);
  engine.TakeEffects();
  engine.Run("SET k v EX 10");
  engine.Run("INCRBYFLOAT f 1.5");
  engine.Run("SETNX k other");
  const auto effects = engine.TakeEffects();
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].find("PXAT") != std::string::npos);
  CHECK(effects[0].find(due) != std::string::npos);
  CHECK(effects[1].find("SET") != std::string::npos);
}

TEST_CASE("proto-max-bulk-len bounds what APPEND and SETRANGE may make") {
  EngineHarness engine;
  engine.options().command.proto_max_bulk_bytes = 1 << 20;
  CHECK(engine.Run("SETRANGE k 1048576 x") ==
        "(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  CHECK(engine.Run("SETRANGE k -1 x") == "(error) ERR offset is out of range");
  CHECK(engine.Run("SETRANGE k 9223372036854775807 x").substr(0, 11) == "(error) ERR");
  CHECK(engine.Run("EXISTS k") == "0");
}

}  // namespace
}  // namespace torc
