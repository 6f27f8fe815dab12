#include <doctest/doctest.h>

#include <string>

#include "command/tracking.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

// The push that names these keys.
std::string Invalidate(std::initializer_list<std::string> keys) {
  std::string out = ">2\r\n$10\r\ninvalidate\r\n*" + std::to_string(keys.size()) + "\r\n";
  for (const std::string& key : keys) {
    out += "$" + std::to_string(key.size()) + "\r\n" + key + "\r\n";
  }
  return out;
}

// A RESP3 client that tracks.
TestClient& Tracker(EngineHarness& engine, const std::string& options) {
  TestClient& client = engine.NewClient();
  client.Run("HELLO 3");
  CHECK(client.Run("CLIENT TRACKING ON " + options) == "OK");
  return client;
}

TEST_CASE(
    "notifications of new keys change nothing for who wants to hear of others' changes only") {
  EngineHarness engine;
  engine.Run("CONFIG SET notify-keyspace-events KEAn");
  TestClient& cache = Tracker(engine, "NOLOOP");
  cache.Run("GET k");
  cache.Run("SET k 1");
  CHECK(cache.Received().empty());
  TestClient& broadcast = Tracker(engine, "BCAST NOLOOP");
  broadcast.Run("SET l 1");
  engine.shard().SendBroadcasts();
  CHECK(broadcast.Received().empty());
}

TEST_CASE("a smaller table gives up keys at once, and an estimate that is kept is a change") {
  EngineHarness engine;
  TestClient& a = Tracker(engine, "");
  for (const char* key : {"a", "b", "c"}) a.Run("GET " + std::string(key));
  CHECK(engine.Run("CONFIG SET tracking-table-max-keys 2") == "OK");
  CHECK(a.Received().size() == Invalidate({"a"}).size());
  CHECK(engine.shard().services().tracking->key_count() == 2);
  engine.Run("CONFIG SET tracking-table-max-keys 0");
  engine.Run("PFADD h x y");
  a.Run("PFCOUNT h");
  a.Received();
  engine.Run("PFCOUNT h");
  CHECK(a.Received().empty());
  engine.Run("PFADD h z");
  CHECK(a.Received() == Invalidate({"h"}));
  a.Run("EXISTS h");
  engine.Run("PFCOUNT h");
  CHECK(a.Received() == Invalidate({"h"}));
}

TEST_CASE("a client is told once of a change of a key that it has read") {
  EngineHarness engine;
  TestClient& a = Tracker(engine, "");
  a.Run("MGET k l");
  engine.Run("SET k 1");
  CHECK(a.Received() == Invalidate({"k"}));
  engine.Run("SET k 2");
  CHECK(a.Received().empty());
  a.Run("GET k");
  engine.Run("SELECT 3");
  engine.Run("SET k 2");
  CHECK(a.Received() == Invalidate({"k"}));
  CHECK(a.Wire("GET l") == "_\r\n");
  CHECK(a.Wire("SET l 1") == "+OK\r\n" + Invalidate({"l"}));
  a.Run("GET l");
  a.Wire("PEXPIRE l 100");
  a.Run("GET l");
  engine.AdvanceMs(101);
  engine.Tick();
  CHECK(a.Received() == Invalidate({"l"}));
  CHECK(engine.shard().services().tracking->key_count() == 0);
  a.Run("CLIENT TRACKING OFF");
  a.Run("GET k");
  engine.Run("SET k 3");
  CHECK(a.Received().empty());
}

TEST_CASE("a transaction's reads count, and its own writes are told behind its reply") {
  EngineHarness engine;
  TestClient& a = Tracker(engine, "");
  a.Run("MULTI");
  a.Run("GET k");
  a.Run("SET k 5");
  CHECK(a.Wire("EXEC") == "*2\r\n_\r\n+OK\r\n" + Invalidate({"k"}));
  TestClient& quiet = Tracker(engine, "NOLOOP");
  quiet.Run("GET k");
  CHECK(quiet.Wire("SET k 6") == "+OK\r\n");
}

TEST_CASE("flushing tells everybody that everything has changed") {
  EngineHarness engine;
  TestClient& a = Tracker(engine, "");
  engine.Run("SET k v");
  engine.Run("FLUSHALL");
  CHECK(a.Received() == ">2\r\n$10\r\ninvalidate\r\n_\r\n");
  engine.Run("FLUSHDB");
  CHECK(a.Received() == ">2\r\n$10\r\ninvalidate\r\n_\r\n");
}

TEST_CASE("with OPTIN and OPTOUT the next command decides") {
  EngineHarness engine;
  TestClient& in = Tracker(engine, "OPTIN");
  TestClient& out = Tracker(engine, "OPTOUT");
  const auto told = [&](TestClient& client) {
    engine.Run("SET k v");
    return !client.Received().empty();
  };
  in.Run("GET k");
  CHECK_FALSE(told(in));
  in.Run("CLIENT CACHING YES");
  in.Run("CLIENT TRACKINGINFO");
  in.Run("GET k");
  CHECK(told(in));
  in.Run("GET k");
  CHECK_FALSE(told(in));
  in.Run("CLIENT CACHING YES");
  in.Run("MULTI");
  in.Run("PING");
  in.Run("GET k");
  in.Run("EXEC");
  CHECK(told(in));
  out.Received();
  out.Run("CLIENT CACHING NO");
  out.Run("GET k");
  CHECK_FALSE(told(out));
  out.Run("GET k");
  CHECK(told(out));
}

TEST_CASE("broadcasts name the changed keys of each prefix together") {
  EngineHarness engine;
  TestClient& a = Tracker(engine, "BCAST PREFIX k PREFIX m");
  TestClient& all = Tracker(engine, "BCAST NOLOOP");
  engine.Run("MSET k1 1 k2 2 m1 1 x 1 k1 2");
  CHECK(a.Received() == Invalidate({"k1", "k2"}) + Invalidate({"m1"}));
  CHECK(all.Received() == Invalidate({"k1", "k2", "m1", "x"}));
  all.Run("SET k1 1");
  CHECK(all.Received().empty());
  CHECK(a.Received() == Invalidate({"k1"}));
  CHECK(engine.shard().services().tracking->prefix_count() == 3);
  a.Disconnect();
  all.Run("RESET");
  CHECK(engine.shard().services().tracking->prefix_count() == 0);
}

TEST_CASE("under RESP2 another connection gets the messages, if it listens") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& receiver = engine.NewClient();
  receiver.Run("SUBSCRIBE __redis__:invalidate");
  CHECK(a.Run("CLIENT TRACKING ON REDIRECT 3") == "OK");
  CHECK(a.Run("CLIENT GETREDIR") == "3");
  a.Run("GET k");
  engine.Run("SET k v");
  CHECK(receiver.Received() ==
        "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n*1\r\n$1\r\nk\r\n");
  CHECK(a.Received().empty());
  receiver.Disconnect();
  a.Run("HELLO 3");
  a.Run("GET k");
  engine.Run("SET k v");
  CHECK(a.Received() == ">2\r\n$21\r\ntracking-redir-broken\r\n:3\r\n");
  CHECK(a.Run("CLIENT TRACKINGINFO") ==
        "{\"flags\": {\"on\", \"broken_redirect\"}, \"redirect\": 3, \"prefixes\": []}");
  CHECK(engine.Run("CLIENT LIST ID 2").find(" flags=tR ") != std::string::npos);
}

TEST_CASE("the table is bounded: a key that no longer fits counts as changed") {
  EngineHarness engine;
  engine.Run("CONFIG SET tracking-table-max-keys 10");
  TestClient& a = Tracker(engine, "");
  for (int i = 0; i < 25; ++i) a.Wire("GET k" + std::to_string(i));
  CHECK(engine.shard().services().tracking->key_count() == 10);
  CHECK(engine.shard().services().tracking->item_count() == 10);
}

TEST_CASE("what does not go together is refused") {
  EngineHarness engine;
  const auto tracking = [&](const std::string& words) {
    return engine.Run("CLIENT TRACKING " + words);
  };
  CHECK(tracking("x") == "(error) ERR syntax error");
  CHECK(tracking("ON REDIRECT 99") ==
        "(error) ERR The client ID you want redirect to does not exist");
  CHECK(tracking("ON PREFIX a") == "(error) ERR PREFIX option requires BCAST mode to be enabled");
  CHECK(tracking("ON BCAST OPTIN") == "(error) ERR OPTIN and OPTOUT are not compatible with BCAST");
  CHECK(tracking("ON OPTIN OPTOUT") ==
        "(error) ERR You can't specify both OPTIN mode and OPTOUT mode");
  CHECK(tracking("ON BCAST PREFIX ab PREFIX abc") ==
        "(error) ERR Prefix 'ab' overlaps with another provided prefix 'abc'. Prefixes for a "
        "single client must not overlap.");
  CHECK(tracking("ON BCAST PREFIX ab") == "OK");
  CHECK(tracking("ON BCAST PREFIX a") ==
        "(error) ERR Prefix 'a' overlaps with an existing prefix 'ab'. Prefixes for a single "
        "client must not overlap.");
  CHECK(tracking("ON BCAST PREFIX x NOLOOP") == "OK");
  CHECK(engine.Run("CLIENT TRACKINGINFO") ==
        "[\"flags\", [\"on\", \"bcast\", \"noloop\"], \"redirect\", 0, \"prefixes\", [\"ab\", "
        "\"x\"]]");
  CHECK(tracking("ON").find("switch BCAST mode") != std::string::npos);
  CHECK(tracking("OFF") == "OK");
  CHECK(engine.Run("CLIENT GETREDIR") == "-1");
  CHECK(engine.Run("CLIENT CACHING YES").find("can be called only when") != std::string::npos);
  CHECK(tracking("ON OPTOUT") == "OK");
  CHECK(engine.Run("CLIENT CACHING YES").find("only valid when tracking is enabled in OPTIN") !=
        std::string::npos);
  CHECK(tracking("ON OPTIN").find("switch OPTIN/OPTOUT mode") != std::string::npos);
}

}  // namespace
}  // namespace torc
