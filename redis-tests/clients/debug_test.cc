// SLOWLOG, LATENCY, MEMORY and DEBUG: what people look at when something is wrong, and what test
// suites lean on.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

TEST_CASE("the slow log keeps what took long, newest first, and may be cut and cleared") {
  Server server({"--slowlog-log-slower-than", "0", "--slowlog-max-len", "4"});
  Connection client = server.Client();
  client.Do("CLIENT SETNAME worker");
  client.Do("SLOWLOG RESET");
  client.Do("SET a 1");
  client.Do("GET a");
  const RespValue entries = client.Do("SLOWLOG GET");
  REQUIRE(entries.items.size() == 3);
  const RespValue& newest = entries.items.at(0);
  REQUIRE(newest.items.size() == 6);
  CHECK(newest.items.at(0).type == RespType::kInteger);
  CHECK(newest.items.at(1).integer > 1'600'000'000);
  CHECK(newest.items.at(2).integer >= 0);
  CHECK(newest.items.at(3).Print() == "[\"GET\", \"a\"]");
  CHECK(newest.items.at(4).text.rfind("127.0.0.1:", 0) == 0);
  CHECK(newest.items.at(5).Is("worker"));
  CHECK(entries.items.at(1).items.at(0).integer == newest.items.at(0).integer - 1);
  CHECK(client.Do("SLOWLOG GET 1").items.size() == 1);
  CHECK(client.Do("SLOWLOG GET -1").items.size() == 4);
  CHECK(client.Do("SLOWLOG LEN").IsInteger(4));
  CHECK(client.Do("SLOWLOG GET -2").Print() == "-ERR count should be greater than or equal to -1");
  client.Do("CONFIG SET slowlog-log-slower-than -1");
  CHECK(client.Do("SLOWLOG RESET").Is("OK"));
  CHECK(client.Do("SLOWLOG LEN").IsInteger(0));
}

TEST_CASE("the slow log shortens long commands and long arguments") {
  Server server({"--slowlog-log-slower-than", "0"});
  Connection client = server.Client();
  std::vector<std::string> args = {"DEL"};
  for (int i = 0; i < 100; ++i) args.push_back("k" + std::to_string(i));
  client.Call(args);
  const RespValue many = client.Do("SLOWLOG GET 1");
  REQUIRE(many.items.size() == 1);
  CHECK(many.items.at(0).items.at(3).items.size() == 32);
  CHECK(many.items.at(0).items.at(3).items.at(31).Is("... (70 more arguments)"));
  client.Call({"SET", "k", std::string(300, 'v')});
  const RespValue longest = client.Do("SLOWLOG GET 1");
  CHECK(longest.items.at(0).items.at(3).items.at(2).text ==
        std::string(128, 'v') + "... (172 more bytes)");
}

TEST_CASE("DEBUG LOADAOF brings back what the log has") {
  Server server({"--enable-debug-command", "yes", "--appendonly", "yes"});
  Connection client = server.Client();
  client.Do("MSET a 1 b 2");
  client.Do("RPUSH list x y");
  CHECK(client.Do("DEBUG LOADAOF").Is("OK"));
  CHECK(client.Do("MGET a b").Print() == "[\"1\", \"2\"]");
  client.Do("DEL b");
  CHECK(client.Do("DEBUG LOADAOF").Is("OK"));
  CHECK(client.Do("DBSIZE").IsInteger(2));
  CHECK(client.Do("LRANGE list 0 -1").Print() == "[\"x\", \"y\"]");
}

TEST_CASE("DEBUG LOADAOF loads what lies there when no log is in use") {
  Server server({"--enable-debug-command", "yes", "--appendonly", "yes"});
  Connection client = server.Client();
  client.Do("SET kept 1");
  CHECK(client.Do("CONFIG SET appendonly no").Is("OK"));
  client.Do("SET lost 1");
  CHECK(client.Do("DEBUG LOADAOF").Is("OK"));
  CHECK(client.Do("KEYS *").Print() == "[\"kept\"]");
  CHECK(client.Do("SET again 1").Is("OK"));
  CHECK(client.Do("DEBUG LOADAOF").Is("OK"));
  CHECK(client.Do("KEYS *").Print() == "[\"kept\"]");
}

TEST_CASE("DEBUG LOADAOF where there never was a log leaves nothing") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  client.Do("SET k v");
  CHECK(client.Do("DEBUG LOADAOF").Print() ==
        "-ERR Error trying to load the AOF files, check server logs.");
  CHECK(client.Do("DBSIZE").IsInteger(0));
}

TEST_CASE("who waits for a key does not get what the log had there in between") {
  Server server({"--enable-debug-command", "yes", "--appendonly", "yes"});
  Connection client = server.Client();
  for (const char* job : {"one", "two"}) {
    client.Call({"RPUSH", "jobs", job});
    CHECK(client.Do("LPOP jobs").Is(job));
  }
  client.Do("XGROUP CREATE events g $ MKSTREAM");
  Connection worker = server.Client();
  Connection reader = server.Client();
  worker.Send({"BLPOP", "jobs", "0"});
  reader.Send({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "events", ">"});
  CHECK(PollUntil(
      5000, [&] { return InfoValue(client.Do("INFO clients").text, "blocked_clients") == "2"; }));
  CHECK(client.Do("DEBUG LOADAOF").Is("OK"));
  CHECK(InfoValue(client.Do("INFO clients").text, "blocked_clients") == "2");
  client.Do("RPUSH jobs three");
  client.Do("XADD events 1-1 f v");
  CHECK(worker.Read().value_or(RespValue{}).Print() == "[\"jobs\", \"three\"]");
  CHECK(reader.Read().value_or(RespValue{}).Print() ==
        "[[\"events\", [[\"1-1\", [\"f\", \"v\"]]]]]");
}

TEST_CASE("within a transaction the log's rewrite only makes a note") {
  Server server({"--appendonly", "yes"});
  Connection client = server.Client();
  const auto value = [&](std::string_view field) {
    return InfoValue(client.Do("INFO persistence").text, field);
  };
  CHECK(PollUntil(5000, [&] { return value("aof_rewrite_in_progress") == "0"; }));
  client.Do("MULTI");
  client.Do("SET k v");
  client.Do("BGREWRITEAOF");
  client.Do("INFO persistence");
  const RespValue replies = client.Do("EXEC");
  REQUIRE(replies.items.size() == 3);
  CHECK(replies.items.at(1).Is("Background append only file rewriting scheduled"));
  CHECK(InfoValue(replies.items.at(2).text, "aof_rewrite_scheduled") == "1");
  CHECK(InfoValue(replies.items.at(2).text, "aof_rewrite_in_progress") == "0");
  CHECK(PollUntil(5000, [&] {
    return value("aof_rewrite_scheduled") == "0" && value("aof_rewrite_in_progress") == "0";
  }));
}

// The names of the events there are by now.
std::string LatencyEvents(Connection& client) {
  std::string names;
  for (const RespValue& event : client.Do("LATENCY LATEST").items) {
    names.append(event.items.at(0).text).append(" ");
  }
  return names;
}

TEST_CASE("the latency monitor hears of slow writes to the log") {
  Server server(
      {"--appendonly", "yes", "--appendfsync", "always", "--latency-monitor-threshold", "1"});
  Connection client = server.Client();
  std::string events;
  for (int i = 0; i < 50 && events.find("aof-write-alone") == std::string::npos; ++i) {
    CHECK(client.Call({"SET", "k", std::string(16 << 20, 'v')}).Is("OK"));
    for (int round = 0; round < 20; ++round) client.Do("PING");
    events = LatencyEvents(client);
  }
  CHECK(events.find("aof-write ") != std::string::npos);
  CHECK(events.find("aof-write-alone ") != std::string::npos);
}

TEST_CASE("the latency monitor speaks when it is on") {
  Server server({"--enable-debug-command", "yes", "--latency-monitor-threshold", "20"});
  Connection client = server.Client();
  CHECK(client.Do("LATENCY LATEST").Print() == "[]");
  client.Do("DEBUG SLEEP 0.05");
  const RespValue latest = client.Do("LATENCY LATEST");
  REQUIRE(latest.items.size() == 1);
  CHECK(latest.items.at(0).items.at(0).Is("command"));
  CHECK(latest.items.at(0).items.at(2).integer >= 50);
  CHECK(client.Do("LATENCY HISTORY command").items.size() == 1);
  CHECK(client.Do("LATENCY HISTORY nothing").Print() == "[]");
  CHECK(client.Do("LATENCY DOCTOR").text.find("command") != std::string::npos);
  CHECK(client.Do("LATENCY RESET command").IsInteger(1));
  CHECK(client.Do("LATENCY LATEST").Print() == "[]");
  const RespValue histogram = client.Do("LATENCY HISTOGRAM debug");
  REQUIRE(histogram.items.size() == 2);
  CHECK(histogram.items.at(0).Is("debug"));
  CHECK(histogram.items.at(1).At("calls").IsInteger(1));
}

TEST_CASE("MEMORY USAGE grows with what a key holds") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("MEMORY USAGE nothing").is_null);
  client.Do("SET small v");
  client.Call({"SET", "large", std::string(100'000, 'v')});
  const int64_t small = client.Do("MEMORY USAGE small").integer;
  const int64_t large = client.Do("MEMORY USAGE large").integer;
  CHECK(small > 0);
  CHECK(small < 300);
  CHECK(large >= 100'000);
  CHECK(large < 140'000);
  CHECK(client.Do("MEMORY USAGE large SAMPLES 0").integer == large);
  CHECK(client.Do("MEMORY USAGE large SAMPLES x").Print() ==
        "-ERR value is not an integer or out of range");
  const RespValue stats = client.Do("MEMORY STATS");
  CHECK(stats.At("total.allocated").type == RespType::kInteger);
  CHECK(stats.At("keys.count").IsInteger(2));
  CHECK_FALSE(client.Do("MEMORY DOCTOR").text.empty());
  CHECK(client.Do("MEMORY PURGE").Is("OK"));
}

TEST_CASE("DEBUG is refused unless it was enabled") {
  Server server;
  CHECK(server.Client().Do("DEBUG SLEEP 0").text ==
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", "
        "you can run it from a "
        "local connection, otherwise you need to set this option in the configuration file, and "
        "then restart the "
        "server.");
  Server local({"--enable-debug-command", "local"});
  CHECK(local.Client().Do("DEBUG SLEEP 0").Is("OK"));
}

TEST_CASE("DEBUG SLEEP stops the server for a fraction of a second") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  const int64_t begin_ms = SteadyMs();
  CHECK(client.Do("DEBUG SLEEP 0.15").Is("OK"));
  CHECK(SteadyMs() - begin_ms >= 150);
}

TEST_CASE("DEBUG PROTOCOL sends each type in both protocols") {
  Server server({"--enable-debug-command", "yes"});
  Connection two = server.Client();
  Connection three = server.Client3();
  struct Case {
    const char* type;
    const char* resp2;
    const char* resp3;
  };
  for (const Case& one : std::vector<Case>{
           {"string", "\"Hello World\"", "\"Hello World\""},
           {"integer", ":12345", ":12345"},
           {"double", "\"3.141\"", ",3.141"},
           {"null", "nil($)", "nil"},
           {"array", "[:0, :1, :2]", "[:0, :1, :2]"},
           {"set", "[:0, :1, :2]", "~{:0, :1, :2}"},
           {"map", "[:0, :0, :1, :1, :2, :0]", "%{:0: #f, :1: #t, :2: #f}"},
           {"bignum", "\"1234567999999999999999999999999999999\"",
            "(1234567999999999999999999999999999999"},
           {"verbatim", "\"This is a verbatim\\nstring\"", "=txt:\"This is a verbatim\\nstring\""},
           {"true", ":1", "#t"},
           {"false", ":0", "#f"},
           {"attrib", "\"Some real reply following the attribute\"",
            "|\"key-popularity\" [\"key:123\", :90] | \"Some real reply following the attribute\""},
       }) {
    INFO(std::string(one.type));
    CHECK(two.Do(std::string("DEBUG PROTOCOL ") + one.type).Print() == one.resp2);
    CHECK(three.Do(std::string("DEBUG PROTOCOL ") + one.type).Print() == one.resp3);
  }
  CHECK(two.Do("DEBUG PROTOCOL push").Print() == "-ERR RESP2 is not supported by this command");
  // The push and the reply may come in either order.
  const RespValue first = three.Do("DEBUG PROTOCOL push");
  const auto second = three.Read();
  REQUIRE(second.has_value());
  const RespValue& push = first.type == RespType::kPush ? first : *second;
  const RespValue& reply = first.type == RespType::kPush ? *second : first;
  CHECK(push.Print() == ">{\"server-cpu-usage\", :42}");
  CHECK(reply.Is("Some real reply following the push reply"));
}

TEST_CASE("DEBUG OBJECT describes a value") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  CHECK(client.Do("DEBUG OBJECT nothing").Print() == "-ERR no such key");
  client.Do("SET k v");
  const std::string text = client.Do("DEBUG OBJECT k").text;
  CHECK(text.find("Value at:0x") == 0);
  CHECK(text.find(" refcount:1 encoding:embstr serializedlength:2 lru:") != std::string::npos);
  CHECK(text.find(" lru_seconds_idle:0") != std::string::npos);
}

TEST_CASE("DEBUG DIGEST is of the data and of nothing else") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  const std::string empty = client.Do("DEBUG DIGEST").text;
  CHECK(empty == std::string(40, '0'));
  client.Do("MSET a 1 b 2");
  const std::string one_order = client.Do("DEBUG DIGEST").text;
  CHECK(one_order != empty);
  client.Do("FLUSHALL");
  client.Do("SET b 2");
  client.Do("SET a 1");
  CHECK(client.Do("DEBUG DIGEST").text == one_order);
  client.Do("APPEND a x");
  CHECK(client.Do("DEBUG DIGEST").text != one_order);
  const RespValue values = client.Do("DEBUG DIGEST-VALUE a nothing");
  REQUIRE(values.items.size() == 2);
  CHECK(values.items.at(0).text != std::string(40, '0'));
  CHECK(values.items.at(1).text == std::string(40, '0'));
}

TEST_CASE("DEBUG RELOAD brings every key back with its time to live") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  client.Do("SET k v");
  client.Do("SET volatile v PXAT 9999999999999");
  client.Do("SELECT 3");
  client.Do("SET other v");
  const std::string digest = client.Do("DEBUG DIGEST").text;
  CHECK(client.Do("DEBUG RELOAD").Is("OK"));
  CHECK(client.Do("DEBUG DIGEST").text == digest);
  CHECK(client.Do("GET other").Is("v"));
  client.Do("SELECT 0");
  CHECK(client.Do("PEXPIRETIME volatile").IsInteger(9'999'999'999'999));
  CHECK(client.Do("DEBUG RELOAD NOSAVE NOFLUSH MERGE").Is("OK"));
  CHECK(client.Do("DEBUG DIGEST").text == digest);
}

TEST_CASE("DEBUG POPULATE makes keys") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  CHECK(client.Do("DEBUG POPULATE 100").Is("OK"));
  CHECK(client.Do("DBSIZE").IsInteger(100));
  CHECK(client.Do("GET key:99").Is("value:99"));
  CHECK(client.Do("DEBUG POPULATE 10 p 20").Is("OK"));
  CHECK(client.Do("STRLEN p:3").IsInteger(20));
}

TEST_CASE("DEBUG SET-ACTIVE-EXPIRE leaves expired keys to whoever looks") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  REQUIRE(client.Do("DEBUG SET-ACTIVE-EXPIRE 0").Is("OK"));
  client.Do("SET k v PX 1");
  CHECK(PollUntil(5000, [&] {
    return client.Do("PTTL other").IsInteger(-2) && client.Do("TTL k").integer != 0;
  }));
  CHECK(client.Do("GET k").is_null);
  client.Do("SET k v PX 1");
  REQUIRE(client.Do("DEBUG SET-ACTIVE-EXPIRE 1").Is("OK"));
  CHECK(PollUntil(10'000, [&] { return client.Do("DBSIZE").IsInteger(0); }));
}

TEST_CASE("the switches that test suites throw are there") {
  Server server({"--enable-debug-command", "yes"});
  Connection client = server.Client();
  for (const char* line :
       {"DEBUG LOG hello", "DEBUG QUICKLIST-PACKED-THRESHOLD 100b",
        "DEBUG QUICKLIST-PACKED-THRESHOLD 0", "DEBUG SET-DISABLE-DENY-SCRIPTS 0",
        "DEBUG REPLYBUFFER PEAK-RESET-TIME 100", "DEBUG REPLYBUFFER RESIZING 1",
        "DEBUG PAUSE-CRON 0", "DEBUG SET-SKIP-CHECKSUM-VALIDATION 0", "DEBUG CHANGE-REPL-ID"}) {
    INFO(std::string(line));
    CHECK(client.Do(line).Is("OK"));
  }
  CHECK(server.process().WaitLog("hello", 5000));
  CHECK(client.Call({"DEBUG", "ERROR", "FOO bar"}).Print() == "-FOO bar");
  CHECK(client.Do("DEBUG HTSTATS 0").text.find("[Dictionary HT]") == 0);
  CHECK(client.Do("DEBUG NONSENSE").Print() ==
        "-ERR unknown subcommand or wrong number of arguments for 'NONSENSE'. Try DEBUG HELP.");
  CHECK(client.Do("DEBUG").Print() == "-ERR wrong number of arguments for 'debug' command");
}

}  // namespace
}  // namespace torc::testing
