// What a script says of itself decides, before it runs, whether its call waits for the end of a
// pause and whether it is refused without memory. The table is what Redis 7.2.6 does.

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/sha1.h"
#include "features/scripting/scripts.h"

namespace torc {
namespace {

struct Case {
  std::string_view command;
  std::string_view script;  // or the function's name
  bool waits_for_writes;
  bool takes_memory;
};

constexpr Case kCases[] = {
    {"EVAL", "return 1", true, false},
    {"EVAL", "#!lua\nreturn 1", true, true},
    {"EVAL", "#!lua flags=allow-oom\nreturn 1", true, false},
    {"EVAL", "#!lua flags=no-writes\nreturn 1", false, false},
    {"EVAL", "#!lua flags=unheard-of\nreturn 1", true, false},
    {"EVAL_RO", "return 1", false, false},
    {"EVAL_RO", "#!lua\nreturn 1", true, true},
    {"EVAL_RO", "#!lua flags=no-writes\nreturn 1", false, false},
    {"FCALL", "plain", true, true},
    {"FCALL", "eater", true, false},
    {"FCALL", "reader", false, false},
    {"FCALL", "nobody", true, false},
    {"FCALL_RO", "plain", true, true},
    {"FCALL_RO", "reader", false, false},
    {"FCALL_RO", "nobody", false, false},
};

constexpr std::string_view kOom = "OOM command not allowed when used memory > 'maxmemory'.";

class CallFlags : public Scripts {
 public:
  CallFlags() {
    engine.RunArgs(
        {"FUNCTION", "LOAD",
         "#!lua name=l\n"
         "redis.register_function('plain', function() return 1 end)\n"
         "redis.register_function{function_name='reader', callback=function() return 1 end,"
         " flags={'no-writes'}}\n"
         "redis.register_function{function_name='eater', callback=function() return 1 end,"
         " flags={'allow-oom'}}"});
  }
  // Each case as it stands, and EVAL's once more by their scripts' names, known or not.
  void ForEachCall(const auto& check) {
    for (const Case& each : kCases) {
      INFO(std::string(each.command), " ", std::string(each.script));
      check(each, std::vector<std::string_view>{each.command, each.script, "0"});
      if (each.command.substr(0, 4) != "EVAL") continue;
      const bool loaded = engine.RunArgs({"SCRIPT", "LOAD", each.script}).substr(0, 1) == "\"";
      const auto digest = Sha1Hex(each.script);
      const std::string_view sha(digest.data(), digest.size());
      const std::string_view command = each.command == "EVAL" ? "EVALSHA" : "EVALSHA_RO";
      Case by_sha = each;
      if (!loaded) by_sha.waits_for_writes = command == "EVALSHA";
      check(by_sha, std::vector<std::string_view>{command, sha, "0"});
      engine.Run("SCRIPT FLUSH");
    }
  }
};

TEST_CASE_FIXTURE(CallFlags, "a pause of writes holds the scripts back that may write") {
  ForEachCall([&](const Case& each, const std::vector<std::string_view>& call) {
    TestClient& other = engine.NewClient();
    REQUIRE(engine.Run("CLIENT PAUSE 10000 WRITE") == "OK");
    CHECK((other.RunArgs(call) == "(deferred)") == each.waits_for_writes);
    REQUIRE(engine.Run("CLIENT UNPAUSE") == "OK");
  });
}

TEST_CASE_FIXTURE(CallFlags, "a pause of writes holds EXEC back if a queued script may write") {
  ForEachCall([&](const Case& each, const std::vector<std::string_view>& call) {
    TestClient& other = engine.NewClient();
    REQUIRE(other.Run("MULTI") == "OK");
    REQUIRE(other.RunArgs(call) == "QUEUED");
    REQUIRE(engine.Run("CLIENT PAUSE 10000 WRITE") == "OK");
    CHECK((other.Run("EXEC") == "(deferred)") == each.waits_for_writes);
    REQUIRE(engine.Run("CLIENT UNPAUSE") == "OK");
  });
}

TEST_CASE_FIXTURE(CallFlags, "without memory scripts that may take more do not begin") {
  ForEachCall([&](const Case& each, const std::vector<std::string_view>& call) {
    TestClient& other = engine.NewClient();
    TestClient& transaction = engine.NewClient();
    REQUIRE(transaction.Run("MULTI") == "OK");
    REQUIRE(transaction.RunArgs(call) == "QUEUED");
    REQUIRE(engine.Run("CONFIG SET maxmemory 1") == "OK");
    engine.Tick();
    CHECK((other.RunArgs(call) == "(error) " + std::string(kOom)) == each.takes_memory);
    const bool refused = transaction.Run("EXEC") ==
                         "(error) EXECABORT Transaction discarded because of: " + std::string(kOom);
    CHECK(refused == each.takes_memory);
    REQUIRE(engine.Run("CONFIG SET maxmemory 0") == "OK");
    engine.Tick();
  });
}

TEST_CASE_FIXTURE(CallFlags, "a script that its own transaction loads is judged when it runs") {
  const std::string_view script = "#!lua\nreturn 1";
  const auto digest = Sha1Hex(script);
  const std::string_view sha(digest.data(), digest.size());
  TestClient& other = engine.NewClient();
  REQUIRE(other.Run("MULTI") == "OK");
  REQUIRE(other.RunArgs(std::vector<std::string_view>{"EVALSHA", sha, "0"}) == "QUEUED");
  REQUIRE(engine.RunArgs({"SCRIPT", "LOAD", script}) == "\"" + std::string(sha) + "\"");
  REQUIRE(engine.Run("CONFIG SET maxmemory 1") == "OK");
  engine.Tick();
  CHECK(other.Run("EXEC") ==
        "[(error) OOM allow-oom flag is not set on the script, can not run it when used memory > "
        "'maxmemory']");
}

}  // namespace
}  // namespace torc
