#include <doctest/doctest.h>

#include <string>

#include "base/bytes.h"
#include "base/crc.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

std::string Payload(std::string body, uint16_t version = 10) {
  ByteWriter writer(&body);
  writer.U16(version);
  writer.U64(Crc64(0, body));
  return body;
}

TEST_CASE("DUMP answers the bytes that redis-server 7.0 answers") {
  EngineHarness engine;
  engine.Run("SET k hello");
  engine.Run("SET n 12345");
  CHECK(engine.Ask("DUMP k").text == Payload(std::string("\x00\x05hello", 7)));
  CHECK(engine.Ask("DUMP n").text == Payload(std::string("\x00\xc1\x39\x30", 4)));
  CHECK(engine.Run("DUMP none") == "(nil)");
}

TEST_CASE("RESTORE brings back what DUMP answered, with any TTL") {
  EngineHarness engine;
  engine.Run("SET k \"" + std::string(5000, 'r') + "\"");
  const std::string payload = engine.Ask("DUMP k").text;
  CHECK(payload.size() < 200);
  CHECK(engine.RunArgs({"RESTORE", "copy", "0", payload}) == "OK");
  CHECK(engine.Run("GET copy") == engine.Run("GET k"));
  CHECK(engine.Run("PTTL copy") == "-1");
  CHECK(engine.RunArgs({"RESTORE", "timed", "1500", payload}) == "OK");
  CHECK(engine.Run("PTTL timed") == "1500");
  const std::string deadline = std::to_string(engine.clock().WallMs() + 700);
  CHECK(engine.RunArgs({"RESTORE", "abs", deadline, payload, "absttl"}) == "OK");
  CHECK(engine.Run("PTTL abs") == "700");
  CHECK(engine.RunArgs({"RESTORE", "idle", "0", payload, "IDLETIME", "1000"}) == "OK");
  CHECK(engine.Run("OBJECT IDLETIME idle") == "1000");
  CHECK(engine.RunArgs({"RESTORE-ASKING", "asking", "0", payload}) == "OK");
}

TEST_CASE("RESTORE judges its arguments in Redis's order and with its texts") {
  EngineHarness engine;
  engine.Run("SET k v");
  const std::string payload = engine.Ask("DUMP k").text;
  const auto restore = [&](std::initializer_list<std::string_view> args) {
    std::vector<std::string_view> argv = {"RESTORE"};
    argv.insert(argv.end(), args.begin(), args.end());
    return engine.client().RunArgs(argv);
  };
  CHECK(restore({"k", "0", payload}) == "(error) BUSYKEY Target key name already exists.");
  CHECK(restore({"k", "x", payload, "REPLACE"}) ==
        "(error) ERR value is not an integer or out of range");
  CHECK(restore({"k", "-1", payload, "REPLACE"}) == "(error) ERR Invalid TTL value, must be >= 0");
  CHECK(restore({"n", "0", payload, "IDLETIME", "-1"}) ==
        "(error) ERR Invalid IDLETIME value, must be >= 0");
  CHECK(restore({"n", "0", payload, "FREQ", "256"}) ==
        "(error) ERR Invalid FREQ value, must be >= 0 and <= 255");
  CHECK(restore({"n", "0", payload, "FREQ", "1", "IDLETIME", "1"}) == "(error) ERR syntax error");
  CHECK(restore({"n", "0", payload, "WHAT"}) == "(error) ERR syntax error");
  const std::string wrong = "(error) ERR DUMP payload version or checksum are wrong";
  CHECK(restore({"n", "0", ""}) == wrong);
  CHECK(restore({"n", "0", payload.substr(0, payload.size() - 1)}) == wrong);
  CHECK(restore({"n", "0", Payload(std::string("\x00\x01v", 3), 12)}) == wrong);
  CHECK(restore({"n", "0", Payload(std::string("\x00\x01v", 3), 11)}) == "OK");
  const std::string bad = "(error) ERR Bad data format";
  CHECK(restore({"m", "0", Payload(std::string("\x00\x05v", 3))}) == bad);
  CHECK(restore({"m", "0", Payload(std::string("\x63\x01v", 3))}) == bad);
  CHECK(restore({"m", "0", Payload("")}) == bad);
  CHECK(engine.Run("EXISTS m") == "0");
}

TEST_CASE("RESTORE with a deadline in the past deletes what it replaces") {
  EngineHarness engine;
  engine.Run("SET k v");
  const std::string payload = engine.Ask("DUMP k").text;
  engine.TakeEffects();
  CHECK(engine.RunArgs({"RESTORE", "k", "1", payload, "ABSTTL", "REPLACE"}) == "OK");
  const std::vector<std::string> deletions = engine.TakeEffects();
  REQUIRE(deletions.size() == 1);
  CHECK(deletions[0] == "DEL k | del k");
  CHECK(engine.Run("DBSIZE") == "0");
  CHECK(engine.RunArgs({"RESTORE", "k", "1", payload, "ABSTTL"}) == "OK");
  CHECK(engine.TakeEffects().empty());
  CHECK(engine.RunArgs({"RESTORE", "k", "500", payload, "REPLACE"}) == "OK");
  const std::vector<std::string> effects = engine.TakeEffects();
  REQUIRE(effects.size() == 1);
  const std::string deadline = std::to_string(engine.clock().WallMs() + 500);
  CHECK(effects[0].find("RESTORE k " + deadline) == 0);
  CHECK(effects[0].find("REPLACE ABSTTL | new k, restore k") != std::string::npos);
}

TEST_CASE("a payload with any bit turned is refused") {
  EngineHarness engine;
  engine.Run("SET k \"" + std::string(100, 'q') + "\"");
  const std::string payload = engine.Ask("DUMP k").text;
  for (size_t at = 0; at < payload.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string turned = payload;
      turned[at] = static_cast<char>(turned[at] ^ (1 << bit));
      CHECK(engine.RunArgs({"RESTORE", "n", "0", turned}).find("(error) ERR DUMP payload") == 0);
    }
  }
}

}  // namespace
}  // namespace torc
