#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("XADD makes ids that grow, from the time or from what it is given") {
  EngineHarness engine;
  const std::string now = std::to_string(engine.clock().WallMs());
  CHECK(engine.Run("XADD s * f v") == "\"" + now + "-0\"");
  CHECK(engine.Run("XADD s * f v") == "\"" + now + "-1\"");
  CHECK(engine.Run("XADD t 5-1 f v") == "\"5-1\"");
  CHECK(engine.Run("XADD t 5-* f v") == "\"5-2\"");
  CHECK(engine.Run("XADD t 7 f v") == "\"7-0\"");
  CHECK(engine.Run("XADD t 5-9 f v") ==
        "(error) ERR The ID specified in XADD is equal or smaller than the target stream top item");
  CHECK(engine.Run("XADD t 0-0 f v") ==
        "(error) ERR The ID specified in XADD must be greater than 0-0");
  CHECK(engine.Run("XADD t 8-1 f") == "(error) ERR wrong number of arguments for 'xadd' command");
  CHECK(engine.Run("XADD t 8-1 f v g") ==
        "(error) ERR wrong number of arguments for 'xadd' command");
  CHECK(engine.Run("XADD none NOMKSTREAM 1-1 f v") == "(nil)");
  CHECK(engine.Run("EXISTS none") == "0");
  CHECK(engine.Run("XADD e 0-* f v") == "\"0-1\"");
  engine.Run("XADD e 18446744073709551615-18446744073709551615 f v");
  CHECK(engine.Run("XADD e * f v") ==
        "(error) ERR The stream has exhausted the last possible ID, unable to add more items");
  CHECK(engine.Run("OBJECT ENCODING e") == "\"stream\"");
  CHECK(engine.Run("TYPE e") == "stream");
}

TEST_CASE("options of trimming are judged in Redis's order and words") {
  EngineHarness engine;
  CHECK(engine.Run("XADD s MAXLEN = 3 LIMIT 2 * a b") ==
        "(error) ERR syntax error, LIMIT cannot be used without the special ~ option");
  CHECK(engine.Run("XADD s LIMIT 2 * a b") ==
        "(error) ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  CHECK(engine.Run("XADD s MAXLEN 3 MINID 3 * a b") ==
        "(error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  CHECK(engine.Run("XADD s MAXLEN -1 * a b") == "(error) ERR The MAXLEN argument must be >= 0.");
  CHECK(engine.Run("XTRIM s MAXLEN ~ 2 LIMIT -1") ==
        "(error) ERR The LIMIT argument must be >= 0.");
  CHECK(engine.Run("XTRIM s MAXLEN x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("EXISTS s") == "0");
  for (int i = 1; i <= 6; ++i) engine.Run("XADD s MAXLEN 4 " + std::to_string(i) + " f v");
  CHECK(engine.Run("XLEN s") == "4");
  CHECK(engine.Run("XTRIM s MINID 5") == "2");
  CHECK(engine.Run("XRANGE s - +") == "[[\"5-0\", [\"f\", \"v\"]], [\"6-0\", [\"f\", \"v\"]]]");
}

TEST_CASE("ranges have ends that belong to them or not, and counts") {
  EngineHarness engine;
  for (int i = 1; i <= 4; ++i)
    engine.Run("XADD s " + std::to_string(i) + "-1 n " + std::to_string(i));
  CHECK(engine.Run("XRANGE s 2 3 COUNT 1") == "[[\"2-1\", [\"n\", \"2\"]]]");
  CHECK(engine.Run("XRANGE s (3-1 +") == "[[\"4-1\", [\"n\", \"4\"]]]");
  CHECK(engine.Run("XREVRANGE s (2-1 -") == "[[\"1-1\", [\"n\", \"1\"]]]");
  CHECK(engine.Run("XREVRANGE s + - COUNT 1") == "[[\"4-1\", [\"n\", \"4\"]]]");
  CHECK(engine.client().Wire("XRANGE s - + COUNT 0") == "*-1\r\n");
  CHECK(engine.client().Wire("XRANGE none - + COUNT 0") == "*0\r\n");
  CHECK(engine.Run("XRANGE s (18446744073709551615-18446744073709551615 +") ==
        "(error) ERR invalid start ID for the interval");
  CHECK(engine.Run("XRANGE s - (0-0") == "(error) ERR invalid end ID for the interval");
  CHECK(engine.Run("XREVRANGE s (0-0 (abc") ==
        "(error) ERR Invalid stream ID specified as stream command argument");
  CHECK(engine.Run("XDEL s 1-1 1-1 9-9") == "1");
  CHECK(engine.Run("XDEL s x") ==
        "(error) ERR Invalid stream ID specified as stream command argument");
  CHECK(engine.client().Wire("XREAD COUNT 1 STREAMS s t 2-1 0") ==
        "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n3-1\r\n*2\r\n$1\r\nn\r\n$1\r\n3\r\n");
  CHECK(engine.client().Wire("XREAD STREAMS s $") == "*-1\r\n");
  engine.Run("HELLO 3");
  CHECK(engine.client().Wire("XREAD STREAMS s 3-1") ==
        "%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n4-1\r\n*2\r\n$1\r\nn\r\n$1\r\n4\r\n");
  CHECK(engine.client().Wire("XREAD STREAMS s $") == "_\r\n");
}

TEST_CASE("a group gives each entry to one consumer and keeps it until it is acknowledged") {
  EngineHarness engine;
  for (int i = 1; i <= 3; ++i) engine.Run("XADD s " + std::to_string(i) + " n v");
  CHECK(engine.Run("XGROUP CREATE s g 0") == "OK");
  CHECK(engine.Run("XGROUP CREATE s g 0") ==
        "(error) BUSYGROUP Consumer Group name already exists");
  CHECK(engine.Run("XREADGROUP GROUP g alice COUNT 2 STREAMS s >") ==
        "[[\"s\", [[\"1-0\", [\"n\", \"v\"]], [\"2-0\", [\"n\", \"v\"]]]]]");
  CHECK(engine.Run("XREADGROUP GROUP g bob STREAMS s >") ==
        "[[\"s\", [[\"3-0\", [\"n\", \"v\"]]]]]");
  CHECK(engine.Run("XREADGROUP GROUP g bob STREAMS s >") == "(nil)");
  CHECK(engine.Run("XPENDING s g") ==
        "[3, \"1-0\", \"3-0\", [[\"alice\", \"2\"], [\"bob\", \"1\"]]]");
  engine.AdvanceMs(70);
  CHECK(engine.Run("XPENDING s g - + 9 bob") == "[[\"3-0\", \"bob\", 70, 1]]");
  CHECK(engine.Run("XPENDING s g IDLE 71 - + 9") == "[]");
  CHECK(engine.Run("XACK s g 1-0 1-0") == "1");
  CHECK(engine.Run("XDEL s 2-0") == "1");
  CHECK(engine.Run("XREADGROUP GROUP g alice STREAMS s 0") == "[[\"s\", [[\"2-0\", (nil)]]]]");
  CHECK(engine.Run("XCLAIM s g alice 0 3-0 JUSTID") == "[\"3-0\"]");
  CHECK(engine.Run("XAUTOCLAIM s g carol 0 0") ==
        "[\"0-0\", [[\"3-0\", [\"n\", \"v\"]]], [\"2-0\"]]");
  CHECK(engine.Run("XPENDING s g - + 9") == "[[\"3-0\", \"carol\", 0, 2]]");
  CHECK(engine.Run("XGROUP DELCONSUMER s g carol") == "1");
  CHECK(engine.Run("XPENDING s g") == "[0, (nil), (nil), (nil)]");
  CHECK(engine.Run("XGROUP DESTROY s g") == "1");
  CHECK(engine.Run("XREADGROUP GROUP g a STREAMS s >") ==
        "(error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option");
}

TEST_CASE("a group may be set to either end of all ids, but does not begin there") {
  EngineHarness engine;
  engine.Run("XADD s 1-1 a b");
  CHECK(engine.Run("XGROUP CREATE s g +") ==
        "(error) ERR Invalid stream ID specified as stream command argument");
  CHECK(engine.Run("XGROUP CREATE s g 0") == "OK");
  CHECK(engine.Run("XGROUP SETID s g (1") ==
        "(error) ERR Invalid stream ID specified as stream command argument");
  CHECK(engine.Run("XGROUP SETID s g +") == "OK");
  CHECK(engine.Run("XREADGROUP GROUP g c STREAMS s >") == "(nil)");
  CHECK(engine.Run("XGROUP SETID s g -") == "OK");
  CHECK(engine.Run("XREADGROUP GROUP g c STREAMS s >") == "[[\"s\", [[\"1-1\", [\"a\", \"b\"]]]]]");
}

TEST_CASE("consumers say when they tried and when they succeeded") {
  EngineHarness engine;
  engine.Run("XADD s 1 n v");
  engine.Run("XGROUP CREATE s g 0");
  engine.Run("XGROUP CREATECONSUMER s g c");
  engine.AdvanceMs(10);
  CHECK(engine.Run("XINFO CONSUMERS s g") ==
        "[[\"name\", \"c\", \"pending\", 0, \"idle\", 10, \"inactive\", -1]]");
  engine.Run("XREADGROUP GROUP g c STREAMS s >");
  engine.AdvanceMs(10);
  engine.Run("XREADGROUP GROUP g c STREAMS s >");
  engine.AdvanceMs(5);
  CHECK(engine.Run("XINFO CONSUMERS s g") ==
        "[[\"name\", \"c\", \"pending\", 1, \"idle\", 5, \"inactive\", 15]]");
}

TEST_CASE("XINFO describes a stream and its groups") {
  EngineHarness engine;
  engine.Run("XADD s 1-1 a b");
  engine.Run("XADD s 2-1 a b");
  engine.Run("XGROUP CREATE s g 0");
  engine.Run("XREADGROUP GROUP g c COUNT 1 NOACK STREAMS s >");
  engine.Run("XDEL s 2-1");
  CHECK(engine.Run("XINFO STREAM s") ==
        "[\"length\", 1, \"radix-tree-keys\", 1, \"radix-tree-nodes\", 2, \"last-generated-id\", "
        "\"2-1\", \"max-deleted-entry-id\", \"2-1\", \"entries-added\", 2, "
        "\"recorded-first-entry-id\", \"1-1\", \"groups\", 1, \"first-entry\", [\"1-1\", [\"a\", "
        "\"b\"]], \"last-entry\", [\"1-1\", [\"a\", \"b\"]]]");
  CHECK(engine.Run("XINFO GROUPS s") ==
        "[[\"name\", \"g\", \"consumers\", 1, \"pending\", 0, \"last-delivered-id\", \"1-1\", "
        "\"entries-read\", 1, \"lag\", (nil)]]");
  CHECK(engine.Run("XINFO STREAM s BLA") ==
        "(error) ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO "
        "HELP.");
  CHECK(engine.Run("XINFO STREAM none") == "(error) ERR no such key");
  engine.Run("SET str v");
  for (const char* command :
       {"XADD str * a b", "XLEN str", "XRANGE str - +", "XDEL str 1", "XTRIM str MAXLEN 1",
        "XREAD STREAMS str 0", "XINFO STREAM str", "XACK str g 1", "XPENDING str g",
        "XGROUP CREATE str g 0", "XSETID str 1-1", "XREADGROUP GROUP g c STREAMS str >",
        "XCLAIM str g c 0 1", "XAUTOCLAIM str g c 0 0"}) {
    CAPTURE(command);
    CHECK(engine.Run(command) ==
          "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
  }
}

TEST_CASE("what a stream command replays says everything that was chosen for it") {
  EngineHarness engine;
  const std::string now = std::to_string(engine.clock().WallMs());
  engine.Run("CONFIG SET stream-node-max-entries 2");
  engine.TakeEffects();
  engine.Run("XADD s * a b");
  CHECK(engine.TakeEffects() == Lines{"XADD s " + now + "-0 a b | xadd s"});
  engine.Run("XADD s * a b");
  engine.Run("XADD s * a b");
  engine.TakeEffects();
  engine.Run("XADD s MAXLEN ~ 2 * a b");
  CHECK(engine.TakeEffects() == Lines{"XADD s MAXLEN = 2 " + now + "-3 a b | xadd s, xtrim s"});
  engine.Run("XADD s * a b");
  engine.TakeEffects();
  engine.Run("XTRIM s MAXLEN ~ 1");
  CHECK(engine.TakeEffects() == Lines{"XTRIM s MAXLEN = 1 | xtrim s"});
  engine.Run("XGROUP CREATE s g 0");
  engine.TakeEffects();
  engine.Run("XREADGROUP GROUP g c STREAMS s >");
  CHECK(engine.TakeEffects() ==
        Lines{"XGROUP CREATECONSUMER s g c | xgroup-createconsumer s",
              "XCLAIM s g c 0 " + now + "-4 TIME " + now + " RETRYCOUNT 1 FORCE JUSTID",
              "XGROUP SETID s g " + now + "-4 ENTRIESREAD 5", "."});
  engine.Run("XREADGROUP GROUP g c STREAMS s >");
  CHECK(engine.TakeEffects().empty());
  engine.Run("XACK s g 0-1");
  CHECK(engine.TakeEffects().empty());
  engine.Run("XREADGROUP GROUP g c STREAMS s 0");
  CHECK(engine.TakeEffects() == Lines{"XCLAIM s g c 0 " + now + "-4 TIME " + now +
                                      " RETRYCOUNT 2 FORCE JUSTID LASTID " + now + "-4"});
  engine.Run("XDEL s " + now + "-4");
  engine.TakeEffects();
  engine.Run("XCLAIM s g d 0 " + now + "-4");
  CHECK(engine.TakeEffects() == Lines{"XGROUP CREATECONSUMER s g d | xgroup-createconsumer s",
                                      "XACK s g " + now + "-4", "."});
}

TEST_CASE("what a log says of deliveries is as it was, though nothing expires while it is loaded") {
  EngineHarness engine;
  Session loader;
  engine.shard().Welcome(loader, ClientId(0));
  loader.internal = true;
  const auto replay = [&](std::initializer_list<std::string_view> argv) {
    engine.shard().Replay(loader, {argv.begin(), argv.size()}, {});
    loader.replies.Consume(loader.replies.bytes().size());
  };
  replay({"XADD", "s", "1-1", "f", "v"});
  replay({"XGROUP", "CREATE", "s", "g", "1-1"});
  const int64_t delivered_ms = engine.clock().WallMs() - 5000;
  replay({"XCLAIM", "s", "g", "c", "0", "1-1", "TIME", std::to_string(delivered_ms), "RETRYCOUNT",
          "1", "FORCE", "JUSTID"});
  CHECK(engine.Run("XPENDING s g - + 10") == "[[\"1-1\", \"c\", 5000, 1]]");
  CHECK(engine.Run("XINFO CONSUMERS s g") ==
        "[[\"name\", \"c\", \"pending\", 1, \"idle\", 0, \"inactive\", 0]]");
}

TEST_CASE("a group's reader stops waiting, with an error, when its stream goes") {
  for (const std::string end : {"DEL s", "SET s text", "FLUSHDB", "FLUSHALL", "SWAPDB 0 1",
                                "RENAME s elsewhere", "XGROUP DESTROY s g"}) {
    EngineHarness engine;
    TestClient& member = engine.NewClient();
    TestClient& reader = engine.NewClient();
    engine.Run("XGROUP CREATE s g $ MKSTREAM");
    REQUIRE(member.Run("XREADGROUP GROUP g c BLOCK 0 STREAMS s >") == "(blocked)");
    REQUIRE(reader.Run("XREAD BLOCK 0 STREAMS s $") == "(blocked)");
    engine.Run(end);
    CAPTURE(end);
    const std::string expected = end.starts_with("SET") ? "-WRONGTYPE" : "-NOGROUP";
    CHECK(member.Received().substr(0, expected.size()) == expected);
    CHECK(reader.Received().empty());
  }
}

TEST_CASE("readers wait for entries behind what the stream had when they came") {
  EngineHarness engine;
  TestClient& reader = engine.NewClient();
  TestClient& member = engine.NewClient();
  engine.Run("XADD s 1-1 n old");
  engine.Run("XGROUP CREATE s g $");
  const std::string served =
      "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nn\r\n$3\r\nnew\r\n";
  CHECK(reader.Run("XREAD BLOCK 0 STREAMS other s 0 $") == "(blocked)");
  CHECK(member.Run("XREADGROUP GROUP g c BLOCK 1000 STREAMS s >") == "(blocked)");
  engine.Run("XADD s 2-1 n new");
  CHECK(reader.Received() == served);
  CHECK(member.Received() == served);
  CHECK(engine.Run("XPENDING s g - + 9") == "[[\"2-1\", \"c\", 0, 1]]");
  CHECK(reader.Run("XREAD BLOCK 0 STREAMS s 1-1") == "[[\"s\", [[\"2-1\", [\"n\", \"new\"]]]]]");
  CHECK(reader.Run("XREAD BLOCK -1 STREAMS s 0") == "(error) ERR timeout is negative");
  CHECK(reader.Run("XREAD BLOCK x STREAMS s 0") ==
        "(error) ERR timeout is not an integer or out of range");
}

}  // namespace
}  // namespace torc
