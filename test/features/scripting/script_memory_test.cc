// Scripts where memory is limited, as Redis 7.2 judges them.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "features/scripting/scripts.h"

namespace torc {
namespace {

// Memory is the process's own: so the limit is one that nothing fits.
void FillUp(EngineHarness& engine) {
  REQUIRE(engine.Run("CONFIG SET maxmemory 1") == "OK");
  engine.Tick();
}

constexpr std::string_view kOom = "OOM command not allowed when used memory > 'maxmemory'.";

TEST_CASE_FIXTURE(Scripts, "without memory a script's calls that take more are refused") {
  engine.Run("RPUSH l a b");
  FillUp(engine);
  CHECK(Error("return redis.call('SET', 'k', 'v')") == kOom);
  CHECK(Eval("return redis.pcall('SET', 'k', 'v').err") == "\"" + std::string(kOom) + "\"");
  CHECK(Eval("return redis.call('LRANGE', 'l', 0, -1)") == "[\"a\", \"b\"]");
  CHECK(Eval("redis.call('LPOP', 'l') return redis.call('SET', 'k', 'v')") == "OK");
  CHECK(Eval("redis.call('GET', 'k') return redis.pcall('SET', 'k', 'w')") ==
        "(error) " + std::string(kOom));
}

TEST_CASE_FIXTURE(Scripts, "what a script says about itself decides whether it may begin") {
  engine.RunArgs(
      {"FUNCTION", "LOAD",
       "#!lua name=l\n"
       "redis.register_function('plain', function() return 1 end)\n"
       "redis.register_function{function_name='reader', callback=function() return 2 end,"
       " flags={'no-writes'}}\n"
       "redis.register_function{function_name='eater', flags={'allow-oom'},"
       " callback=function() return redis.call('SET', 'k', 'v') end}"});
  FillUp(engine);
  CHECK(Error("#!lua\nreturn 1") == kOom);
  CHECK(Eval("#!lua flags=no-writes\nreturn 1") == "1");
  CHECK(Eval("#!lua flags=allow-oom\nreturn redis.call('SET', 'k', 'v')") == "OK");
  CHECK(engine.Run("FCALL plain 0") == "(error) " + std::string(kOom));
  CHECK(engine.Run("FCALL_RO plain 0") == "(error) " + std::string(kOom));
  CHECK(engine.Run("FCALL reader 0") == "2");
  CHECK(engine.Run("FCALL eater 0") == "OK");
}

TEST_CASE_FIXTURE(Scripts, "within a transaction the limit is the one that EXEC meets") {
  engine.Run("MULTI");
  engine.RunArgs({"EVAL", "return redis.pcall('SET', 'k', 'v')", "0"});
  engine.RunArgs({"EVAL", "return redis.pcall('GET', 'k')", "0"});
  REQUIRE(engine.NewClient().Run("CONFIG SET maxmemory 1") == "OK");
  engine.Tick();
  CHECK(engine.client().Wire("EXEC") == "*2\r\n-" + std::string(kOom) + "\r\n$-1\r\n");
}

}  // namespace
}  // namespace torc
