#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

constexpr const char* kAborted =
    "(error) EXECABORT Transaction discarded because of previous errors.";

TEST_CASE("a transaction answers each command and runs them as one unit of effects") {
  EngineHarness engine;
  CHECK(engine.Run("MULTI") == "OK");
  CHECK(engine.Run("SET k 1") == "QUEUED");
  CHECK(engine.Run("INCR k") == "QUEUED");
  CHECK(engine.Run("GET k") == "QUEUED");
  CHECK(engine.Run("SELECT 2") == "QUEUED");
  CHECK(engine.Run("SET 'other key' ''") == "QUEUED");
  CHECK(engine.TakeEffects().empty());
  CHECK(engine.Run("EXEC") == "[OK, 2, \"2\", OK, OK]");
  CHECK(engine.TakeEffects() ==
        std::vector<std::string>{"SET k 1 | set k", "INCR k | incrby k",
                                 "2: SET \"other key\" \"\" | set other key", "."});
  CHECK(engine.Run("GET 'other key'") == "\"\"");
  CHECK(engine.Run("MULTI") == "OK");
  CHECK(engine.Run("EXEC") == "[]");
}

TEST_CASE("PFCOUNT changes a watched key when it keeps its estimate, and tells nobody else") {
  EngineHarness engine;
  engine.Run("CONFIG SET notify-keyspace-events KEA");
  TestClient& listener = engine.NewClient();
  engine.Run("PFADD h a b c");
  listener.Run("PSUBSCRIBE *");
  listener.Received();
  TestClient& other = engine.NewClient();
  const auto exec_after = [&](const std::string& between) {
    engine.Run("WATCH h");
    other.Run(between);
    engine.Run("MULTI");
    return engine.Run("EXEC");
  };
  CHECK(exec_after("PFCOUNT h") == "(nil)");
  CHECK(exec_after("PFCOUNT h") == "[]");
  CHECK(exec_after("PFCOUNT h nothing") == "[]");
  CHECK(listener.Received().empty());
}

TEST_CASE("errors while running abort nothing, errors while queueing everything") {
  EngineHarness engine;
  engine.Run("MULTI");
  engine.Run("SET k v");
  engine.Run("INCR k");
  engine.Run("SET l v");
  CHECK(engine.Run("EXEC") == "[OK, (error) ERR value is not an integer or out of range, OK]");
  for (const char* wrong : {"NOSUCH x", "GET", "CONFIG NOSUCH", "SHUTDOWN", "MULTI extra"}) {
    CAPTURE(wrong);
    engine.Run("MULTI");
    CHECK(engine.Run(wrong).substr(0, 7) == "(error)");
    CHECK(engine.Run("DEL k l") == "QUEUED");
    CHECK(engine.Run("EXEC") == kAborted);
    CHECK(engine.Run("EXISTS k l") == "2");
  }
}

TEST_CASE("what belongs to the transaction itself is never queued") {
  EngineHarness engine;
  CHECK(engine.Run("EXEC") == "(error) ERR EXEC without MULTI");
  CHECK(engine.Run("DISCARD") == "(error) ERR DISCARD without MULTI");
  engine.Run("MULTI");
  CHECK(engine.Run("MULTI") == "(error) ERR MULTI calls can not be nested");
  CHECK(engine.Run("WATCH k") == "(error) ERR WATCH inside MULTI is not allowed");
  CHECK(engine.Run("UNWATCH") == "QUEUED");
  CHECK(engine.Run("EXEC") == "[OK]");
  engine.Run("MULTI");
  CHECK(engine.Run("EXEC now") ==
        "(error) EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' "
        "command");
  CHECK(engine.Run("EXEC") == "(error) ERR EXEC without MULTI");
  engine.Run("MULTI");
  engine.Run("SET k v");
  CHECK(engine.Run("DISCARD") == "OK");
  CHECK(engine.Run("EXISTS k") == "0");
  engine.Run("MULTI");
  CHECK(engine.Run("RESET") == "RESET");
  CHECK(engine.Run("EXEC") == "(error) ERR EXEC without MULTI");
  engine.Run("MULTI");
  CHECK(engine.Run("QUIT") == "OK");
  CHECK_FALSE(engine.client().connected());
}

TEST_CASE("a key watched and then changed, by whomever, stops the transaction") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  const auto exec_after = [&](TestClient& client, const char* change) {
    engine.Run("SET k v");
    engine.Run("DEL new l");
    engine.Run("WATCH k new k");
    client.Run(change);
    engine.Run("MULTI");
    engine.Run("PING");
    return engine.Run("EXEC");
  };
  for (const char* change :
       {"SET k v", "APPEND k x", "DEL k", "PEXPIRE k 5000", "RENAME k l", "RENAME k new",
        "SET new 1", "COPY k new", "FLUSHALL", "FLUSHDB", "SWAPDB 0 3", "MOVE k 5"}) {
    CAPTURE(change);
    CHECK(exec_after(other, change) == "(nil)");
    other.Run("FLUSHALL");
    CHECK(exec_after(engine.client(), change) == "(nil)");
    other.Run("FLUSHALL");
  }
  for (const char* harmless : {"GET k", "GET new", "SET other v", "DEL new", "TOUCH k",
                               "SWAPDB 1 2", "SETNX k w", "PERSIST k"}) {
    CAPTURE(harmless);
    CHECK(exec_after(other, harmless) == "[PONG]");
  }
}

TEST_CASE("watching is over after EXEC, DISCARD, UNWATCH, RESET and the client's end") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  const WatchTable& watches = engine.keyspace().watches();
  for (const char* end : {"EXEC", "DISCARD", "UNWATCH", "RESET"}) {
    CAPTURE(end);
    engine.Run("WATCH a b");
    CHECK(watches.key_count() == 2);
    if (std::string(end) != "UNWATCH") engine.Run("MULTI");
    engine.Run(end);
    CHECK(watches.key_count() == 0);
  }
  other.Run("WATCH a");
  engine.Run("WATCH a b");
  CHECK(watches.key_count() == 2);
  other.Disconnect();
  engine.Run("UNWATCH");
  CHECK(watches.key_count() == 0);
}

TEST_CASE("a watched key that expires stops the transaction, one that had expired does not") {
  EngineHarness engine;
  const auto exec = [&] {
    engine.Run("MULTI");
    engine.Run("PING");
    return engine.Run("EXEC");
  };
  engine.Run("SET k v PX 100");
  engine.Run("WATCH k");
  engine.AdvanceMs(101);
  CHECK(exec() == "(nil)");

  engine.Run("SET k v PX 100");
  engine.Run("WATCH k");
  engine.AdvanceMs(101);
  engine.Tick();
  CHECK(exec() == "(nil)");

  engine.Run("SET k v PX 100");
  engine.AdvanceMs(101);
  engine.Run("WATCH k");
  engine.Tick();
  CHECK(exec() == "[PONG]");

  engine.Run("WATCH gone");
  engine.Run("SET gone v PX 100");
  CHECK(exec() == "(nil)");
}

TEST_CASE("keys that exist neither before nor after do not change when databases do") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  const auto exec_after = [&](const char* change) {
    engine.Run("WATCH nokey");
    other.Run(change);
    engine.Run("MULTI");
    engine.Run("PING");
    return engine.Run("EXEC");
  };
  other.Run("SELECT 1");
  other.Run("SET there 1");
  CHECK(exec_after("FLUSHALL") == "[PONG]");
  other.Run("SET there 1");
  CHECK(exec_after("SWAPDB 0 1") == "[PONG]");
  other.Run("SET nokey 1");
  CHECK(exec_after("SWAPDB 1 0") == "(nil)");
}

TEST_CASE("reply modes set inside a transaction begin with the next command") {
  EngineHarness engine;
  engine.Run("MULTI");
  engine.Run("CLIENT REPLY SKIP");
  engine.Run("PING");
  CHECK(engine.client().Wire("EXEC") == "*2\r\n+PONG\r\n");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("PING") == "PONG");
  engine.Run("MULTI");
  engine.Run("PING");
  engine.Run("CLIENT REPLY OFF");
  engine.Run("PING");
  CHECK(engine.client().Wire("EXEC") == "*3\r\n+PONG\r\n");
  CHECK(engine.Run("MULTI") == "(no reply)");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("EXEC") == "(no reply)");
  CHECK(engine.Run("CLIENT REPLY ON") == "OK");
}

TEST_CASE("CLIENT LIST tells of open transactions and what they keep") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  const auto has = [&](const char* text) {
    return other.Run("CLIENT LIST ID 1").find(text) != std::string::npos;
  };
  CHECK(has(" multi=-1 "));
  CHECK(has(" multi-mem=0 "));
  engine.Run("WATCH k");
  engine.Run("MULTI");
  engine.Run("SET k v");
  CHECK(has(" multi=1 "));
  CHECK(has(" flags=x "));
  CHECK_FALSE(has(" multi-mem=0 "));
  other.Run("SET k v");
  CHECK(has(" flags=xd "));
  engine.Run("NOSUCH");
  CHECK(engine.Run("SET k v") == "QUEUED");
  CHECK(has(" multi=1 "));
}

TEST_CASE("a transaction that writes waits for the end of a pause") {
  EngineHarness engine;
  engine.Run("MULTI");
  engine.Run("SET k v");
  engine.NewClient().Run("CLIENT PAUSE 1000 WRITE");
  CHECK(engine.Run("GET k") == "QUEUED");
  CHECK(engine.Run("EXEC") == "(deferred)");
  engine.AdvanceMs(1001);
  engine.Tick();
  CHECK(engine.Run("EXEC") == "[OK, \"v\"]");
}

// Redis tells nobody who watches a stream of what is changed beside its entries.
TEST_CASE("groups of a watched stream may change, its entries may not") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  const auto disturbed = [&](std::string_view change) {
    other.Run("FLUSHALL");
    other.Run("XADD x 1-1 f v");
    other.Run("XADD x 2-1 f v");
    other.Run("XGROUP CREATE x g 0");
    other.Run("XREADGROUP GROUP g c COUNT 1 STREAMS x >");
    engine.Run("WATCH x y");
    CHECK(other.Run(change).substr(0, 7) != "(error)");
    engine.Run("MULTI");
    engine.Run("PING");
    return engine.Run("EXEC") == "(nil)";
  };
  for (const std::string_view change :
       {"XGROUP CREATE x g2 $", "XGROUP CREATE x g3 $ MKSTREAM", "XGROUP SETID x g 0",
        "XGROUP CREATECONSUMER x g d", "XGROUP DELCONSUMER x g c", "XGROUP DESTROY x g",
        "XREADGROUP GROUP g d STREAMS x >", "XACK x g 1-1", "XCLAIM x g d 0 1-1",
        "XAUTOCLAIM x g d 0 0", "XSETID x 9-9"}) {
    CAPTURE(std::string(change));
    CHECK_FALSE(disturbed(change));
  }
  for (const std::string_view change :
       {"XGROUP CREATE y g $ MKSTREAM", "XADD x * f v", "XDEL x 1-1", "XTRIM x MAXLEN 1"}) {
    CAPTURE(std::string(change));
    CHECK(disturbed(change));
  }
}

TEST_CASE("EXEC is no failure when one of its commands is") {
  EngineHarness engine;
  engine.Run("SET k v");
  engine.Run("CONFIG RESETSTAT");
  engine.Run("MULTI");
  engine.Run("INCR k");
  engine.Run("EXEC");
  const std::string info = engine.Run("INFO all");
  CHECK(info.find("errorstat_ERR:count=1") != std::string::npos);
  const size_t exec = info.find("cmdstat_exec:calls=1");
  REQUIRE(exec != std::string::npos);
  CHECK(info.substr(exec, 90).find("failed_calls=0") != std::string::npos);
  CHECK(info.find("cmdstat_incr:calls=1") != std::string::npos);
}

}  // namespace
}  // namespace torc
