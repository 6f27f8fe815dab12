#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "features/scripting/scripts.h"

namespace torc {
namespace {

TEST_CASE_FIXTURE(Scripts, "values become replies") {
  CHECK(Eval("return 3.99") == "3");
  CHECK(Eval("return -3.99") == "-3");
  CHECK(Eval("return 1e300") == "-9223372036854775808");
  CHECK(Eval("return 'text'") == "\"text\"");
  CHECK(Eval("return true") == "1");
  CHECK(Eval("return false") == "(nil)");
  CHECK(Eval("return nil") == "(nil)");
  CHECK(Eval("return {1,{2,'a'},nil,4}") == "[1, [2, \"a\"]]");
  CHECK(Eval("return {ok='fine'}") == "fine");
  CHECK(Eval("return {err='A b'}") == "(error) A b");
  CHECK(Eval("return {double=3.5}") == "\"3.5\"");
  CHECK(Eval("return {map={a=1}}") == "[\"a\", 1]");
  CHECK(Eval("return {set={a=true}}") == "[\"a\"]");
  CHECK(Eval("return {big_number='123'}") == "\"123\"");
  CHECK(Eval("return {verbatim_string={format='txt',string='abc'}}") == "\"abc\"");
  CHECK(Eval("return {KEYS[1],ARGV[1],#KEYS,#ARGV}", {"k"}, {"a", "b"}) == "[\"k\", \"a\", 1, 2]");
  CHECK(Eval("return redis.error_reply('My Error')") == "(error) My Error");
  CHECK(Eval("return redis.error_reply('single')") == "(error) ERR single");
  CHECK(Eval("return redis.status_reply('ok')") == "ok");
}

TEST_CASE_FIXTURE(Scripts, "replies become values, by the protocol the script chose") {
  Eval(
      "redis.call('hset','h','a','1') redis.call('zadd','z','1.5','a') redis.call('sadd','s','x')");
  CHECK(Eval("return type(redis.call('get','none'))") == "\"boolean\"");
  CHECK(Eval("redis.setresp(3) return type(redis.call('get','none'))") == "\"nil\"");
  CHECK(Eval("redis.setresp(3) return redis.call('hgetall','h').map.a") == "\"1\"");
  CHECK(Eval("redis.setresp(3) return tostring(redis.call('zscore','z','a').double)") == "\"1.5\"");
  CHECK(Eval("redis.setresp(3) return redis.call('smembers','s').set.x") == "1");
  CHECK(Eval("return redis.call('hgetall','h')[2]") == "\"1\"");
  CHECK(Eval("return redis.call('set','k','v').ok") == "\"OK\"");
  CHECK(Eval("return redis.pcall('lpush','k','v').err") ==
        "\"WRONGTYPE Operation against a key holding the wrong kind of value\"");
  engine.Run("HELLO 3");
  CHECK(engine.client().Wire("EVAL 'return true' 0") == ":1\r\n");
  CHECK(engine.client().Wire("EVAL 'redis.setresp(3) return true' 0") == "#t\r\n");
  CHECK(engine.client().Wire("EVAL 'return {map={a=1}}' 0") == "%1\r\n$1\r\na\r\n:1\r\n");
  CHECK(engine.client().Wire("EVAL 'return nil' 0") == "_\r\n");
}

TEST_CASE_FIXTURE(Scripts, "errors name the script and where it was") {
  CHECK(Eval("error('x')") ==
        "(error) ERR user_script:1: x script: 9851144f39f03a0d597a980c5aa79c80cb696891, on "
        "@user_script:1.");
  CHECK(Eval("return redis.call('nosuch')") ==
        "(error) ERR Unknown Redis command called from script script: "
        "206396248e12c6e742fd7296250433c8d7343b74, on @user_script:1.");
  CHECK(Error("return redis.call('get')") ==
        "ERR Wrong number of args calling Redis command from script");
  CHECK(Error("return redis.call('multi')") == "ERR This Redis command is not allowed from script");
  CHECK(Error("return redis.call({})") ==
        "ERR Lua redis lib command arguments must be strings or integers");
  CHECK(Error("return redis.call()") ==
        "ERR Please specify at least one argument for this redis lib call");
  CHECK(Error("error({err='My Err'})") == "My Err");
  CHECK(Error("error({})") == "ERR unknown error");
  CHECK(Error("error()") == "ERR nil");
  CHECK(Error("x x") ==
        "ERR Error compiling script (new function): user_script:1: '=' expected near 'x'");
  CHECK(Eval("local ok,e=pcall(redis.call,'nosuch') return e") ==
        "\"ERR Unknown Redis command called from script\"");
  CHECK(Eval("local ok,e=pcall(function() error('hi') end) return e") == "\"user_script:1: hi\"");
  CHECK(engine.Run("EVAL 'return 1' x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("EVAL 'return 1' -1") == "(error) ERR Number of keys can't be negative");
  CHECK(engine.Run("EVAL 'return 1' 2 a") ==
        "(error) ERR Number of keys can't be greater than number of args");
}

TEST_CASE_FIXTURE(Scripts, "scripts are kept by their SHA1") {
  const std::string no_script = "(error) NOSCRIPT No matching script. Please use EVAL.";
  CHECK(engine.Run("EVALSHA abc 0") == no_script);
  CHECK(engine.Run("SCRIPT LOAD 'return 7'") == "\"59b6ab2fbe0ee4b25733de0f62e6cda4899ef8e9\"");
  CHECK(engine.Run("EVALSHA 59B6ab2fbe0ee4b25733de0f62e6cda4899ef8e9 0") == "7");
  CHECK(engine.Run("SCRIPT EXISTS 59b6ab2fbe0ee4b25733de0f62e6cda4899ef8e9 x") == "[1, 0]");
  CHECK(engine.Run("SCRIPT FLUSH") == "OK");
  CHECK(engine.Run("EVALSHA 59b6ab2fbe0ee4b25733de0f62e6cda4899ef8e9 0") == no_script);
  CHECK(engine.Run("SCRIPT FLUSH now") ==
        "(error) ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  CHECK(engine.Run("SCRIPT KILL") == "(error) NOTBUSY No scripts in execution right now.");
}

TEST_CASE_FIXTURE(Scripts,
                  "EVAL's scripts are kept as long as they are in use, loaded ones always") {
  engine.options().scripting.cached_scripts_max = 3;
  engine.Run("SCRIPT LOAD 'return 7'");
  Eval("return 'kept'");
  for (int i = 0; i < 20; ++i) {
    CHECK(Eval("return " + std::to_string(i + 100)) == std::to_string(i + 100));
    CHECK(Eval("return 'kept'") == "\"kept\"");
  }
  CHECK(engine.Run("SCRIPT EXISTS 59b6ab2fbe0ee4b25733de0f62e6cda4899ef8e9") == "[1]");
  ScriptCache& scripts = engine.shard().services().scripting->scripts();
  CHECK(scripts.size() <= 5);
  CHECK(scripts.evicted() >= 17);
}

TEST_CASE_FIXTURE(Scripts,
                  "a script's writes are one unit of effects, and no script is among them") {
  CHECK(Eval("redis.call('set',KEYS[1],'1') redis.call('incr',KEYS[1]) redis.call('select','2') "
             "redis.call('set','x','y') return redis.call('spop','none')",
             {"k"}) == "(nil)");
  CHECK(engine.TakeEffects() == std::vector<std::string>{"set k 1 | set k", "incr k | incrby k",
                                                         "2: set x y | set x", "."});
  CHECK(engine.Run("EXISTS x") == "0");
  engine.TakeEffects();  // the miss
  engine.Run("MULTI");
  engine.Run("EVAL \"return redis.call('incr','n')\" 0");
  engine.Run("INCR n");
  CHECK(engine.Run("EXEC") == "[1, 2]");
  Eval("return redis.call('get','n')");
  CHECK(engine.TakeEffects() ==
        std::vector<std::string>{"incr n | incrby n", "INCR n | incrby n", "."});
}

TEST_CASE_FIXTURE(Scripts, "what a script chose not to log is not") {
  Eval(
      "redis.set_repl(redis.REPL_NONE) redis.call('set','a','1') redis.set_repl(redis.REPL_ALL) "
      "redis.call('del','a') redis.call('set','b','1')");
  CHECK(engine.TakeEffects() ==
        std::vector<std::string>{" | set a", "del a | del a", "set b 1 | set b", "."});
}

TEST_CASE_FIXTURE(Scripts, "read-only scripts write nothing") {
  CHECK(engine.Run("EVAL_RO \"return redis.call('set','a','b')\" 0").substr(0, 66) ==
        "(error) ERR Write commands are not allowed from read-only scripts.");
  CHECK(engine.Run("EVAL_RO \"return redis.call('get','a')\" 0") == "(nil)");
  CHECK(Error("#!lua flags=no-writes\nreturn redis.call('set','a','b')") ==
        "ERR Write commands are not allowed from read-only scripts.");
  CHECK(engine.RunArgs({"EVAL_RO", "#!lua\nreturn 1", "0"}) ==
        "(error) ERR Can not execute a script with write flag using *_ro command.");
  CHECK(engine.RunArgs({"EVAL_RO", "#!lua flags=no-writes\nreturn 1", "0"}) == "1");
}

TEST_CASE_FIXTURE(Scripts, "a script's first line is judged as Redis does") {
  CHECK(Error("#!lua name=x\nreturn 1") == "ERR Unknown lua shebang option: name=x");
  CHECK(Error("#!lua flags=nosuch\nreturn 1") == "ERR Unexpected flag in script shebang: nosuch");
  CHECK(Error("#!lua") == "ERR Invalid script shebang");
  CHECK(Error("#!foo\nreturn 1") == "ERR Unexpected engine in script shebang: #!foo");
  CHECK(Error("#!lua \"flags\nreturn 1") == "ERR Invalid engine in script shebang");
  CHECK(Eval("#!lua flags=no-writes,allow-oom,allow-cross-slot-keys\nreturn 1") == "1");
  CHECK(Error("#!lua\n\nerror('x')") == "ERR user_script:3: x");
}

TEST_CASE_FIXTURE(Scripts, "a script that declares its keys touches no others") {
  const std::string script =
      "#!lua flags=only-declared-keys\nreturn redis.call('mset',ARGV[1],'1',ARGV[2],'2')";
  CHECK(Eval(script, {"a", "b"}, {"a", "b"}) == "OK");
  CHECK(Eval(script, {"a", "b"}, {"a", "c"}).find("no other keys than its KEYS") !=
        std::string::npos);
  CHECK(Eval("#!lua flags=only-declared-keys\nreturn redis.call('flushall')").substr(0, 7) ==
        "(error)");
}

TEST_CASE_FIXTURE(Scripts, "a key that a script changed stops a transaction that watched it") {
  engine.Run("WATCH k");
  engine.NewClient().Run("EVAL \"redis.call('set','k','v')\" 0");
  engine.Run("MULTI");
  engine.Run("PING");
  CHECK(engine.Run("EXEC") == "(nil)");
}

TEST_CASE_FIXTURE(Scripts,
                  "blocking commands do not block in a script, and a script serves who waits") {
  TestClient& waiting = engine.NewClient();
  CHECK(Eval("return redis.call('blpop','l',0)") == "(nil)");
  CHECK(waiting.Run("BLPOP l 0") == "(blocked)");
  CHECK(Eval("redis.call('rpush','l','a') return redis.call('lpop','l')") == "\"a\"");
  CHECK(waiting.Received().empty());
  Eval("redis.call('rpush','l','a','b')");
  CHECK(waiting.Received() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
}

TEST_CASE_FIXTURE(Scripts, "monitors see the script, then its commands") {
  TestClient& monitor = engine.NewClient();
  monitor.Run("MONITOR");
  Eval("redis.call('set','k',ARGV[1])", {}, {"v"});
  const std::string lines = monitor.Received();
  const size_t eval = lines.find("[0 127.0.0.1:10001] \"EVAL\" \"redis.call('set','k',ARGV[1])\"");
  const size_t set = lines.find("[0 lua] \"set\" \"k\" \"v\"");
  CHECK(eval != std::string::npos);
  CHECK(set != std::string::npos);
  CHECK(eval < set);
}

TEST_CASE_FIXTURE(Scripts, "what a script reads is tracked for its client") {
  TestClient& other = engine.NewClient();
  engine.Run("HELLO 3");
  engine.Run("CLIENT TRACKING on");
  engine.Run("EVAL \"return redis.call('get','k')\" 1 declared");
  other.Run("SET declared 1");
  CHECK(engine.client().Received().empty());
  other.Run("SET k 1");
  CHECK(engine.client().Received() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
}

TEST_CASE_FIXTURE(Scripts, "the slow log keeps the script, statistics count its commands too") {
  engine.options().slowlog.slower_than_us = 0;
  engine.Run("SLOWLOG RESET");
  Eval("redis.call('set','k','v')");
  const std::string log = engine.Run("SLOWLOG GET");
  CHECK(log.find("EVAL") != std::string::npos);
  CHECK(log.find("\"set\"") == std::string::npos);
  const std::string stats = engine.Run("INFO commandstats");
  CHECK(stats.find("cmdstat_set:calls=1") != std::string::npos);
  CHECK(stats.find("cmdstat_eval:calls=1") != std::string::npos);
  CHECK(engine.Run("INFO memory").find("number_of_cached_scripts:1") != std::string::npos);
}

TEST_CASE_FIXTURE(Scripts, "an error is counted once, whether a script raises it or passes it on") {
  const auto errors = [&](const char* script) {
    engine.Run("CONFIG RESETSTAT");
    CHECK(Eval(script).starts_with("(error) ERR "));
    return engine.Run("INFO errorstats");
  };
  for (const char* script :
       {"return redis.call('SELECT', 99)", "return redis.pcall('SELECT', 99)",
        "return redis.call('SUBSCRIBE', 'c')", "return redis.pcall('SUBSCRIBE', 'c')",
        "return redis.error_reply('ERR of its own')", "return {err = 'ERR of its own'}"}) {
    CAPTURE(script);
    CHECK(errors(script).find("errorstat_ERR:count=1") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Scripts, "what a script's caller may not do is kept with the caller's line") {
  engine.Run("ACL SETUSER u on nopass ~* +eval");
  TestClient& caller = engine.NewClient();
  caller.Run("AUTH u any");
  CHECK(caller.Run("EVAL \"return redis.pcall('GET','k')\" 0").find("NOPERM") != std::string::npos);
  const std::string log = engine.Run("ACL LOG 1");
  CHECK(log.find("\"lua\"") != std::string::npos);
  CHECK(log.find(" cmd=eval ") != std::string::npos);
  CHECK(log.find(" age=0 ") != std::string::npos);
  CHECK(log.find(" user=u ") != std::string::npos);
}

TEST_CASE_FIXTURE(Scripts, "a script may not ask a stream to wait") {
  engine.Run("XADD s 1-1 a b");
  CHECK(Error("return redis.call('xread', 'BLOCK', 'x', 'STREAMS', 's', '0')") ==
        "ERR xread command is not allowed with BLOCK option from scripts");
  CHECK(
      Error(
          "return redis.call('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>')") ==
      "ERR XREADGROUP command is not allowed with BLOCK option from scripts");
  CHECK(Eval("return #redis.call('XREAD', 'STREAMS', 's', '0')") == "1");
}

}  // namespace
}  // namespace torc
