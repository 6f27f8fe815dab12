// What scripts must not be able to do, and how much of everything they may have.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "features/scripting/scripts.h"

namespace torc {
namespace {

constexpr const char* kReadOnly = "ERR user_script:1: Attempt to modify a readonly table";
constexpr const char* kReadOnlyRaw = "ERR Attempt to modify a readonly table";

TEST_CASE_FIXTURE(Scripts, "globals can be neither made nor asked for in vain") {
  CHECK(Error("return foo") ==
        "ERR user_script:1: Script attempted to access nonexistent global variable 'foo'");
  CHECK(Error("foo=1") == kReadOnly);
  CHECK(Error("return _G.foo") ==
        "ERR user_script:1: Script attempted to access nonexistent global variable 'foo'");
  for (const char* name : {"print", "dofile", "loadfile", "require", "module", "package", "io",
                           "debug", "newproxy", "getfenv", "setfenv"}) {
    CAPTURE(name);
    CHECK(Error(std::string("return ") + name) ==
          "ERR user_script:1: Script attempted to access nonexistent global variable '" +
              std::string(name) + "'");
  }
  CHECK(Eval("return type(os.clock())") == "\"number\"");
  CHECK(Eval("return os.getenv") == "(nil)");
  CHECK(Eval("return rawget(_G,'foo')") == "(nil)");
}

TEST_CASE_FIXTURE(Scripts, "libraries can be read and walked, not changed") {
  for (const char* change :
       {"redis.call=1", "string.x=1", "KEYS=1", "_G.x=1", "getmetatable(_G).__index=nil",
        "getmetatable('').__index=nil", "getmetatable('').x=1", "math.pi=3"}) {
    CAPTURE(change);
    CHECK(Error(change) == kReadOnly);
  }
  for (const char* change :
       {"rawset(_G,'x',1)", "rawset(string,'x',1)", "table.insert(string,1)", "setmetatable(_G,{})",
        "setmetatable(string,{})", "rawset(getmetatable(_G),'x',1)"}) {
    CAPTURE(change);
    CHECK(Error(change) == kReadOnlyRaw);
  }
  CHECK(Eval("local n=0 for k in pairs(string) do n=n+1 end return n") == "15");
  CHECK(Eval("return type(next(string))") == "\"string\"");
  CHECK(Eval("return rawget(redis,'call')==redis.call") == "1");
  CHECK(Eval("return getmetatable(string)") == "(nil)");
  CHECK(Eval("return getmetatable('').__index==string") == "1");
  CHECK(Eval("return ('x'):rep(3)") == "\"xxx\"");
  CHECK(Eval("local t=setmetatable({},{__index=string}) return t.len('abc')") == "3");
}

TEST_CASE_FIXTURE(Scripts, "nothing is left behind for the next script") {
  Eval("rawset(_G,'x',1)");
  Eval("KEYS.x=1 ARGV.x=1");
  Eval("error(_G)");
  Eval("error(string)");
  CHECK(Eval("return rawget(_G,'source') or rawget(string,'source')") == "(nil)");
  Eval("local mt=getmetatable('') mt.__index=function() return 1 end");
  CHECK(Eval("return {KEYS.x or 0, ARGV.x or 0, ('a'):len()}") == "[0, 0, 1]");
}

TEST_CASE_FIXTURE(Scripts, "bytecode is text that does not compile") {
  CHECK(Eval("local a,b=loadstring(string.dump(function() end)) return {type(a),b}") ==
        "[\"nil\", \"[string \\\"\\x1bLuaQ\\\"]:1: unexpected symbol near 'char(27)'\"]");
  CHECK(Eval("local a,b=load(function() return '\\27Lua' end) return {type(a),b}") ==
        "[\"nil\", \"(load):1: unexpected symbol near 'char(27)'\"]");
  CHECK(Error(std::string_view("\x1bLuaQ\0\0", 7)) ==
        "ERR Error compiling script (new function): user_script:1: unexpected symbol near "
        "'char(27)'");
  CHECK(Eval("return loadstring('return 1')()") == "1");
  CHECK(Eval("local n=0 return load(function() n=n+1 return ({'return ','2'})[n] end)()") == "2");
  CHECK(Error("return loadstring('x=1')()") ==
        "ERR [string \"x=1\"]:1: Attempt to modify a readonly table");
}

TEST_CASE_FIXTURE(Scripts, "memory is bounded, and the script that wants more gets an error") {
  engine.options().scripting.memory_bytes_max = 8 << 20;
  const std::string too_much = "ERR not enough memory";
  CHECK(Error("local t={} for i=1,1e9 do t[i]={} end") == too_much);
  CHECK(Error("local s='x' while true do s=s..s end") == too_much);
  CHECK(Error("return string.rep('x',2^27)") == too_much);
  CHECK(Error("return string.rep('x',2^40)") != too_much);
  CHECK(Error("local t={} for i=1,1e6 do t[i]='xxxxxxxxxxxxxxxxxxxxxxxx' end "
              "return table.concat(t)") == too_much);
  CHECK(Error("local s=string.rep('x',2^20) local t={} for i=1,100 do t[i]=s end "
              "return #cmsgpack.pack(t)")
            .find("not enough memory") != std::string::npos);
  CHECK(Eval("local ok,e=pcall(string.rep,'x',2^27) return {tostring(ok),e}") ==
        "[\"false\", \"not enough memory\"]");
  CHECK(Eval("return #string.rep('x',2^20)") == "1048576");
  CHECK(engine.shard().services().scripting->scripts().vm_bytes() < (9 << 20));
}

TEST_CASE_FIXTURE(Scripts, "the longest JSON is refused before it is built") {
  CHECK(Error("local s=string.rep('x',2^24) local t={} for i=1,100 do t[i]=s end "
              "return cjson.encode(t)") ==
        "ERR user_script:1: Cannot serialise: the text is too long");
  CHECK(Eval("return cjson.new().encode({1,'a'})") == "\"[1,\\\"a\\\"]\"");
  CHECK(Eval("local t={} t.t=t local ok=pcall(cjson.encode,t) return tostring(ok)") == "\"false\"");
}

TEST_CASE_FIXTURE(Scripts,
                  "recursion ends in an error: of calls, of patterns, of tables, of compiling") {
  CHECK(Error("local function f() return f()+1 end return f()") ==
        "ERR user_script:1: stack overflow");
  CHECK(Error("local t=setmetatable({},{}) getmetatable(t).__index=function(t,k) return t[k] end "
              "return t.x")
            .find("stack overflow") != std::string::npos);
  CHECK(Eval("local t=setmetatable({},{}) getmetatable(t).__index=t local ok=pcall(function() "
             "return t.x end) return tostring(ok)") == "\"false\"");
  CHECK(
      Error("return loadstring(string.rep('(',1000)..'1'..string.rep(')',1000))()").substr(0, 4) ==
      "ERR ");
  CHECK(Error("return string.find(string.rep('a',1e5),string.rep('a?',1e5))") ==
        "ERR user_script:1: pattern too complex");
  const std::string circle = engine.client().Wire("EVAL 'local t={} t[1]=t return t' 0");
  CHECK(circle.size() < 100000);
  CHECK(circle.find("-ERR reached lua stack limit\r\n") != std::string::npos);
  CHECK(Error("local function f(n) if n==0 then return 1 end return pcall(f,n-1) end "
              "return tostring(f(1e6))")
            .size() < 1000);
  CHECK(Error("return unpack({},1,1e7)") == "ERR user_script:1: too many results to unpack");
  CHECK(Error("return unpack({},-2147483647,2147483647)") ==
        "ERR user_script:1: too many results to unpack");
  CHECK(Error("return cmsgpack.unpack(string.rep('\\145',1e6))").find("stack overflow") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Scripts, "nothing reaches around the sandbox") {
  for (const char* name : {"getfenv", "setfenv", "newproxy", "debug", "dofile", "loadfile",
                           "require", "module", "package", "io", "print"}) {
    CAPTURE(name);
    CHECK(Eval("return type(rawget(_G,'" + std::string(name) + "'))") == "\"nil\"");
  }
  CHECK(Eval("local n={} for k in pairs(os) do n[#n+1]=k end return n") == "[\"clock\"]");
  CHECK(Error("return string.dump(redis.call)").find("unable to dump") != std::string::npos);
  CHECK(Error("table.setn({},5)").find("setn") != std::string::npos);
  // What a script makes may call whatever it likes, but nothing calls it behind its back.
  CHECK(Eval("local t=setmetatable({},{__gc=function() error('x') end}) t=nil collectgarbage() "
             "return 1") == "1");
  CHECK(Eval("return setmetatable({1,2},{__index=function() error('x') end,"
             "__len=function() error('x') end})") == "[1, 2]");
  CHECK(Error("error(setmetatable({},{__tostring=function() error('x') end,"
              "__index=function() while true do end end}))") == "ERR unknown error");
}

TEST_CASE_FIXTURE(Scripts,
                  "errors within errors end, with the collector at work and little memory") {
  engine.options().scripting.memory_bytes_max = 4 << 20;
  for (const char* script :
       {"return xpcall(function() error({}) end, function(e) collectgarbage() error(e) end)",
        "local function f(n) local ok,e=pcall(error,string.rep('x',n)) collectgarbage() "
        "return f(n*2) end return f(1)",
        "local t={} local ok=pcall(function() for i=1,1e7 do t[i]=string.rep('x',i) end end) "
        "collectgarbage() local u={} for i=1,1e7 do u[i]=t[i] or {} end return #u",
        "while true do local ok,e=pcall(string.rep,'x',2^22) collectgarbage('step') "
        "if not ok then error(e) end end",
        "local c for i=1,1e6 do local d=c c=coroutine.wrap(function() if d then d() end error(i) "
        "end) end c()"}) {
    CAPTURE(script);
    CHECK(Eval(script).size() < 1000);
    CHECK(Eval("return 'well'") == "\"well\"");
  }
}

TEST_CASE_FIXTURE(Scripts, "no library function goes on for ever by itself") {
  CHECK(Error("table.insert({},-2147483647,1)") == "ERR user_script:1: position out of bounds");
  CHECK(Eval("local t={2,3} table.insert(t,1,1) return t") == "[1, 2, 3]");
  CHECK(Eval("local t={1} table.insert(t,0,9) return {t[0],t[2]}") == "[9, 1]");
  CHECK(Eval("return string.rep('',2147483647)") == "\"\"");
  CHECK(Error("return table.concat({},'x',1,2147483647)").find("invalid value") !=
        std::string::npos);
  CHECK(Error("return cjson.decode(string.rep('[',1e6))").find("too many nested") !=
        std::string::npos);
  CHECK(Error("cjson.decode_max_depth(2^31-1) return cjson.decode(string.rep('[',1e6))")
            .find("too many nested") != std::string::npos);
  CHECK(Error("cjson.encode_max_depth(2^31-1) local t={} for i=1,1e5 do t={t} end "
              "return cjson.encode(t)")
            .find("excessive nesting") != std::string::npos);
  CHECK(Error("return struct.pack('c2147483647','x')").substr(0, 4) == "ERR ");
  CHECK(Error("return string.format('%'..string.rep('9',1000)..'d',1)").substr(0, 4) == "ERR ");
}

TEST_CASE_FIXTURE(Scripts, "the collector cannot be stopped") {
  engine.options().scripting.memory_bytes_max = 16 << 20;
  CHECK(Eval("collectgarbage('stop') collectgarbage('setpause',1e6) for i=1,1e6 do local t={i} end "
             "return 1") == "1");
  CHECK(Eval("return collectgarbage('count')>0") == "1");
  CHECK(Error("collectgarbage('nosuch')").substr(0, 4) == "ERR ");
}

TEST_CASE_FIXTURE(Scripts, "coroutines end with their script") {
  CHECK(Eval("local c=coroutine.wrap(function() return redis.call('ping').ok end) return c()") ==
        "\"PONG\"");
  CHECK(Error("coroutine.yield(1)") == "ERR attempt to yield across metamethod/C-call boundary");
  CHECK(Eval("local c=coroutine.wrap(function() while true do coroutine.yield(1) end end) c() c() "
             "return 2") == "2");
}

TEST_CASE_FIXTURE(Scripts, "random numbers are the same ones everywhere") {
  CHECK(Eval("math.randomseed(7) return tostring(math.random())") == "\"0.26644419658298\"");
  CHECK(Error("return math.random(0)") ==
        "ERR user_script:1: bad argument #1 to 'random' (interval is empty)");
}

}  // namespace
}  // namespace torc
