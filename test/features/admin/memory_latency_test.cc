#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("MEMORY USAGE grows with the value") {
  EngineHarness engine;
  engine.Run("SET small 1");
  engine.RunArgs({"SET", "large", std::string(5000, 'x')});
  const int64_t small = engine.Ask("MEMORY USAGE small").integer;
  CHECK(small >= 16);
  CHECK(small < 100);
  CHECK(engine.Ask("MEMORY USAGE large SAMPLES 0").integer > 5000);
  CHECK(engine.Run("MEMORY USAGE none") == "(nil)");
  for (const char* wrong : {"MEMORY USAGE small SAMPLES", "MEMORY USAGE small SAMPLES -1",
                            "MEMORY USAGE small FOO 1"}) {
    CHECK(engine.Run(wrong) == "(error) ERR syntax error");
  }
  CHECK(engine.Run("MEMORY USAGE small SAMPLES x") ==
        "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("INFO stats").find("keyspace_hits:0") != std::string::npos);
}

const Reply* Field(const Reply& map, std::string_view name) {
  for (size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (map.elements[i].text == name) return &map.elements[i + 1];
  }
  return nullptr;
}

int64_t Number(const Reply& map, std::string_view name) {
  const Reply* const field = Field(map, name);
  CAPTURE(std::string(name));
  REQUIRE(field != nullptr);
  return field->integer;
}

TEST_CASE("MEMORY STATS tells what each database and each type takes") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  const auto stats = [&engine] { return engine.Ask("MEMORY STATS"); };
  CHECK(Field(stats(), "db.0") == nullptr);
  for (int i = 0; i < 100; ++i)
    engine.Run("SET key:" + std::to_string(i) + " a-value-of-20-bytes!");
  engine.Run("RPUSH list a b c");
  engine.Run("SELECT 3");
  engine.Run("SADD set a b c");
  engine.Run("SET number 7 EX 100");

  const Reply filled = stats();
  const Reply* const first = Field(filled, "db.0");
  const Reply* const third = Field(filled, "db.3");
  const Reply* const types = Field(filled, "types");
  REQUIRE(first != nullptr);
  REQUIRE(third != nullptr);
  REQUIRE(types != nullptr);
  CHECK(types->elements.size() == 6);
  CHECK(Number(*Field(*types, "string"), "keys.count") == 101);
  CHECK(Number(*Field(*types, "set"), "keys.count") == 1);
  int64_t of_types = 0;
  for (const char* type : {"string", "list", "set"}) {
    of_types += Number(*Field(*types, type), "entries.bytes");
  }
  CHECK(of_types == Number(*first, "entries.bytes") + Number(*third, "entries.bytes"));
  CHECK(Number(*Field(*types, "string"), "values.bytes") == 0);
  CHECK(Number(*Field(*types, "set"), "values.bytes") > 3);
  CHECK(Number(*third, "values.bytes") == Number(*Field(*types, "set"), "values.bytes"));
  // A key, its value and a header each.
  CHECK(Number(*first, "entries.bytes") > 100 * 27);
  CHECK(Number(*first, "entries.bytes") < 100 * 49 + 100);
  CHECK(Number(*first, "overhead.hashtable.main") + Number(*third, "overhead.hashtable.main") <=
        Number(filled, "overhead.hashtable.main"));

  // Whatever becomes of a key, it is counted out as what it was.
  engine.Run("APPEND number more");
  engine.Run("SET set now-a-string");
  engine.Run("MOVE number 5");
  engine.Run("EXPIRE set 100");
  engine.Run("RENAME set other");
  engine.Run("SWAPDB 0 3");
  engine.Run("SELECT 5");
  engine.Run("DEL number");
  const Reply moved = stats();
  CHECK(Field(moved, "db.5") == nullptr);
  CHECK(Number(*Field(*Field(moved, "types"), "string"), "keys.count") == 101);
  CHECK(Field(*Field(moved, "types"), "set") == nullptr);
  engine.Run("FLUSHALL");
  CHECK(Field(stats(), "types")->elements.empty());
}

TEST_CASE("MEMORY STATS has the fields of Redis") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("SET a 1");
  const int64_t before = Number(engine.Ask("MEMORY STATS"), "lua.caches");
  engine.Run("EVAL 'return 1' 0");
  const Reply stats = engine.Ask("MEMORY STATS");
  CHECK(Number(stats, "lua.caches") > before);
  CHECK(Number(stats, "keys.count") == 1);
  for (const char* name : {"peak.allocated",
                           "total.allocated",
                           "startup.allocated",
                           "replication.backlog",
                           "clients.slaves",
                           "clients.normal",
                           "cluster.links",
                           "aof.buffer",
                           "functions.caches",
                           "overhead.total",
                           "keys.bytes-per-key",
                           "dataset.bytes",
                           "dataset.percentage",
                           "peak.percentage",
                           "allocator.allocated",
                           "allocator.active",
                           "allocator.resident",
                           "allocator-fragmentation.ratio",
                           "allocator-fragmentation.bytes",
                           "allocator-rss.ratio",
                           "allocator-rss.bytes",
                           "rss-overhead.ratio",
                           "rss-overhead.bytes",
                           "fragmentation",
                           "fragmentation.bytes"}) {
    CAPTURE(name);
    CHECK(Field(stats, name) != nullptr);
  }
}

TEST_CASE("MEMORY STATS, DOCTOR, PURGE and MALLOC-STATS answer") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("MSET a 1 b 2");
  const Reply stats = engine.Ask("MEMORY STATS");
  CHECK(stats.kind == Reply::Kind::kMap);
  bool found = false;
  for (size_t i = 0; i + 1 < stats.elements.size(); i += 2) {
    if (stats.elements[i].text != "keys.count") continue;
    found = true;
    CHECK(stats.elements[i + 1].integer == 2);
  }
  CHECK(found);
  CHECK(engine.Ask("MEMORY DOCTOR").kind == Reply::Kind::kVerbatim);
  CHECK(engine.Run("MEMORY PURGE") == "OK");
  CHECK(engine.Run("MEMORY MALLOC-STATS").find("Allocator: ") != std::string::npos);
}

TEST_CASE("LATENCY HISTOGRAM counts calls up to powers of two of microseconds") {
  EngineHarness engine;
  engine.clock().SetMonoStepNs(3000);
  engine.Run("GET k");
  engine.clock().SetMonoStepNs(100'000);
  engine.Run("GET k");
  engine.Run("CONFIG GET databases");
  engine.Run("HELLO 3");
  CHECK(engine.Run("LATENCY HISTOGRAM get none set") ==
        "{\"get\": {\"calls\": 2, \"histogram_usec\": {4: 1, 128: 2}}}");
  CHECK(engine.Run("LATENCY HISTOGRAM config").find("{\"config|get\": {\"calls\": 1") == 0);
  CHECK(engine.Run("LATENCY HISTOGRAM").find("\"hello\": {") != std::string::npos);
}

TEST_CASE("the monitor of slow events is off until a threshold is set") {
  EngineHarness engine;
  engine.clock().SetMonoStepNs(300'000'000);
  engine.Run("ECHO x");
  CHECK(engine.Run("LATENCY LATEST") == "[]");
  CHECK(engine.Run("LATENCY HISTORY command") == "[]");
  CHECK(engine.Run("LATENCY GRAPH command") ==
        "(error) ERR No samples available for event 'command'");
  CHECK(engine.Ask("LATENCY DOCTOR").text.find("latency-monitor-threshold") != std::string::npos);
  CHECK(engine.Run("LATENCY RESET") == "0");
}

TEST_CASE("slow commands are samples, the longest of each second") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG SET latency-monitor-threshold 200") == "OK");
  CHECK(engine.Ask("LATENCY DOCTOR").text.find("Nothing took 200 ms") == 0);
  const auto take = [&](int64_t ms, const char* command) {
    engine.clock().SetMonoStepNs(ms * 1'000'000);
    engine.Run(command);
    engine.clock().SetMonoStepNs(1000);
  };
  const std::string start = std::to_string(engine.clock().WallMs() / 1000);
  take(300, "CLIENT LIST");
  take(400, "CLIENT LIST");
  take(150, "CLIENT LIST");
  take(250, "PING");
  engine.AdvanceMs(5000);
  take(350, "CLIENT LIST");
  const std::string later = std::to_string(engine.clock().WallMs() / 1000);
  CHECK(engine.Run("LATENCY LATEST") ==
        "[[\"command\", " + later + ", 350, 400], [\"fast-command\", " + start + ", 250, 250]]");
  CHECK(engine.Run("LATENCY HISTORY command") == "[[" + start + ", 400], [" + later + ", 350]]");
  const std::string graph = engine.Ask("LATENCY GRAPH command").text;
  CHECK(graph.find("command - high 400 ms, low 350 ms (all time high 400 ms)\n") == 0);
  const std::string advice = engine.Ask("LATENCY DOCTOR").text;
  CHECK(advice.find("1. command: 2 latency spikes (average 375 ms, worst 400 ms)") !=
        std::string::npos);
  CHECK(engine.Run("LATENCY RESET command none") == "1");
  CHECK(engine.Run("LATENCY RESET") == "1");
  CHECK(engine.Run("LATENCY LATEST") == "[]");
}

TEST_CASE("a sweep of due keys that takes long is an event of its own") {
  EngineHarness engine;
  engine.Run("CONFIG SET latency-monitor-threshold 5");
  engine.Run("SET k v PX 10");
  engine.AdvanceMs(20);
  engine.clock().SetMonoStepNs(7'000'000);
  engine.Tick();
  engine.clock().SetMonoStepNs(1000);
  CHECK(engine.Ask("LATENCY HISTORY expire-cycle").elements.size() == 1);
}

TEST_CASE("of an event the newest 160 samples are kept") {
  EngineHarness engine;
  engine.Run("CONFIG SET latency-monitor-threshold 1");
  engine.clock().SetMonoStepNs(5'000'000);
  for (int i = 0; i < 200; ++i) {
    engine.Run("PING");
    engine.AdvanceMs(1000);
  }
  CHECK(engine.Ask("LATENCY HISTORY fast-command").elements.size() == 160);
  CHECK(engine.Ask("LATENCY GRAPH fast-command").text.find("high 5 ms, low 5 ms") !=
        std::string::npos);
}

}  // namespace
}  // namespace torc
