#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("CONFIG GET takes several names and globs, SET several pairs") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG GET databases") == "[\"databases\", \"16\"]");
  CHECK(engine.Run("CONFIG GET slowlog-* databases") ==
        "[\"slowlog-log-slower-than\", \"10000\", \"slowlog-max-len\", \"128\", \"databases\", "
        "\"16\"]");
  CHECK(engine.Run("CONFIG GET nothing") == "[]");
  CHECK(engine.Run("CONFIG SET slowlog-max-len 5 lfu-log-factor 3") == "OK");
  engine.Run("HELLO 3");
  CHECK(engine.Run("CONFIG GET slowlog-max-len") == "{\"slowlog-max-len\": \"5\"}");
  CHECK(engine.options().keyspace.access.lfu_log_factor == 3);
}

TEST_CASE("CONFIG SET is all or nothing") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG SET slowlog-max-len 7 foo 1").find("(error) ERR Unknown option") == 0);
  CHECK(
      engine.Run("CONFIG SET slowlog-max-len 7 lfu-log-factor x").find("(error) ERR CONFIG SET") ==
      0);
  CHECK(engine.options().slowlog.length_max == 128);
  CHECK(engine.Run("CONFIG SET slowlog-max-len 7 foo") == "(error) ERR syntax error");
  CHECK(engine.Run("CONFIG SET slowlog-max-len") ==
        "(error) ERR wrong number of arguments for 'config|set' command");
  CHECK(engine.Run("CONFIG SET databases 3") ==
        "(error) ERR CONFIG SET failed (possibly related to argument 'databases') - can't set "
        "immutable config");
}

TEST_CASE("every setting can be set to what it is") {
  EngineHarness engine;
  const Reply all = engine.Ask("CONFIG GET *");
  REQUIRE(all.elements.size() > 10);
  for (size_t i = 0; i + 1 < all.elements.size(); i += 2) {
    const std::string& name = all.elements[i].text;
    CAPTURE(name);
    const std::string answer = engine.RunArgs({"CONFIG", "SET", name, all.elements[i + 1].text});
    const bool fixed = answer.find("can't set immutable config") != std::string::npos;
    CHECK((answer == "OK" || fixed));
  }
}

TEST_CASE("a password set by CONFIG SET stays out of the slow log") {
  EngineHarness engine;
  engine.options().slowlog.slower_than_us = 0;
  CHECK(engine.Run("CONFIG SET slowlog-max-len 9 requirepass secret") == "OK");
  CHECK(engine.Run("SLOWLOG GET 1")
            .find("[\"CONFIG\", \"SET\", \"slowlog-max-len\", \"9\", "
                  "\"requirepass\", \"(redacted)\"]") != std::string::npos);
}

TEST_CASE("CONFIG REWRITE is the server's work") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG REWRITE") == "OK");
  CHECK(engine.server().rewrites == 1);
  engine.server().answer = Status::IoError("Rewriting config file: No space left on device");
  CHECK(engine.Run("CONFIG REWRITE") ==
        "(error) ERR Rewriting config file: No space left on device");
}

TEST_CASE("CONFIG RESETSTAT lets the counters begin anew") {
  EngineHarness engine;
  engine.Run("SET k v");
  engine.Run("GET k");
  engine.Run("GET none");
  engine.Run("INCR k");
  CHECK(engine.Run("INFO stats").find("keyspace_hits:1") != std::string::npos);
  CHECK(engine.Run("CONFIG RESETSTAT") == "OK");
  const std::string stats = engine.Run("INFO stats");
  CHECK(stats.find("keyspace_hits:0") != std::string::npos);
  CHECK(stats.find("keyspace_misses:0") != std::string::npos);
  CHECK(stats.find("total_error_replies:0") != std::string::npos);
  CHECK(engine.Run("INFO errorstats") == "\"# Errorstats\\r\\n\"");
  CHECK(engine.Run("INFO persistence").find("rdb_changes_since_last_save:1") != std::string::npos);
  CHECK(engine.server().stats_resets == 1);
}

}  // namespace
}  // namespace torc
