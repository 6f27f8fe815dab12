#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("FLUSHDB empties one database, FLUSHALL all") {
  EngineHarness engine;
  engine.Run("MSET a 1 b 2");
  engine.Run("SELECT 3");
  engine.Run("SET c 3");
  CHECK(engine.Run("DBSIZE") == "1");
  engine.TakeEffects();
  CHECK(engine.Run("FLUSHDB") == "OK");
  CHECK(engine.TakeEffects() == Lines{"3: FLUSHDB"});
  CHECK(engine.Run("DBSIZE") == "0");
  engine.Run("SET c 3");
  engine.TakeEffects();
  CHECK(engine.Run("FLUSHALL ASYNC") == "OK");
  CHECK(engine.TakeEffects() == Lines{"3: FLUSHALL"});
  engine.Run("SELECT 0");
  CHECK(engine.Run("DBSIZE") == "0");
}

TEST_CASE("flushing what is empty has no effect") {
  EngineHarness engine;
  CHECK(engine.Run("FLUSHALL") == "OK");
  CHECK(engine.Run("FLUSHDB SYNC") == "OK");
  CHECK(engine.TakeEffects().empty());
}

TEST_CASE("FLUSHDB and FLUSHALL know SYNC and ASYNC") {
  EngineHarness engine;
  CHECK(engine.Run("FLUSHALL now") == "(error) ERR syntax error");
  CHECK(engine.Run("FLUSHDB SYNC SYNC") == "(error) ERR syntax error");
  engine.Run("MSET a 1 b 2 c 3");
  CHECK(engine.Run("FLUSHDB ASYNC") == "OK");
  CHECK(engine.Run("INFO memory").find("lazyfree_pending_objects:3") != std::string::npos);
  engine.Tick();
  const std::string memory = engine.Run("INFO memory");
  CHECK(memory.find("lazyfree_pending_objects:0") != std::string::npos);
  CHECK(memory.find("lazyfreed_objects:3") != std::string::npos);
  engine.Run("SET a 1");
  engine.Run("CONFIG SET lazyfree-lazy-user-flush yes");
  engine.Run("FLUSHDB");
  CHECK(engine.Run("INFO memory").find("lazyfree_pending_objects:1") != std::string::npos);
  engine.Run("SET a 1");
  engine.Run("FLUSHDB SYNC");
  CHECK(engine.Run("INFO memory").find("lazyfree_pending_objects:0") != std::string::npos);
}

TEST_CASE("SWAPDB exchanges two databases") {
  EngineHarness engine;
  engine.Run("SET k zero");
  engine.Run("SELECT 1");
  engine.Run("SET k one EX 100");
  engine.TakeEffects();
  CHECK(engine.Run("SWAPDB 0 1") == "OK");
  CHECK(engine.TakeEffects() == Lines{"1: SWAPDB 0 1"});
  CHECK(engine.Run("GET k") == "\"zero\"");
  CHECK(engine.Run("TTL k") == "-1");
  engine.Run("SELECT 0");
  CHECK(engine.Run("TTL k") == "100");
  CHECK(engine.Run("SWAPDB 5 5") == "OK");
  CHECK(engine.Run("SWAPDB 0 15") == "OK");
  CHECK(engine.Run("GET k") == "(nil)");
}

TEST_CASE("SWAPDB refuses wrong numbers") {
  EngineHarness engine;
  CHECK(engine.Run("SWAPDB a 1") == "(error) ERR invalid first DB index");
  CHECK(engine.Run("SWAPDB 0 b") == "(error) ERR invalid second DB index");
  CHECK(engine.Run("SWAPDB 99 b") == "(error) ERR invalid second DB index");
  CHECK(engine.Run("SWAPDB 0 16") == "(error) ERR DB index is out of range");
  CHECK(engine.Run("SWAPDB -1 0") == "(error) ERR DB index is out of range");
}

}  // namespace
}  // namespace torc
