// Scripts that take long: others are served meanwhile, and may stop them.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

// The world around a script: each look of the script lets 100 ms go by and then does something.
class Meanwhile final : public BusyHost {
 public:
  explicit Meanwhile(EngineHarness* engine) {
    engine->shard().services().busy_host = this;
    engine->options().scripting.busy_reply_threshold_ms = 50;
    engine->clock().SetMonoStepNs(100'000'000);
  }
  void ServeOthers() override {
    ++looks;
    if (action) std::exchange(action, nullptr)();
    if (looks > kLooksMax) stop = true;
  }
  bool stop_requested() const override { return stop; }

  static constexpr int kLooksMax = 1000;
  std::function<void()> action;
  int looks = 0;
  bool stop = false;
};

constexpr std::string_view kBusy =
    "(error) BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
    "NOSAVE.";

struct Slow {
  Slow() : meanwhile(&engine) {}
  EngineHarness engine;
  Meanwhile meanwhile;
};

TEST_CASE_FIXTURE(Slow, "while a script takes long others hear BUSY, and SCRIPT KILL stops it") {
  TestClient& other = engine.NewClient();
  std::vector<std::string> heard;
  meanwhile.action = [&] {
    for (const char* command :
         {"GET k", "MULTI", "EXEC", "FUNCTION KILL", "FUNCTION STATS", "SHUTDOWN", "SCRIPT KILL"}) {
      heard.push_back(other.Run(command));
    }
  };
  CHECK(engine.Run("EVAL 'while true do end' 0") ==
        "(error) ERR Script killed by user with SCRIPT KILL... script: "
        "694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:1.");
  REQUIRE(heard.size() == 7);
  CHECK(heard[0] == kBusy);
  CHECK(heard[1] == "OK");
  CHECK(heard[2] ==
        "(error) EXECABORT Transaction discarded because of: " + std::string(kBusy.substr(8)));
  CHECK(heard[3] == kBusy);
  CHECK(heard[4] == kBusy);
  CHECK(heard[5] == kBusy);
  CHECK(heard[6] == "OK");
  CHECK(other.Run("GET k") == "(nil)");
  CHECK(meanwhile.looks == 1);
}

TEST_CASE_FIXTURE(Slow, "a script that has written cannot be killed") {
  TestClient& other = engine.NewClient();
  std::string answer;
  meanwhile.action = [&] { answer = other.Run("SCRIPT KILL"); };
  CHECK(engine.Run("EVAL \"redis.call('set','k','v') for i=1,1e7 do end return 'done'\" 0") ==
        "\"done\"");
  CHECK(answer.substr(0, 18) == "(error) UNKILLABLE");
  CHECK(engine.Run("GET k") == "\"v\"");
}

TEST_CASE_FIXTURE(Slow, "a script cannot catch its end") {
  for (const char* script :
       {"while true do pcall(function() while true do end end) end",
        "pcall(function() while true do end end) while true do end",
        "local c=coroutine.wrap(function() while true do end end) while true do pcall(c) end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "local t=setmetatable({},{__index=function(t,k) while true do end end}) "
        "while true do pcall(function() return t.x end) end",
        "xpcall(function() while true do end end, function() while true do end end)",
        "string.find(string.rep('a',1e4),'.-.-.-.-.-.-b')",
        "string.gsub(string.rep('a',1e4),'a*a*a*a*a*b','')",
        "table.sort({3,2,1,4},function(a,b) while true do end end)",
        "string.gsub('aaa','a',function() while true do end end)"}) {
    CAPTURE(script);
    meanwhile.looks = 0;
    meanwhile.action = [&] { engine.shard().services().scripting->running()->Kill(); };
    const std::string reply = engine.RunArgs({"EVAL", script, "0"});
    CHECK(reply.substr(0, 7) == "(error)");
    CHECK(meanwhile.looks <= 2);
  }
}

TEST_CASE_FIXTURE(Slow, "functions are told and stopped by FUNCTION's commands") {
  TestClient& other = engine.NewClient();
  engine.RunArgs({"FUNCTION", "LOAD",
                  "#!lua name=lib\nredis.register_function('f',function() while true do end end)"});
  std::vector<std::string> heard;
  meanwhile.action = [&] {
    for (const char* command : {"SCRIPT KILL", "FUNCTION STATS", "FUNCTION KILL"}) {
      heard.push_back(other.Run(command));
    }
  };
  CHECK(engine.Run("FCALL f 1 k a") ==
        "(error) ERR Script killed by user with SCRIPT KILL... script: f, on @user_function:2.");
  REQUIRE(heard.size() == 3);
  CHECK(heard[0] ==
        "(error) BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN "
        "NOSAVE.");
  CHECK(
      heard[1].find("[\"running_script\", [\"name\", \"f\", \"command\", [\"FCALL\", \"f\", \"1\", "
                    "\"k\", \"a\"], \"duration_ms\", ") == 0);
  CHECK(heard[2] == "OK");
  CHECK(engine.Run("FUNCTION STATS").find("[\"running_script\", (nil)") == 0);
}

TEST_CASE_FIXTURE(Slow, "loading a library has its own limit") {
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", "#!lua name=lib\nwhile true do end"}) ==
        "(error) ERR Error registering functions: ERR FUNCTION LOAD timeout");
}

TEST_CASE_FIXTURE(Slow,
                  "when the process ends in the middle of a script, nothing of it is logged") {
  struct Dropped final : EffectSink {
    void OnEffect(const Effect& /*effect*/) override { ++effects; }
    void OnUnitEnd(uint64_t /*unit*/) override {}
    void OnUnitDropped(uint64_t /*unit*/) override { ++dropped; }
    int effects = 0;
    int dropped = 0;
  } sink;
  engine.shard().feed().Add(&sink);
  meanwhile.action = [&] { meanwhile.stop = true; };
  CHECK(engine.Run("EVAL \"redis.call('set','k','v') while true do end\" 0").substr(0, 34) ==
        "(error) ERR Script stopped: the se");
  CHECK(sink.effects == 1);
  CHECK(sink.dropped == 1);
  engine.shard().feed().Remove(&sink);
}

TEST_CASE_FIXTURE(Slow, "a threshold of 0 serves nobody") {
  engine.options().scripting.busy_reply_threshold_ms = 0;
  CHECK(engine.Run("EVAL 'for i=1,1e6 do end return 1' 0") == "1");
  CHECK(meanwhile.looks == 0);
}

}  // namespace
}  // namespace torc
