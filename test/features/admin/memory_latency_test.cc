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

TEST_CASE("without a monitor of slow events there are no events") {
  EngineHarness engine;
  CHECK(engine.Run("LATENCY LATEST") == "[]");
  CHECK(engine.Run("LATENCY HISTORY command") == "[]");
  CHECK(engine.Run("LATENCY RESET") == "0");
}

}  // namespace
}  // namespace torc
