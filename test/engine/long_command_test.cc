// Long commands pause and let others run: who would change their keys stands back, everybody else
// is served, and nobody sees half of anything.

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

// The others: each pause of a long command calls `action`, if there is one left.
class Others final : public BusyHost {
 public:
  explicit Others(EngineHarness* engine) : engine_(engine) {
    engine->shard().services().busy_host = this;
    engine->options().command.long_command_slice_us = 1;
    // Each look at the clock finds the slice over.
    engine->clock().SetMonoStepNs(1'000'000);
  }
  ~Others() { engine_->shard().services().busy_host = nullptr; }

  void ServeOthers() override {}
  bool stop_requested() const override { return stop; }
  bool may_breathe() const override { return may; }
  void Breathe() override {
    ++pauses;
    Outbox::Suspended suspended = engine_->shard().outbox().Suspend();
    if (action) std::exchange(action, nullptr)();
    engine_->shard().outbox().Resume(std::move(suspended));
  }

  // What `client` hears in the first pause.
  void Ask(TestClient& client, std::vector<std::string> lines, std::vector<std::string>* heard) {
    action = [&client, lines = std::move(lines), heard] {
      for (const std::string& line : lines) heard->push_back(client.Run(line));
    };
  }

  std::function<void()> action;
  int pauses = 0;
  bool stop = false;
  bool may = true;

 private:
  EngineHarness* engine_;
};

struct Long {
  Long() : others(&engine), other(engine.NewClient()) {
    engine.Run("CONFIG SET list-max-listpack-size 16");  // many blocks
  }
  void FillList(const std::string& key, int count) {
    for (int i = 0; i < count; ++i) engine.Run("RPUSH " + key + " " + std::to_string(i % 50));
  }
  std::vector<std::string> HeardWhile(const std::string& command, std::vector<std::string> lines) {
    std::vector<std::string> heard;
    others.Ask(other, std::move(lines), &heard);
    answer = engine.Run(command);
    return heard;
  }

  EngineHarness engine;
  Others others;
  TestClient& other;
  std::string answer;
};

using Lines = std::vector<std::string>;

TEST_CASE_FIXTURE(Long, "while a command pauses others work with other keys and read its own") {
  FillList("list", 500);
  const Lines heard = HeardWhile("LPOS list nothing", {"SET k v", "GET k", "LLEN list", "PING",
                                                       "LRANGE list 0 1", "PUBLISH c m"});
  CHECK(heard == Lines{"OK", "\"v\"", "500", "PONG", "[\"0\", \"1\"]", "0"});
  CHECK(answer == "(nil)");
  CHECK(others.pauses > 10);
}

TEST_CASE_FIXTURE(Long, "who would change the key of a command that pauses stands back") {
  FillList("list", 500);
  const Lines lines = {"RPUSH list x",      "DEL list",   "RENAME list b", "EXPIRE list 10",
                       "LSET list 0 x",     "LPOP list",  "BLPOP list 0",  "LMOVE list b LEFT LEFT",
                       "SORT k STORE list", "MOVE list 1"};
  const Lines heard = HeardWhile("LREM list 0 7", lines);
  CHECK(heard == Lines(lines.size(), "(deferred)"));
  CHECK(answer == "10");
  CHECK(other.Run("RPUSH list x") == "491");
}

TEST_CASE_FIXTURE(Long, "who may touch anything stands back from a command that pauses") {
  FillList("list", 500);
  const Lines lines = {"FLUSHALL", "FLUSHDB",       "SWAPDB 0 1",  "EVAL 'return 1' 0",
                       "SHUTDOWN", "DEBUG SLEEP 0", "SCRIPT FLUSH"};
  CHECK(HeardWhile("LPOS list nothing", lines) == Lines(lines.size(), "(deferred)"));
}

TEST_CASE_FIXTURE(Long, "a transaction stands back if one of its commands would") {
  FillList("list", 500);
  TestClient& third = engine.NewClient();
  for (const char* line : {"MULTI", "SET k v", "LLEN list"}) third.Run(line);
  for (const char* line : {"MULTI", "SET k v", "LPOP list"}) other.Run(line);
  std::vector<std::string> heard;
  others.action = [&] { heard = {third.Run("EXEC"), other.Run("EXEC"), other.Run("PING")}; };
  engine.Run("LPOS list nothing");
  CHECK(heard == Lines{"[OK, 500]", "(deferred)", "QUEUED"});
  CHECK(other.Run("EXEC") == "[OK, \"0\", PONG]");
}

TEST_CASE_FIXTURE(Long, "nobody sees a list from which a command is removing") {
  FillList("list", 2000);
  std::vector<std::string> lengths;
  std::function<void()> look = [&] {
    lengths.push_back(other.Run("LLEN list"));
    lengths.push_back(other.Run("LINDEX list 7"));
    others.action = look;
  };
  others.action = look;
  CHECK(engine.Run("LREM list 0 7") == "40");
  others.action = nullptr;
  REQUIRE(lengths.size() > 10);
  for (size_t i = 0; i < lengths.size(); i += 2) {
    CHECK(lengths[i] == "2000");
    CHECK(lengths[i + 1] == "\"7\"");
  }
  CHECK(other.Run("LLEN list") == "1960");
  CHECK(other.Run("LPOS list 7") == "(nil)");
  engine.CheckShadow();
}

// Values of 300 members each, the sorted set's members with a place on the earth as their scores.
void FillAll(EngineHarness& engine) {
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    engine.Run("RPUSH list " + std::to_string(i % 50));
    engine.Run("SADD set " + n);
    engine.Run("ZADD zset " + n + " m" + n);
    engine.Run("GEOADD geo " + std::to_string(i % 90) + " " + std::to_string(i % 60) + " m" + n);
    engine.Run("XADD stream " + std::to_string(i + 1) + "-1 f v");
    engine.Run("SET weight_" + std::to_string(i % 50) + " " + std::to_string(i % 7));
  }
  engine.Run("SADD odd 1 3 5 7 9 11 13");
  engine.Run("XGROUP CREATE stream g 0");
  engine.Run("XREADGROUP GROUP g c COUNT 250 STREAMS stream >");
  engine.Run("SET target old");
}

TEST_CASE("each command that changes large values is seen before or after, whatever it is") {
  struct Case {
    const char* command;
    const char* look;
    const char* answer;
    const char* after;  // what the look sees then
  };
  constexpr Case kCases[] = {
      {"LREM list 0 7", "LLEN list", "6", "294"},
      {"LTRIM list 10 19", "LLEN list", "OK", "10"},
      {"LINSERT list AFTER 49 x", "LLEN list", "301", "301"},
      {"ZREMRANGEBYRANK zset 0 199", "ZCARD zset", "200", "100"},
      {"ZREMRANGEBYSCORE zset 10 (20", "ZCARD zset", "10", "290"},
      {"ZREMRANGEBYLEX zset - +", "EXISTS zset", "300", "0"},
      {"ZRANGESTORE target zset 0 249", "TYPE target", "250", "zset"},
      {"ZRANGESTORE target zset 0 9", "OBJECT ENCODING target", "10", "\"listpack\""},
      {"ZUNIONSTORE target 2 zset set", "TYPE target", "600", "zset"},
      {"ZINTERSTORE target 2 set odd", "TYPE target", "7", "zset"},
      {"ZDIFFSTORE target 2 set odd", "TYPE target", "293", "zset"},
      {"ZDIFFSTORE target 2 set set", "EXISTS target", "0", "0"},
      {"SUNIONSTORE target set odd", "TYPE target", "300", "set"},
      {"SINTERSTORE target set odd", "TYPE target", "7", "set"},
      {"SDIFFSTORE set set odd", "SCARD set", "293", "293"},
      {"SORT list STORE target", "TYPE target", "300", "list"},
      {"SORT list BY weight_* LIMIT 0 20 GET # STORE list", "LLEN list", "20", "20"},
      {"GEOSEARCHSTORE target geo FROMLONLAT 45 30 BYRADIUS 9000 km", "TYPE target", "300", "zset"},
      {"XTRIM stream MAXLEN 100", "XLEN stream", "200", "100"},
      {"XGROUP DELCONSUMER stream g c", "XPENDING stream g - + 1 c", "250", "[]"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.command);
    Long f;
    f.engine.Run("CONFIG SET zset-max-listpack-entries 20");
    f.engine.Run("CONFIG SET set-max-listpack-entries 20");
    f.engine.Run("CONFIG SET set-max-intset-entries 20");
    f.engine.Run("CONFIG SET stream-node-max-entries 4");
    f.others.may = false;
    FillAll(f.engine);
    f.others.may = true;
    const std::string before = f.other.Run(c.look);
    std::function<void()> look = [&] {
      CHECK(f.other.Run(c.look) == before);
      CHECK(f.other.Run("GET odd").find("WRONGTYPE") != std::string::npos);
      f.others.action = look;
    };
    f.others.action = look;
    CHECK(f.engine.Run(c.command) == c.answer);
    f.others.action = nullptr;
    CHECK(f.others.pauses > 1);
    CHECK(f.other.Run(c.look) == c.after);
    f.engine.CheckShadow();
  }
}

TEST_CASE_FIXTURE(Long, "a command that reads keys it does not name holds all of them") {
  FillAll(engine);
  const Lines heard = HeardWhile("SORT list BY weight_* LIMIT 0 3",
                                 {"SET weight_1 100", "SET any v", "GET weight_1"});
  CHECK(heard == Lines{"(deferred)", "(deferred)", "\"6\""});
  CHECK(answer == "[\"16\", \"16\", \"16\"]");
}

TEST_CASE_FIXTURE(Long, "what a client is sent while its command pauses comes behind the reply") {
  FillAll(engine);
  engine.Run("HELLO 3");
  engine.Run("SUBSCRIBE c");
  others.action = [&] { other.Run("PUBLISH c hello"); };
  const std::string wire = engine.client().Wire("SDIFF set set");
  CHECK(wire == "~0\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n");
}

TEST_CASE_FIXTURE(Long, "a command that changes nothing in the end leaves no trace of its copy") {
  FillList("list", 2000);
  engine.TakeEffects();
  CHECK(engine.Run("LREM list 0 nothing") == "0");
  CHECK(others.pauses > 10);
  CHECK(engine.TakeEffects().empty());
  CHECK(engine.Run("LLEN list") == "2000");
}

TEST_CASE_FIXTURE(Long, "its effects come behind those of the others") {
  FillList("list", 200);
  engine.TakeEffects();
  std::vector<std::string> heard;
  others.Ask(other, {"SET k v"}, &heard);
  CHECK(engine.Run("LINSERT list BEFORE 49 x") == "201");
  const Lines effects = engine.TakeEffects();
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].find("SET") != std::string::npos);
  CHECK(effects[1].find("LINSERT") != std::string::npos);
}

TEST_CASE_FIXTURE(Long,
                  "one command pauses at a time; another long one waits, a short one does not") {
  FillList("list", 500);
  FillList("more", 500);
  FillList("few", 3);
  const Lines heard =
      HeardWhile("LPOS list nothing", {"LPOS more nothing", "LREM more 0 1", "LPOS few 2"});
  CHECK(heard == Lines{"(deferred)", "(deferred)", "2"});
  CHECK_FALSE(engine.shard().keyspace().holds_keys());
}

TEST_CASE_FIXTURE(Long, "within transactions and scripts nothing pauses") {
  FillList("list", 500);
  engine.Run("MULTI");
  engine.Run("LREM list 0 7");
  CHECK(engine.Run("EXEC") == "[10]");
  CHECK(engine.Run("EVAL \"return redis.call('LREM', 'list', 0, 8)\" 0") == "10");
  CHECK(others.pauses == 0);
}

TEST_CASE_FIXTURE(Long, "a slice of 0 means that nothing pauses, and the setting can be changed") {
  FillList("list", 500);
  CHECK(engine.Run("CONFIG SET long-command-slice-us 0") == "OK");
  CHECK(engine.Run("LPOS list nothing") == "(nil)");
  CHECK(others.pauses == 0);
}

TEST_CASE_FIXTURE(Long, "before the process ends commands pause no more") {
  FillList("list", 500);
  others.action = [&] { others.stop = true; };
  CHECK(engine.Run("LREM list 0 7") == "10");
  CHECK(others.pauses == 1);
}

TEST_CASE_FIXTURE(Long, "a key that is used does not expire until the command is done") {
  FillList("list", 500);
  engine.Run("PEXPIRE list 1000");
  std::vector<std::string> heard;
  others.action = [&] {
    engine.AdvanceMs(5000);
    heard.push_back(other.Run("LLEN list"));
    heard.push_back(other.Run("RPUSH list x"));
    engine.Tick();
  };
  CHECK(engine.Run("LREM list 0 7") == "10");
  CHECK(heard == Lines{"0", "(deferred)"});
  CHECK(other.Run("RPUSH list x") == "1");
  engine.CheckShadow();
}

TEST_CASE_FIXTURE(Long, "a key that is used is not evicted") {
  FillList("list", 500);
  engine.Run("PEXPIRE list 100000");
  std::array<SampledKey, 4> sampled;
  size_t held = 0;
  others.action = [&] {
    held = engine.keyspace().Sample(KeyScope::kAll, sampled) +
           engine.keyspace().Sample(KeyScope::kVolatile, sampled) +
           engine.keyspace().SampleEarliest([](void*, const SampledKey&) {}, nullptr);
  };
  engine.Run("LPOS list nothing");
  CHECK(held == 0);
  CHECK(engine.keyspace().Sample(KeyScope::kAll, sampled) == 1);
  CHECK(engine.keyspace().Sample(KeyScope::kVolatile, sampled) == 1);
}

TEST_CASE_FIXTURE(Long, "who waits for another key is not served into a key that is used") {
  FillList("list", 500);
  TestClient& waiting = engine.NewClient();
  REQUIRE(waiting.Run("BLMOVE source list LEFT RIGHT 0") == "(blocked)");
  TestClient& pops = engine.NewClient();
  REQUIRE(pops.Run("BLPOP free 0") == "(blocked)");
  std::vector<std::string> heard;
  others.action = [&] {
    heard = {other.Run("RPUSH source x"), other.Run("RPUSH free y"), other.Run("LLEN source"),
             waiting.Received(), pops.Received()};
  };
  CHECK(engine.Run("LREM list 0 7") == "10");
  CHECK(heard == Lines{"1", "1", "1", "", "*2\r\n$4\r\nfree\r\n$1\r\ny\r\n"});
  CHECK(waiting.Received() == "$1\r\nx\r\n");
  CHECK(other.Run("LINDEX list -1") == "\"x\"");
}

TEST_CASE_FIXTURE(Long, "a transaction that watches the key fails only if the command changed it") {
  FillList("list", 500);
  for (const char* command : {"LREM list 0 7", "LREM list 0 nothing"}) {
    others.action = [&] {
      for (const char* line : {"WATCH list", "MULTI", "PING"}) other.Run(line);
    };
    const bool changes = engine.Run(command) != "0";
    CHECK(other.Run("EXEC") == (changes ? "(nil)" : "[PONG]"));
  }
}

TEST_CASE_FIXTURE(Long, "a snapshot that begins in the middle holds the state before") {
  struct Seen final : SnapshotVisitor {
    void Visit(DbIndex db, const Entry& entry) override {
      digest += keyspace->EntryDigest(db, entry);
    }
    const Keyspace* keyspace = nullptr;
    uint64_t digest = 0;
  };
  for (const char* command : {"LREM list 0 7", "LINSERT list AFTER 49 x"}) {
    FillList("list", 500);
    Seen seen;
    seen.keyspace = &engine.keyspace();
    const uint64_t before = engine.keyspace().Digest();
    others.action = [&] { engine.keyspace().BeginSnapshot(&seen); };
    engine.Run(command);
    while (engine.keyspace().AdvanceSnapshot(100)) {
    }
    CHECK(seen.digest == before);
    CHECK(engine.keyspace().Digest() != before);
  }
}

TEST_CASE_FIXTURE(Long, "a client that is killed meanwhile has its command done all the same") {
  FillList("list", 500);
  const Lines heard = HeardWhile("LREM list 0 7", {"CLIENT KILL ID 1"});
  CHECK(heard == Lines{"1"});
  CHECK(other.Run("LLEN list") == "490");
  engine.CheckShadow();
}

TEST_CASE_FIXTURE(Long, "the time of the others is not the command's") {
  FillList("list", 500);
  engine.Run("CONFIG SET slowlog-log-slower-than 10000000");
  others.action = [&] { engine.AdvanceMs(60'000); };
  engine.Run("LPOS list nothing");
  CHECK(engine.Run("SLOWLOG LEN") == "0");
}

}  // namespace
}  // namespace torc
