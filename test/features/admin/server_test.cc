#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("INFO has Redis's sections, in its order") {
  EngineHarness engine;
  engine.Run("SET k v EX 10");
  engine.Run("INCR k");
  const std::string all = engine.Run("INFO everything");
  size_t at = 0;
  for (const char* title : {"# Server", "# Clients", "# Memory", "# Persistence", "# Stats",
                            "# Replication", "# CPU", "# Modules", "# Commandstats", "# Errorstats",
                            "# Latencystats", "# Cluster", "# Keyspace"}) {
    CAPTURE(title);
    const size_t found = all.find(title, at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
  const std::string by_default = engine.Run("INFO");
  CHECK(Contains(by_default, "# Errorstats"));
  CHECK_FALSE(Contains(by_default, "# Commandstats"));
  CHECK_FALSE(Contains(by_default, "# Latencystats"));
  CHECK(engine.Run("INFO nothing") == "\"\"");
}

TEST_CASE("INFO has the fields that libraries and tools read") {
  EngineHarness engine;
  const std::string all = engine.Run("INFO all");
  for (const std::string field : {"redis_version:7.2.",
                                  "redis_mode:standalone",
                                  "loading:0",
                                  "maxmemory_policy:noeviction",
                                  "cluster_enabled:0",
                                  "role:master",
                                  "connected_slaves:0",
                                  "used_memory:",
                                  "used_memory_peak:",
                                  "mem_allocator:",
                                  "maxmemory:0",
                                  "rdb_bgsave_in_progress:0",
                                  "aof_rewrite_in_progress:0",
                                  "master_repl_offset:0",
                                  "master_replid:",
                                  "expired_keys:0",
                                  "evicted_keys:0",
                                  "total_forks:0",
                                  "total_error_replies:0",
                                  "tracking_total_keys:0",
                                  "lazyfree_pending_objects:0",
                                  "used_cpu_user:"}) {
    CAPTURE(field);
    CHECK(Contains(all, "\\n" + field));
  }
}

TEST_CASE("INFO keyspace counts keys and those with an expiry") {
  EngineHarness engine;
  CHECK(engine.Run("INFO keyspace") == "\"# Keyspace\\r\\n\"");
  engine.Run("SET a 1 EX 100");
  engine.Run("SELECT 2");
  engine.Run("MSET b 1 c 1");
  CHECK(engine.Run("INFO keyspace") ==
        "\"# Keyspace\\r\\ndb0:keys=1,expires=1,avg_ttl=100000\\r\\n"
        "db2:keys=2,expires=0,avg_ttl=0\\r\\n\"");
}

TEST_CASE("commandstats and errorstats tell calls, refusals and failures apart") {
  EngineHarness engine;
  engine.clock().SetMonoStepNs(2500);
  engine.Run("SET k v");
  engine.Run("SET k v");
  engine.Run("SET k");
  engine.Run("INCR k");
  engine.Run("FOO");
  engine.Run("CONFIG GET databases");
  const std::string stats = engine.Run("INFO commandstats");
  CHECK(Contains(stats,
                 "cmdstat_set:calls=2,usec=5,usec_per_call=2.50,rejected_calls=1,failed_calls=0"));
  CHECK(Contains(stats,
                 "cmdstat_incr:calls=1,usec=2,usec_per_call=2.50,rejected_calls=0,failed_calls=1"));
  CHECK(Contains(stats, "cmdstat_config|get:calls=1"));
  CHECK(Contains(engine.Run("INFO errorstats"), "errorstat_ERR:count=3"));
  CHECK(Contains(engine.Run("INFO stats"), "total_error_replies:3"));
  CHECK(Contains(engine.Run("INFO stats"), "unexpected_error_replies:0"));
}

TEST_CASE("latencystats follow the percentiles asked for") {
  EngineHarness engine;
  engine.clock().SetMonoStepNs(1000);
  engine.Run("GET k");
  engine.Run("CONFIG SET latency-tracking-info-percentiles '50 99.9'");
  const std::string text = engine.Run("INFO latencystats");
  CHECK(Contains(text, "latency_percentiles_usec_get:p50=1."));
  CHECK(Contains(text, ",p99.9=1."));
  CHECK_FALSE(Contains(text, "p99="));
}

TEST_CASE("TIME, ROLE, LOLWUT and MODULE LIST") {
  EngineHarness engine;
  CHECK(engine.Run("TIME") == "[\"1700000000\", \"0\"]");
  CHECK(engine.Run("ROLE") == "[\"master\", 0, []]");
  CHECK(engine.Run("LOLWUT").find("\"Torc ver. ") == 0);
  CHECK(engine.Run("LOLWUT VERSION 5 1 2").find("\"Torc ver. ") == 0);
  CHECK(engine.Run("LOLWUT VERSION x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("MODULE LIST") == "[]");
}

TEST_CASE("SHUTDOWN asks the server, and its words must go together") {
  EngineHarness engine;
  for (const char* wrong :
       {"SHUTDOWN FOO", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN ABORT NOW", "SHUTDOWN ABORT SAVE"}) {
    CAPTURE(wrong);
    CHECK(engine.Run(wrong) == "(error) ERR syntax error");
  }
  CHECK(engine.server().shutdowns.empty());
  CHECK(engine.Run("SHUTDOWN NOSAVE NOW FORCE") == "(no reply)");
  REQUIRE(engine.server().shutdowns.size() == 1);
  const ShutdownRequest& request = engine.server().shutdowns[0];
  CHECK(request.save == ShutdownRequest::Save::kNoSave);
  CHECK(request.now);
  CHECK(request.force);
  CHECK_FALSE(request.abort);
  CHECK(engine.Run("SHUTDOWN ABORT") == "OK");
  engine.server().answer = Status::Unavailable("");
  CHECK(engine.Run("SHUTDOWN ABORT") == "(error) ERR No shutdown in progress.");
  CHECK(engine.Run("SHUTDOWN") == "(error) ERR Errors trying to SHUTDOWN. Check logs.");
}

}  // namespace
}  // namespace torc
