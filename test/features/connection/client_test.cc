#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("CLIENT SETNAME and SETINFO take plain words only") {
  EngineHarness engine;
  CHECK(engine.Run("CLIENT GETNAME") == "(nil)");
  CHECK(engine.Run("CLIENT SETNAME worker") == "OK");
  CHECK(engine.Run("CLIENT GETNAME") == "\"worker\"");
  CHECK(engine.Run("CLIENT SETNAME 'a b'") ==
        "(error) ERR Client names cannot contain spaces, newlines or special characters.");
  CHECK(engine.Run("CLIENT SETNAME ''") == "OK");
  CHECK(engine.Run("CLIENT GETNAME") == "(nil)");
  CHECK(engine.Run("CLIENT SETINFO lib-name lettuce") == "OK");
  CHECK(engine.Run("CLIENT SETINFO LIB-VER '1 2'") ==
        "(error) ERR LIB-VER cannot contain spaces, newlines or special characters.");
  CHECK(engine.Run("CLIENT SETINFO foo bar") == "(error) ERR Unrecognized option 'foo'");
  CHECK(engine.client().session().lib_name == "lettuce");
}

TEST_CASE("CLIENT REPLY silences one command or all") {
  EngineHarness engine;
  CHECK(engine.Run("CLIENT REPLY SKIP") == "(no reply)");
  CHECK(engine.Run("SET k 1") == "(no reply)");
  CHECK(engine.Run("GET k") == "\"1\"");
  CHECK(engine.Run("CLIENT REPLY SKIP") == "(no reply)");
  CHECK(engine.Run("CLIENT REPLY SKIP") == "(no reply)");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("PING") == "PONG");
  CHECK(engine.Run("CLIENT REPLY OFF") == "(no reply)");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("CLIENT REPLY SKIP") == "(no reply)");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("PING") == "(no reply)");
  CHECK(engine.Run("CLIENT REPLY ON") == "OK");
  CHECK(engine.Run("CLIENT REPLY perhaps") == "(error) ERR syntax error");
}

TEST_CASE("CLIENT INFO has every field of Redis 7.2, in its order") {
  EngineHarness engine;
  engine.Run("SELECT 2");
  engine.Run("CLIENT SETNAME me");
  engine.Run("CLIENT NO-TOUCH ON");
  engine.Run("CLIENT SETINFO LIB-NAME lib");
  engine.AdvanceMs(5000);
  CHECK(engine.Run("CLIENT INFO") ==
        "\"id=1 addr=127.0.0.1:10001 laddr=127.0.0.1:6379 fd=101 name=me age=5 idle=0 flags=T db=2 "
        "sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=10 multi-mem=0 rbs=0 rbp=0 obl=0 "
        "oll=0 omem=0 tot-mem=0 events=r cmd=client|info user=default redir=-1 resp=2 lib-name=lib "
        "lib-ver=\\n\"");
  engine.Run("HELLO 3");
  CHECK(engine.Run("CLIENT INFO").find("(verbatim) \"") == 0);
}

TEST_CASE("CLIENT LIST shows all clients, or some by type or id") {
  EngineHarness engine;
  engine.NewClient();
  TestClient& third = engine.NewClient();
  third.Run("GET k");
  const std::string all = engine.Run("CLIENT LIST");
  CHECK(all.find("\"id=1 ") == 0);
  CHECK(all.find("\\nid=2 ") != std::string::npos);
  CHECK(all.find("cmd=NULL") != std::string::npos);
  CHECK(all.find("cmd=get") != std::string::npos);
  CHECK(engine.Run("CLIENT LIST ID 3").find("\"id=3 ") == 0);
  CHECK(engine.Run("CLIENT LIST ID 77 78") == "\"\"");
  CHECK(engine.Run("CLIENT LIST TYPE Normal").find("\"id=1 ") == 0);
  CHECK(engine.Run("CLIENT LIST TYPE pubsub") == "\"\"");
  CHECK(engine.Run("CLIENT LIST TYPE foo") == "(error) ERR Unknown client type 'foo'");
  CHECK(engine.Run("CLIENT LIST ID x") == "(error) ERR Invalid client ID");
  CHECK(engine.Run("CLIENT LIST ID") == "(error) ERR syntax error");
  CHECK(engine.Run("CLIENT LIST TYPE normal ID 1") == "(error) ERR syntax error");
}

TEST_CASE("CLIENT KILL by address disconnects, the caller too") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  CHECK(engine.Run("CLIENT KILL 127.0.0.1:9") == "(error) ERR No such client");
  CHECK(engine.Run("CLIENT KILL 127.0.0.1:10002") == "OK");
  CHECK(other.Run("PING") == "(disconnected)");
  CHECK(engine.Run("CLIENT KILL 127.0.0.1:10001") == "OK");
  CHECK(engine.Run("PING") == "(disconnected)");
}

TEST_CASE("CLIENT KILL by filters spares the caller unless told otherwise") {
  EngineHarness engine;
  TestClient& second = engine.NewClient();
  TestClient& third = engine.NewClient();
  CHECK(engine.Run("CLIENT KILL ID 2 ADDR 127.0.0.1:10003") == "0");
  CHECK(engine.Run("CLIENT KILL ID 2") == "1");
  CHECK_FALSE(second.connected());
  CHECK(engine.Run("CLIENT KILL TYPE normal LADDR 127.0.0.1:6379 USER default") == "1");
  CHECK_FALSE(third.connected());
  CHECK(engine.Run("CLIENT KILL ID 1") == "0");
  CHECK(engine.Run("CLIENT KILL ID 1 SKIPME no") == "1");
  CHECK_FALSE(engine.client().connected());
}

TEST_CASE("CLIENT KILL refuses wrong filters") {
  EngineHarness engine;
  CHECK(engine.Run("CLIENT KILL ID 0 SKIPME yes") ==
        "(error) ERR client-id should be greater than 0");
  CHECK(engine.Run("CLIENT KILL ID x") == "(error) ERR client-id should be greater than 0");
  CHECK(engine.Run("CLIENT KILL TYPE foo") == "(error) ERR Unknown client type 'foo'");
  CHECK(engine.Run("CLIENT KILL USER nobody") == "(error) ERR No such user 'nobody'");
  CHECK(engine.Run("CLIENT KILL SKIPME maybe") == "(error) ERR syntax error");
  CHECK(engine.Run("CLIENT KILL ADDR 1:1 FOO bar") == "(error) ERR syntax error");
  CHECK(engine.Run("CLIENT KILL ADDR 1:1 ID") == "(error) ERR syntax error");
}

TEST_CASE("CLIENT PAUSE makes commands wait until it ends") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  other.Run("SET k v PX 50");
  CHECK(engine.Run("CLIENT PAUSE 100") == "OK");
  CHECK(other.Run("GET k") == "(deferred)");
  CHECK(other.Run("CLIENT PAUSE 10 WRITE") == "(deferred)");
  CHECK(engine.Run("CLIENT UNPAUSE") == "OK");
  CHECK(other.Run("GET k") == "\"v\"");
  CHECK(engine.Run("CLIENT PAUSE 100 WRITE") == "OK");
  CHECK(other.Run("SET k w") == "(deferred)");
  CHECK(other.Run("GET k") == "\"v\"");
  engine.AdvanceMs(99);
  CHECK(other.Run("SET k w") == "(deferred)");
  engine.AdvanceMs(1);
  CHECK(other.Run("SET k w") == "OK");
}

TEST_CASE("a key that expired during a pause is there once when it is written behind the pause") {
  EngineHarness engine;
  engine.Run("SET k v PX 50");
  CHECK(engine.Run("CLIENT PAUSE 1000 WRITE") == "OK");
  engine.Tick();
  engine.AdvanceMs(100);
  engine.Tick();
  CHECK(engine.Run("GET k") == "(nil)");
  CHECK(engine.Run("CLIENT UNPAUSE") == "OK");
  CHECK(engine.Run("SETRANGE k 1 x") == "2");
  CHECK(engine.Run("KEYS *") == "[\"k\"]");
  CHECK(engine.Run("DBSIZE") == "1");
}

TEST_CASE("a second CLIENT PAUSE never shortens or weakens the first") {
  EngineHarness engine;
  TestClient& other = engine.NewClient();
  engine.Run("CLIENT PAUSE 100 ALL");
  engine.Run("CLIENT PAUSE 10 WRITE");
  engine.AdvanceMs(50);
  CHECK(other.Run("GET k") == "(deferred)");
  engine.AdvanceMs(50);
  engine.Run("CLIENT PAUSE 100 WRITE");
  CHECK(other.Run("GET k") == "(nil)");
  CHECK(engine.server().pauses_changed > 0);
}

TEST_CASE("CLIENT PAUSE refuses wrong times and modes") {
  EngineHarness engine;
  CHECK(engine.Run("CLIENT PAUSE soon") == "(error) ERR timeout is not an integer or out of range");
  CHECK(engine.Run("CLIENT PAUSE -1") == "(error) ERR timeout is negative");
  CHECK(engine.Run("CLIENT PAUSE 9223372036854775807") == "(error) ERR timeout is out of range");
  CHECK(engine.Run("CLIENT PAUSE 1 READ") == "(error) ERR CLIENT PAUSE mode must be WRITE or ALL");
}

TEST_CASE("CLIENT's small answers") {
  EngineHarness engine;
  CHECK(engine.NewClient().Run("CLIENT ID") == "2");
  CHECK(engine.Run("CLIENT GETREDIR") == "-1");
  CHECK(engine.Run("CLIENT TRACKINGINFO") ==
        "[\"flags\", [\"off\"], \"redirect\", -1, \"prefixes\", []]");
  CHECK(engine.Run("CLIENT NO-EVICT perhaps") == "(error) ERR syntax error");
  CHECK(engine.Run("CLIENT NO-EVICT on") == "OK");
  CHECK(engine.client().session().no_evict);
  CHECK(engine.Run("CLIENT") == "(error) ERR wrong number of arguments for 'client' command");
  CHECK(engine.Run("CLIENT FOO") == "(error) ERR unknown subcommand 'FOO'. Try CLIENT HELP.");
  const Reply help = engine.Ask("CLIENT HELP");
  REQUIRE(help.elements.size() > 4);
  CHECK(help.elements[0].text == "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
}

TEST_CASE("passwords do not reach the slow log") {
  EngineHarness engine;
  engine.options().slowlog.slower_than_us = 0;
  engine.options().access.users.SetDefaultPassword("secret");
  engine.Run("AUTH secret");
  engine.Run("AUTH default secret");
  engine.Run("HELLO 3 AUTH default secret SETNAME x");
  const auto& entries = engine.shard().services().slowlog->entries();
  REQUIRE(entries.size() == 3);
  CHECK(entries[2].args == std::vector<std::string>{"AUTH", "(redacted)"});
  CHECK(entries[1].args == std::vector<std::string>{"AUTH", "(redacted)", "(redacted)"});
  CHECK(entries[0].args ==
        std::vector<std::string>{"HELLO", "3", "AUTH", "(redacted)", "(redacted)", "SETNAME", "x"});
  CHECK(entries[0].client_address == "127.0.0.1:10001");
}

}  // namespace
}  // namespace torc
