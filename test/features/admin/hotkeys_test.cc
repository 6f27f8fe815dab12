#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"
#include "support/reply_text.h"

namespace torc {
namespace {

std::string Field(const Reply& map, std::string_view name) {
  for (size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (map.elements[i].text == name) return ReplyText(map.elements[i + 1]);
  }
  return "absent";
}

TEST_CASE("HOTKEYS tells which keys took the most time and network") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  CHECK(engine.Run("HOTKEYS GET") == "(nil)");
  CHECK(engine.Run("HOTKEYS STOP") == "(nil)");
  CHECK(engine.Run("HOTKEYS START METRICS 2 CPU NET COUNT 2") == "OK");
  engine.clock().SetMonoStepNs(10'000);
  for (int i = 0; i < 30; ++i) engine.Run("GET often");
  for (int i = 0; i < 5; ++i) engine.Run("GET seldom");
  engine.RunArgs({"SET", "large", std::string(5000, 'x')});
  CHECK(engine.Run("HOTKEYS START METRICS 1 CPU").find("already in progress") != std::string::npos);
  CHECK(engine.Run("HOTKEYS RESET").find("(error)") == 0);
  engine.AdvanceMs(70);
  const Reply report = engine.Ask("HOTKEYS GET");
  CHECK(Field(report, "tracking-active") == "1");
  CHECK(Field(report, "sample-ratio") == "1");
  CHECK(Field(report, "selected-slots") == "[]");
  CHECK(Field(report, "collection-duration-ms") == "70");
  CHECK(Field(report, "by-cpu-time-us") == "[\"often\", 300, \"seldom\", 50]");
  CHECK(Field(report, "by-net-bytes").find("[\"large\", 50") == 0);
  CHECK(Field(report, "total-cpu-time-user-ms") != "absent");
  const std::string info = engine.Run("INFO hotkeys");
  CHECK(info.find("hotkeys_tracking_active:1") != std::string::npos);
  CHECK(info.find("hotkey_us_0:key=often,us=300") != std::string::npos);
  CHECK(engine.Run("INFO").find("hotkeys_tracking_active") == std::string::npos);

  CHECK(engine.Run("HOTKEYS STOP") == "OK");
  for (int i = 0; i < 100; ++i) engine.Run("GET seldom");
  CHECK(Field(engine.Ask("HOTKEYS GET"), "by-cpu-time-us") == "[\"often\", 300, \"seldom\", 50]");
  CHECK(Field(engine.Ask("HOTKEYS GET"), "tracking-active") == "0");
  CHECK(engine.Run("HOTKEYS RESET") == "OK");
  CHECK(engine.Run("HOTKEYS GET") == "(nil)");
}

TEST_CASE("HOTKEYS shows only what was asked for, and ends by itself") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  CHECK(engine.Run("HOTKEYS START METRICS 1 NET DURATION 2 SAMPLE 1") == "OK");
  engine.Run("SET k v");
  engine.AdvanceMs(2500);
  engine.Run("SET late v");
  const Reply report = engine.Ask("HOTKEYS GET");
  CHECK(Field(report, "tracking-active") == "0");
  CHECK(Field(report, "collection-duration-ms") == "2000");
  CHECK(Field(report, "by-cpu-time-us") == "absent");
  CHECK(Field(report, "total-cpu-time-user-ms") == "absent");
  CHECK(Field(report, "by-net-bytes").find("[\"k\", ") == 0);
  CHECK(Field(report, "by-net-bytes").find("late") == std::string::npos);
  CHECK(engine.Run("HOTKEYS START METRICS 1 NET") == "OK");
}

TEST_CASE("HOTKEYS looks at one command of some and tells of all") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  CHECK(engine.Run("HOTKEYS START METRICS 1 CPU SAMPLE 10") == "OK");
  engine.clock().SetMonoStepNs(10'000);
  for (int i = 0; i < 5000; ++i) engine.Run("GET k");
  const Reply report = engine.Ask("HOTKEYS GET");
  const std::string shown = Field(report, "by-cpu-time-us");
  REQUIRE(shown.find("[\"k\", ") == 0);
  const int64_t us = std::stoll(shown.substr(6));
  CHECK(us > 40'000);
  CHECK(us < 60'000);
  CHECK(std::stoll(Field(report, "all-commands-all-slots-us")) >= 50'000);
}

TEST_CASE("HOTKEYS counts what scripts and transactions do, once") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("HOTKEYS START METRICS 1 CPU");
  engine.clock().SetMonoStepNs(10'000);
  engine.Run("MULTI");
  engine.Run("SET a 1");
  engine.Run("EXEC");
  engine.Run("EVAL \"return redis.call('GET', KEYS[1])\" 1 b");
  engine.Run("MSET c 1 d 2");
  const std::string shown = Field(engine.Ask("HOTKEYS GET"), "by-cpu-time-us");
  for (const char* key : {"\"a\", 1", "\"b\", 2", "\"c\", 5", "\"d\", 5"}) {
    CAPTURE(shown);
    CHECK(shown.find(key) != std::string::npos);
  }
}

TEST_CASE("HOTKEYS tells the largest keys that were written") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.RunArgs({"SET", "before", std::string(9000, 'x')});
  engine.Run("HOTKEYS START METRICS 1 SIZE COUNT 3");
  engine.RunArgs({"SET", "large", std::string(5000, 'x')});
  for (int i = 0; i < 500; ++i) engine.RunArgs({"SET", "small:" + std::to_string(i), "v"});
  for (int i = 0; i < 200; ++i) engine.RunArgs({"SADD", "set", std::to_string(i) + "-member"});
  engine.RunArgs({"SET", "gone", std::string(50000, 'x')});
  engine.Run("DEL gone");
  engine.Run("GET before");
  const std::string shown = Field(engine.Ask("HOTKEYS GET"), "by-size-bytes");
  CHECK(shown.find("[\"large\", 5") == 0);
  CHECK(shown.find("\"set\", ") != std::string::npos);
  CHECK(shown.find("gone") == std::string::npos);
  CHECK(shown.find("before") == std::string::npos);
}

TEST_CASE("HOTKEYS refuses what it does not understand") {
  EngineHarness engine;
  for (const char* wrong :
       {"HOTKEYS START", "HOTKEYS START METRICS 3 CPU NET CPU",
        "HOTKEYS START METRICS 4 CPU NET SIZE CPU", "HOTKEYS START METRICS 2 CPU",
        "HOTKEYS START METRICS 1 CPU NET", "HOTKEYS START METRICS 1 CPU COUNT 0",
        "HOTKEYS START METRICS 1 CPU COUNT 65", "HOTKEYS START METRICS 1 CPU SAMPLE 0",
        "HOTKEYS START METRICS 1 CPU DURATION -1", "HOTKEYS START METRICS 1 CPU SLOTS 1 0",
        "HOTKEYS NONE", "HOTKEYS GET now"}) {
    CAPTURE(wrong);
    CHECK(engine.Run(wrong).find("(error) ERR") == 0);
  }
  CHECK(engine.Run("HOTKEYS GET") == "(nil)");
}

}  // namespace
}  // namespace torc
