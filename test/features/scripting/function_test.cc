#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

struct Functions {
  std::string Load(std::string_view body, std::string_view name = "lib") {
    const std::string code = "#!lua name=" + std::string(name) + "\n" + std::string(body);
    return engine.RunArgs({"FUNCTION", "LOAD", code});
  }
  std::string Replace(std::string_view body, std::string_view name = "lib") {
    const std::string code = "#!lua name=" + std::string(name) + "\n" + std::string(body);
    return engine.RunArgs({"FUNCTION", "LOAD", "REPLACE", code});
  }
  // What went wrong while a library registered its functions.
  std::string Wrong(std::string_view body) {
    constexpr std::string_view kHead = "(error) ERR Error registering functions: ERR ";
    const std::string reply = Replace(body);
    return reply.substr(0, kHead.size()) == kHead ? reply.substr(kHead.size()) : reply;
  }
  EngineHarness engine;
};

constexpr std::string_view kHi = "redis.register_function('hi',function() return 'hi' end)";

TEST_CASE_FIXTURE(Functions, "a library's functions are called by name, in any case") {
  CHECK(Load(kHi) == "\"lib\"");
  CHECK(engine.Run("FCALL hi 0") == "\"hi\"");
  CHECK(engine.Run("FCALL HI 0") == "\"hi\"");
  CHECK(engine.Run("FCALL nosuch 0") == "(error) ERR Function not found");
  CHECK(engine.Run("FCALL hi x") == "(error) ERR Bad number of keys provided");
  CHECK(engine.Run("FCALL_RO hi 0") ==
        "(error) ERR Can not execute a script with write flag using *_ro command.");
  CHECK(Replace("redis.register_function('hi',function(keys,args) return {keys,args} end)") ==
        "\"lib\"");
  CHECK(engine.Run("FCALL hi 1 a b c") == "[[\"a\"], [\"b\", \"c\"]]");
}

TEST_CASE_FIXTURE(Functions, "libraries are refused as Redis does") {
  CHECK(Load(kHi) == "\"lib\"");
  CHECK(Load(kHi) == "(error) ERR Library 'lib' already exists");
  CHECK(Load(kHi, "other") == "(error) ERR Function hi already exists");
  CHECK(Load("return 1", "l3") == "(error) ERR No functions registered");
  CHECK(Load("x x", "l3") ==
        "(error) ERR Error compiling function: user_function:2: '=' expected near 'x'");
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", kHi}) == "(error) ERR Missing library metadata");
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", "#!lua\n"}) ==
        "(error) ERR Library name was not given");
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", "#!js name=a\n"}) ==
        "(error) ERR Engine 'js' not found");
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", "#!lua name=a name=b\n"}) ==
        "(error) ERR Invalid metadata value, name argument was given multiple times");
  CHECK(engine.RunArgs({"FUNCTION", "LOAD", "FOO", "#!lua name=a\n"}) ==
        "(error) ERR Unknown option given: FOO");
  CHECK(engine.Run("FUNCTION DELETE LIB") == "(error) ERR Library not found");
  CHECK(engine.Run("FUNCTION DELETE lib") == "OK");
  CHECK(engine.Run("FCALL hi 0") == "(error) ERR Function not found");
}

TEST_CASE_FIXTURE(Functions, "registering is judged argument by argument") {
  const std::string table = "redis.register_function";
  CHECK(Wrong(table + "()") == "wrong number of arguments to redis.register_function");
  CHECK(Wrong(table + "('a','b')") ==
        "second argument to redis.register_function must be a function");
  CHECK(Wrong(table + "({},1)") == "first argument to redis.register_function must be a string");
  CHECK(Wrong(table + "{}") == "redis.register_function must get a function name argument");
  CHECK(Wrong(table + "{function_name='g'}") ==
        "redis.register_function must get a callback argument");
  CHECK(Wrong(table + "{function_name='g',callback=1}") ==
        "callback argument given to redis.register_function must be a function");
  CHECK(Wrong(table + "{function_name='g',callback=function() end,flags={'x'}}") ==
        "unknown flag given");
  CHECK(Wrong(table + "{function_name='g',callback=function() end,foo=1}") ==
        "unknown argument given to redis.register_function");
  CHECK(Wrong(table + "('g',function() end) " + table + "('g',function() end)") ==
        "Function already exists in the library");
  CHECK(Wrong("return math.random()") ==
        "user_function:2: Script attempted to access nonexistent global variable 'math'");
  CHECK(Wrong("return redis.call('ping')") ==
        "user_function:2: Script attempted to access nonexistent global variable 'call'");
  CHECK(Wrong("foo=1") == "user_function:2: Attempt to modify a readonly table");
  Replace("local r=redis.register_function r('late',function() r('z',function() end) end)");
  CHECK(engine.Run("FCALL late 0") ==
        "(error) ERR redis.register_function can only be called on FUNCTION LOAD command script: "
        "late, on @user_function:2.");
}

TEST_CASE_FIXTURE(Functions, "flags and descriptions are listed, and kept to") {
  Load(
      "redis.register_function{function_name='ro',callback=function() return "
      "redis.call('set','x','y') end,flags={'no-writes','allow-stale'},description='d'}");
  CHECK(engine.Run("FUNCTION LIST") ==
        "[[\"library_name\", \"lib\", \"engine\", \"LUA\", \"functions\", [[\"name\", \"ro\", "
        "\"description\", \"d\", \"flags\", [no-writes, allow-stale]]]]]");
  CHECK(engine.Run("FUNCTION LIST LIBRARYNAME L*").size() > 10);
  CHECK(engine.Run("FUNCTION LIST LIBRARYNAME x*") == "[]");
  CHECK(engine.Run("FUNCTION LIST WITHCODE").find("library_code") != std::string::npos);
  CHECK(engine.Run("FUNCTION LIST FOO") == "(error) ERR Unknown argument FOO");
  CHECK(engine.Run("FCALL ro 0") ==
        "(error) ERR Write commands are not allowed from read-only scripts. script: ro, on "
        "@user_function:2.");
  CHECK(engine.Run("INFO memory").find("number_of_functions:1") != std::string::npos);
}

TEST_CASE_FIXTURE(Functions, "functions see all globals but those of EVAL") {
  Load(
      "local n=0 redis.register_function('count',function() n=n+1 return n end) "
      "redis.register_function('keys',function() return KEYS end) "
      "redis.register_function('types',function() return {type(math),type(cjson),"
      "type(redis.call)} end)");
  CHECK(engine.Run("FCALL count 0") == "1");
  CHECK(engine.Run("FCALL count 0") == "2");
  CHECK(engine.Run("FCALL keys 0") ==
        "(error) ERR user_function:2: Script attempted to access nonexistent global variable "
        "'KEYS' script: keys, on @user_function:2.");
  CHECK(engine.Run("FCALL types 0") == "[\"table\", \"table\", \"function\"]");
}

TEST_CASE_FIXTURE(Functions, "a dump brings all libraries back, by either policy") {
  Load(kHi);
  Load("redis.register_function('two',function() return 2 end)", "second");
  const std::string dump = engine.Ask("FUNCTION DUMP").text;
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump}) == "(error) ERR Library lib already exists");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump, "REPLACE"}) == "OK");
  engine.Run("FUNCTION FLUSH");
  CHECK(engine.Run("FCALL hi 0") == "(error) ERR Function not found");
  Load("redis.register_function('three',function() return 3 end)", "third");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump, "APPEND"}) == "OK");
  CHECK(engine.Run("FCALL three 0") == "3");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump, "FLUSH"}) == "OK");
  CHECK(engine.Run("FCALL three 0") == "(error) ERR Function not found");
  CHECK(engine.Run("FCALL two 0") == "2");
  Replace("redis.register_function('two',function() return 'mine' end)", "second");
  engine.Run("FUNCTION DELETE lib");
  Load(kHi, "elsewhere");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump, "REPLACE"}) ==
        "(error) ERR Function hi already exists");
  CHECK(engine.Run("FCALL two 0") == "\"mine\"");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump, "now"}) ==
        "(error) ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
}

TEST_CASE_FIXTURE(Functions, "a debugger may have checksums of dumps passed over, not versions") {
  engine.options().command.debug_access = DebugAccess::kYes;
  Load(kHi);
  const std::string dump = engine.Ask("FUNCTION DUMP").text;
  std::string unsummed = dump;
  unsummed.back() = static_cast<char>(unsummed.back() ^ 1);
  std::string later = dump;
  later[later.size() - 10] = 99;
  constexpr std::string_view kBad = "(error) ERR DUMP payload version or checksum are wrong";
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", unsummed, "FLUSH"}) == kBad);
  CHECK(engine.Run("DEBUG SET-SKIP-CHECKSUM-VALIDATION 1") == "OK");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", unsummed, "FLUSH"}) == "OK");
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", later, "FLUSH"}) == kBad);
  CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump.substr(0, 9), "FLUSH"}) == kBad);
}

TEST_CASE_FIXTURE(Functions, "a damaged dump changes nothing") {
  Load(kHi);
  const std::string dump = engine.Ask("FUNCTION DUMP").text;
  for (size_t i = 0; i < dump.size(); ++i) {
    std::string damaged = dump;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    CHECK(engine.RunArgs({"FUNCTION", "RESTORE", damaged, "FLUSH"}) ==
          "(error) ERR DUMP payload version or checksum are wrong");
    CHECK(engine.RunArgs({"FUNCTION", "RESTORE", dump.substr(0, i), "FLUSH"}).substr(0, 7) ==
          "(error)");
  }
  CHECK(engine.Run("FCALL hi 0") == "\"hi\"");
}

TEST_CASE_FIXTURE(Functions, "changes of libraries are effects") {
  Load(kHi);
  engine.Run("FCALL hi 0");
  engine.Run("FUNCTION DELETE nosuch");
  engine.Run("FUNCTION DELETE lib");
  engine.Run("FUNCTION FLUSH");
  const std::vector<std::string> effects = engine.TakeEffects();
  REQUIRE(effects.size() == 3);
  CHECK(effects[0].substr(0, 13) == "FUNCTION LOAD");
  CHECK(effects[1] == "FUNCTION DELETE lib");
  CHECK(effects[2] == "FUNCTION FLUSH");
}

}  // namespace
}  // namespace torc
