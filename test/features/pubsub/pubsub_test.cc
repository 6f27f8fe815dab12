#include <doctest/doctest.h>

#include <string>

#include "command/pubsub.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

// The wire form of an array (or push) of bulk strings.
std::string Bulks(std::initializer_list<std::string> words, char type = '*') {
  std::string out = type + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return out;
}

TEST_CASE("a message reaches the channel's subscribers and those of matching patterns") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  a.Run("HELLO 3");
  CHECK(a.Wire("SUBSCRIBE news") == ">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  CHECK(
      b.Wire("PSUBSCRIBE n* x?") ==
      "*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:1\r\n*3\r\n$10\r\npsubscribe\r\n$2\r\nx?\r\n:2\r\n");
  CHECK(engine.Run("PUBLISH news hello") == "2");
  CHECK(a.Received() == Bulks({"message", "news", "hello"}, '>'));
  CHECK(b.Received() == Bulks({"pmessage", "n*", "news", "hello"}));
  CHECK(engine.Run("PUBLISH other hello") == "0");
  CHECK(engine.Run("PUBLISH xy ''") == "1");
  CHECK(a.Received().empty());
  CHECK(b.Received() == Bulks({"pmessage", "x?", "xy", ""}));
}

TEST_CASE("shard channels are a world of their own") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("SUBSCRIBE c");
  CHECK(a.Wire("SSUBSCRIBE c d") ==
        "*3\r\n$10\r\nssubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$10\r\nssubscribe\r\n$1\r\nd\r\n:2\r\n");
  CHECK(engine.Run("SPUBLISH c m") == "1");
  CHECK(a.Received() == Bulks({"smessage", "c", "m"}));
  CHECK(engine.Run("PUBLISH d m") == "0");
  CHECK(engine.Run("PUBSUB SHARDCHANNELS d*") == "[\"d\"]");
  CHECK(engine.Run("PUBSUB SHARDNUMSUB c x") == "[\"c\", 1, \"x\", 0]");
  CHECK(a.Wire("SUNSUBSCRIBE") ==
        "*3\r\n$12\r\nsunsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$12\r\nsunsubscribe\r\n$1\r\nd\r\n:"
        "0\r\n");
  CHECK(engine.Run("SPUBLISH c m") == "0");
  CHECK(engine.Run("PUBLISH c m") == "1");
}

TEST_CASE("unsubscribing answers for each name, and once when there is none") {
  EngineHarness engine;
  CHECK(engine.client().Wire("UNSUBSCRIBE") == "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n");
  CHECK(engine.client().Wire("UNSUBSCRIBE x") == "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:0\r\n");
  engine.Run("HELLO 3");
  CHECK(engine.client().Wire("PUNSUBSCRIBE") == ">3\r\n$12\r\npunsubscribe\r\n_\r\n:0\r\n");
  engine.Run("SUBSCRIBE a");
  engine.Run("SUBSCRIBE b");
  engine.Run("SUBSCRIBE b");
  CHECK(
      engine.client().Wire("UNSUBSCRIBE b a") ==
      ">3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n>3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
}

TEST_CASE("under RESP2 a subscriber may only subscribe, ping and leave") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  a.Run("SUBSCRIBE c");
  CHECK(a.Run("GET k") ==
        "(error) ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
        "RESET are allowed in this context");
  CHECK(a.Run("PING") == "[\"pong\", \"\"]");
  CHECK(a.Run("PING hi") == "[\"pong\", \"hi\"]");
  a.Run("UNSUBSCRIBE c");
  CHECK(a.Run("PING") == "PONG");
  a.Run("SSUBSCRIBE c");
  CHECK(a.Run("MULTI").substr(0, 7) == "(error)");
  CHECK(a.Run("RESET") == "RESET");
  CHECK(a.Run("GET k") == "(nil)");
  a.Run("HELLO 3");
  a.Run("SUBSCRIBE c");
  CHECK(a.Run("GET k") == "(nil)");
  CHECK(a.Run("PING") == "PONG");
}

TEST_CASE("what a client publishes to itself follows the reply, also behind EXEC") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("SUBSCRIBE c");
  const std::string message = Bulks({"message", "c", "m"}, '>');
  CHECK(engine.client().Wire("PUBLISH c m") == ":1\r\n" + message);
  engine.Run("MULTI");
  engine.Run("PUBLISH c m");
  engine.Run("PING");
  CHECK(engine.client().Wire("EXEC") == "*2\r\n:1\r\n+PONG\r\n" + message);
  CHECK(engine.Run("CLIENT REPLY OFF") == "(no reply)");
  CHECK(engine.client().Wire("PUBLISH c m") == message);
  CHECK(engine.client().Wire("SUBSCRIBE d") == ">3\r\n$9\r\nsubscribe\r\n$1\r\nd\r\n:2\r\n");
}

TEST_CASE("PUBSUB tells who listens, CLIENT LIST who is who, INFO how many") {
  EngineHarness engine;
  TestClient& a = engine.NewClient();
  TestClient& b = engine.NewClient();
  a.Run("SUBSCRIBE one");
  b.Run("SUBSCRIBE one");
  b.Run("PSUBSCRIBE p*");
  CHECK(engine.Run("PUBSUB CHANNELS") == "[\"one\"]");
  CHECK(engine.Run("PUBSUB CHANNELS x*") == "[]");
  CHECK(engine.Run("PUBSUB NUMSUB one two") == "[\"one\", 2, \"two\", 0]");
  CHECK(engine.Run("PUBSUB NUMPAT") == "1");
  CHECK(engine.Run("PUBSUB CHANNELS a b") ==
        "(error) ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB "
        "HELP.");
  const std::string list = engine.Run("CLIENT LIST TYPE pubsub");
  CHECK(list.find("id=2 ") != std::string::npos);
  CHECK(list.find(" flags=P db=0 sub=1 psub=1 ssub=0 ") != std::string::npos);
  CHECK(list.find("id=1 ") == std::string::npos);
  const std::string info = engine.Run("INFO stats");
  CHECK(info.find("pubsub_channels:1\\r\\npubsub_patterns:1\\r\\npubsubshard_channels:0") !=
        std::string::npos);
  a.Disconnect();
  CHECK(engine.Run("PUBSUB NUMSUB one") == "[\"one\", 1]");
  b.Disconnect();
  CHECK(engine.Run("PUBSUB CHANNELS") == "[]");
  CHECK(engine.Run("PUBSUB NUMPAT") == "0");
}

TEST_CASE("subscribers may come and go in any order") {
  Outbox outbox;
  PubsubRegistry registry(&outbox);
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 50; ++i) {
    sessions.push_back(std::make_unique<Session>());
    CHECK(registry.Subscribe(*sessions.back(), ChannelKind::kChannel, "c"));
    registry.Subscribe(*sessions.back(), ChannelKind::kChannel, "d" + std::to_string(i % 7));
  }
  for (size_t i = 0; i < 50; i += 3) registry.UnsubscribeAll(*sessions[i]);
  for (size_t i = 1; i < 50; i += 3) {
    CHECK(registry.Unsubscribe(*sessions[i], ChannelKind::kChannel, "c"));
    CHECK_FALSE(registry.Unsubscribe(*sessions[i], ChannelKind::kChannel, "c"));
  }
  CHECK(registry.Publish(ChannelKind::kChannel, "c", "m") == 16);
  for (size_t i = 0; i < 50; ++i) {
    CHECK(sessions[i]->replies.empty() == (i % 3 != 2));
    registry.UnsubscribeAll(*sessions[i]);
    outbox.Forget(*sessions[i]);
  }
  CHECK(registry.Count(ChannelKind::kChannel) == 0);
}

TEST_CASE("a monitor sees what others run, without secrets, and itself behind its replies") {
  EngineHarness engine;
  TestClient& monitor = engine.NewClient();
  CHECK(monitor.Run("MONITOR") == "OK");
  const auto seen = [&] {
    const std::string line = monitor.Received();
    return line.empty() ? line : line.substr(line.find('['));
  };
  engine.Run("SET k 'a \"b\"'");
  CHECK(seen() == "[0 127.0.0.1:10001] \"SET\" \"k\" \"a \\\"b\\\"\"\r\n");
  engine.Run("AUTH secret word");
  CHECK(seen() == "[0 127.0.0.1:10001] \"AUTH\" \"(redacted)\" \"(redacted)\"\r\n");
  engine.Run("CONFIG GET port");
  CHECK(seen().empty());
  engine.Run("MULTI");
  seen();
  engine.Run("PING");
  CHECK(seen().empty());
  engine.Run("EXEC");
  const std::string lines = monitor.Received();
  CHECK(lines.find("\"PING\"") < lines.find("\"EXEC\""));
  CHECK(monitor.Wire("ECHO x").substr(0, 8) == "$1\r\nx\r\n+");
  CHECK(monitor.Run("GET k") == "(error) ERR Replica can't interact with the keyspace");
  CHECK(engine.Run("CLIENT LIST ID 2").find(" flags=O ") != std::string::npos);
  monitor.Run("RESET");
  engine.Run("PING");
  CHECK(monitor.Received().empty());
  engine.Run("MULTI");
  engine.Run("MONITOR");
  CHECK(engine.Run("EXEC") == "[(error) ERR MONITOR isn't allowed for DENY BLOCKING client]");
}

}  // namespace
}  // namespace torc
