// SAVE, BGSAVE, save points and loading, on a disk that can fail.

#include "engine/snapshots.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/log.h"
#include "persist/sim_disk.h"
#include "support/engine_harness.h"
#include "support/rdb_bytes.h"

namespace torc {
namespace {

// An engine with a disk.
struct Saving {
  Saving()
      : snapshots({.settings = &settings,
                   .services = &engine.shard().services(),
                   .disk = &disk,
                   .queue = &queue}) {
    SetLogSink([](LogLevel, std::string_view) {});
    engine.shard().AddBackground(&snapshots);
  }
  ~Saving() {
    engine.shard().RemoveBackground(&snapshots);
    SetLogSink({});
  }

  // Turns of the loop until the background is quiet.
  void Finish() {
    while (engine.shard().StepBackground()) {
    }
  }
  std::string Info(std::string_view field) {
    const std::string text = engine.Ask("INFO persistence").text;
    const size_t at = text.find("\n" + std::string(field) + ":");
    if (at == std::string::npos) return "(none)";
    const size_t from = at + field.size() + 2;
    return text.substr(from, text.find('\r', from) - from);
  }
  std::string File() { return disk.Content("./dump.rdb"); }

  SimDisk disk;
  InlineWorkQueue queue;
  SnapshotSettings settings;
  EngineHarness engine;
  Snapshots snapshots;
};

void Fill(EngineHarness& engine, int keys) {
  for (int i = 0; i < keys; ++i) {
    engine.Run("SET key:" + std::to_string(i) + " value" + std::to_string(i * 7) +
               (i % 5 == 0 ? " EX 100" : ""));
  }
}

TEST_CASE("SAVE and DEBUG RELOAD give the same data back") {
  Saving saving;
  Fill(saving.engine, 500);
  saving.engine.Run("SELECT 3");
  saving.engine.Run("SET elsewhere 1");
  saving.engine.Run("SET large \"" + std::string(200'000, 'z') + "\"");
  const uint64_t digest = saving.engine.keyspace().Digest();
  CHECK(saving.Info("rdb_changes_since_last_save") == "502");
  saving.engine.AdvanceMs(5000);
  CHECK(saving.engine.Run("SAVE") == "OK");
  CHECK(saving.Info("rdb_changes_since_last_save") == "0");
  CHECK(saving.Info("rdb_saves") == "1");
  CHECK(saving.engine.Run("LASTSAVE") == std::to_string(saving.engine.clock().WallMs() / 1000));
  CHECK(saving.disk.Paths() == std::vector<std::string>{"./dump.rdb"});
  saving.engine.options().command.debug_access = DebugAccess::kYes;
  CHECK(saving.engine.Run("DEBUG RELOAD") == "OK");
  CHECK(saving.engine.keyspace().Digest() == digest);
  CHECK(saving.Info("rdb_last_load_keys_loaded") == "502");
}

TEST_CASE(
    "DEBUG RELOAD MERGE replaces what is there, and without it a key that is there is an error") {
  Saving saving;
  saving.engine.options().command.debug_access = DebugAccess::kYes;
  saving.engine.Run("SET a old");
  saving.engine.Run("RPUSH list 1 2 3");
  CHECK(saving.engine.Run("SAVE") == "OK");
  saving.engine.Run("SET a new");
  saving.engine.Run("SET list text");
  saving.engine.Run("SET b new");
  CHECK(saving.engine.Run("DEBUG RELOAD NOSAVE NOFLUSH").starts_with("(error) ERR Error trying"));
  CHECK(saving.engine.Run("DEBUG RELOAD NOSAVE NOFLUSH MERGE") == "OK");
  CHECK(saving.engine.Run("MGET a b") == R"(["old", "new"])");
  CHECK(saving.engine.Run("LRANGE list 0 -1") == R"(["1", "2", "3"])");
  // A file that is merged is no effect: the shadow does not see it.
  saving.engine.Run("MSET a new list text");
}

TEST_CASE("BGSAVE saves what was there when it was called") {
  Saving saving;
  Fill(saving.engine, 3000);
  const uint64_t digest = saving.engine.keyspace().Digest();
  CHECK(saving.engine.Run("BGSAVE") == "Background saving started");
  CHECK(saving.engine.Run("BGSAVE") == "(error) ERR Background save already in progress");
  CHECK(saving.engine.Run("SAVE") == "(error) ERR Background save already in progress");
  CHECK(saving.Info("rdb_bgsave_in_progress") == "1");
  CHECK(saving.Info("current_save_keys_total") == "3000");
  saving.engine.Run("FLUSHDB");
  Fill(saving.engine, 10);
  saving.Finish();
  CHECK(saving.Info("rdb_bgsave_in_progress") == "0");
  CHECK(saving.Info("rdb_last_bgsave_status") == "ok");
  CHECK(saving.Info("rdb_changes_since_last_save") == "3010");
  FakeClock clock;
  clock.AdvanceMs(saving.engine.clock().WallMs() - clock.WallMs());
  TestShard shard({}, &clock);
  CHECK(LoadRdbBytes(saving.File(), shard.shard()).ok());
  CHECK(shard.shard().keyspace().Digest() == digest);
}

TEST_CASE("BGSAVE waits for another user of snapshots only if it may") {
  Saving saving;
  saving.snapshots.set_other_job_active(true);
  CHECK(saving.engine.Run("BGSAVE").find("(error) ERR Another child process is active") == 0);
  CHECK(saving.engine.Run("BGSAVE SCHEDULE") == "Background saving scheduled");
  CHECK(saving.engine.Run("BGSAVE NOW") == "(error) ERR syntax error");
  saving.engine.Tick();
  CHECK_FALSE(saving.snapshots.save_in_progress());
  saving.snapshots.set_other_job_active(false);
  saving.engine.Tick();
  CHECK(saving.snapshots.save_in_progress());
  saving.Finish();
  CHECK(saving.disk.Has("./dump.rdb"));
}

TEST_CASE("FLUSHALL empties the file, too, where there are save points") {
  Saving s;
  Fill(s.engine, 10);
  CHECK(s.engine.Run("SAVE") == "OK");
  const std::string full = s.File();
  CHECK(s.engine.Run("FLUSHDB") == "OK");
  CHECK(s.File() == full);
  CHECK(s.engine.Run("FLUSHALL") == "OK");
  const size_t empty_bytes = s.File().size();
  CHECK(empty_bytes < full.size());
  CHECK(s.Info("rdb_changes_since_last_save") == "0");
  Fill(s.engine, 10);
  CHECK(s.engine.Run("FLUSHALL") == "OK");
  CHECK(s.Info("rdb_changes_since_last_save") == "0");
  s.engine.Run("MULTI");
  s.engine.Run("FLUSHALL");
  s.engine.Run("SET k v");
  CHECK(s.engine.Run("EXEC") == "[OK, OK]");
  CHECK(s.Info("rdb_changes_since_last_save") == "1");
  CHECK(s.File().size() == empty_bytes);  // what follows the FLUSHALL is not in it
}

TEST_CASE("FLUSHALL ends a save of what was there, and without save points leaves the file alone") {
  Saving s;
  s.settings.save_points.clear();
  Fill(s.engine, 20000);
  CHECK(s.engine.Run("BGSAVE") == "Background saving started");
  CHECK(s.engine.Run("FLUSHALL") == "OK");
  CHECK(s.Info("rdb_bgsave_in_progress") == "0");
  CHECK(s.File().empty());
  CHECK(s.Info("rdb_last_bgsave_status") == "ok");
}

TEST_CASE("within a transaction BGSAVE only makes a note, and the next tick begins") {
  Saving s;
  Fill(s.engine, 10);
  s.engine.Run("MULTI");
  s.engine.Run("BGSAVE");
  CHECK(s.engine.Run("EXEC") == "[Background saving scheduled]");
  CHECK(s.Info("rdb_bgsave_in_progress") == "0");
  s.engine.Tick();
  s.Finish();
  CHECK(s.Info("rdb_saves") == "1");
}

TEST_CASE("DEBUG RELOAD changes watched keys that were there, and tells caches") {
  Saving s;
  s.engine.options().command.debug_access = DebugAccess::kYes;
  s.engine.Run("SET there 1");
  TestClient& other = s.engine.NewClient();
  const auto exec_after = [&](const std::string& key, const std::string& between) {
    s.engine.Run("WATCH " + key);
    CHECK(other.Run(between) == "OK");
    s.engine.Run("MULTI");
    return s.engine.Run("EXEC");
  };
  CHECK(exec_after("there", "DEBUG RELOAD") == "(nil)");
  CHECK(exec_after("missing", "DEBUG RELOAD") == "[]");
  CHECK(exec_after("there", "DEBUG RELOAD NOFLUSH MERGE") == "[]");
  TestClient& cache = s.engine.NewClient();
  cache.Run("HELLO 3");
  cache.Run("CLIENT TRACKING ON");
  cache.Run("GET there");
  CHECK(other.Run("DEBUG RELOAD") == "OK");
  CHECK(cache.Received() == ">2\r\n$10\r\ninvalidate\r\n_\r\n");
}

TEST_CASE("save points save when enough was changed for long enough") {
  Saving saving;
  saving.settings.save_points = {{100, 3}};
  Fill(saving.engine, 2);
  saving.engine.AdvanceMs(200'000);
  saving.engine.Tick();
  CHECK_FALSE(saving.snapshots.save_in_progress());
  Fill(saving.engine, 1);
  saving.engine.Tick();
  CHECK(saving.snapshots.save_in_progress());
  saving.Finish();
  Fill(saving.engine, 3);
  saving.engine.AdvanceMs(99'000);
  saving.engine.Tick();
  CHECK_FALSE(saving.snapshots.save_in_progress());
}

TEST_CASE(
    "whatever call of the disk fails, the old file stays and writes stop until a save succeeds") {
  uint64_t failures = 0;
  for (uint64_t call = 0;; ++call) {
    CAPTURE(call);
    Saving saving;
    Fill(saving.engine, 200);
    REQUIRE(saving.engine.Run("SAVE") == "OK");
    const std::string before = saving.File();
    saving.engine.Run("SET more 1");
    saving.disk.FailCall(call,
                         call % 2 == 0 ? Status::IoError("no") : Status::ResourceExhausted("full"));
    saving.engine.Run("BGSAVE");
    saving.Finish();
    if (saving.disk.failure_is_due()) break;
    ++failures;
    CHECK(saving.Info("rdb_last_bgsave_status") == "err");
    // The last call makes the new name durable: by then it stands for the new file.
    CHECK((saving.File() == before || saving.File().size() > before.size()));
    CHECK(saving.engine.Run("SET more 2").find("(error) MISCONF Redis is configured to save RDB") ==
          0);
    CHECK(saving.engine.Run("PING").find("(error) MISCONF") == 0);
    CHECK(saving.engine.Run("GET more") == "\"1\"");
    CHECK(saving.engine.Run("SAVE") == "OK");
    CHECK(saving.engine.Run("SET more 2") == "OK");
    CHECK(saving.disk.Paths() == std::vector<std::string>{"./dump.rdb"});
  }
  CHECK(failures >= 5);
}

TEST_CASE("without save points, or with the setting off, a failure stops no write") {
  for (const bool points : {false, true}) {
    Saving saving;
    saving.settings.stop_writes_on_error = !points;
    if (!points) saving.settings.save_points.clear();
    saving.disk.room_bytes = 10;
    saving.engine.Run("SET k v");
    CHECK(saving.engine.Run("SAVE") == "(error) ERR");
    CHECK(saving.Info("rdb_last_bgsave_status") == "err");
    CHECK(saving.engine.Run("SET k v2") == "OK");
  }
}

TEST_CASE("a file cut at any byte or with any bit turned is refused, and the message names it") {
  Saving saving;
  Fill(saving.engine, 12);
  saving.engine.Run("SET text \"" + std::string(300, 'y') + "\"");
  REQUIRE(saving.engine.Run("SAVE") == "OK");
  const std::string good = saving.File();
  const auto load = [&](std::string bytes) {
    saving.disk.SetContent("./dump.rdb", std::move(bytes));
    return saving.snapshots.ReloadNow({.save = false, .flush = true});
  };
  CHECK(load(good).ok());
  for (size_t cut = 0; cut < good.size(); ++cut) {
    const Status status = load(good.substr(0, cut));
    CHECK_FALSE(status.ok());
    CHECK(status.message().find("./dump.rdb: at offset ") == 0);
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string turned = good;
      turned[at] = static_cast<char>(turned[at] ^ (1 << bit));
      CHECK_FALSE(load(std::move(turned)).ok());
    }
  }
  CHECK_FALSE(load(good + "x").ok());
  // The shadow saw none of this.
  CHECK(load(good).ok());
}

TEST_CASE("while a file is loaded commands are told so, and INFO tells how far it is") {
  Saving saving;
  Fill(saving.engine, 20'000);
  const uint64_t digest = saving.engine.keyspace().Digest();
  REQUIRE(saving.engine.Run("SAVE") == "OK");
  saving.engine.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);
  REQUIRE(saving.snapshots.BeginLoad().ok());
  REQUIRE(saving.engine.shard().StepBackground());
  CHECK(saving.engine.Run("GET key:1") == "(error) LOADING Redis is loading the dataset in memory");
  CHECK(saving.Info("loading") == "1");
  CHECK(saving.Info("loading_total_bytes") == std::to_string(saving.File().size()));
  CHECK(std::stod(saving.Info("loading_loaded_perc")) > 0);
  saving.Finish();
  CHECK(saving.snapshots.load_status().ok());
  CHECK(saving.Info("loading") == "0");
  CHECK(saving.engine.Run("GET key:1") == "\"value7\"");
  CHECK(saving.engine.keyspace().Digest() == digest);
}

}  // namespace
}  // namespace torc
