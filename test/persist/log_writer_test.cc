// The writer on a disk that fills up, fails and loses power. Seeds are printed; TORC_SEED replays
// one.

#include "persist/log_writer.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/text.h"
#include "persist/log_support.h"
#include "persist/sim_disk.h"

namespace torc {
namespace {

constexpr const char* kPath = "d/log";

std::unique_ptr<File> NewFile(SimDisk& disk) {
  auto file = disk.Open(kPath, Disk::Mode::kReplace).value();
  REQUIRE(disk.SyncDirectory("d").ok());
  return file;
}

TEST_CASE("a full disk loses nothing: what is left is written when there is room again") {
  for (uint64_t room_bytes = 0; room_bytes < 300; ++room_bytes) {
    SimDisk disk;
    LogWriter::Options options;
    LogWriter writer(&options);
    REQUIRE(writer.Open(NewFile(disk), {.id = 1}).ok());
    disk.room_bytes = room_bytes;
    std::vector<std::string> commands;
    bool was_full = false;
    for (int i = 0; i < 8; ++i) {
      commands.push_back(Format("SET key %d", i));
      writer.Add(MakeBatch({commands.back()}));
      const Status flushed = writer.Flush();
      was_full |= !flushed.ok();
      if (!flushed.ok()) CHECK(flushed.code() == StatusCode::kResourceExhausted);
      CHECK(writer.durable_position() <= writer.position());
    }
    CHECK(was_full);
    // Killed now, the log still starts with a first part of the commands.
    const auto file = disk.Open(kPath, Disk::Mode::kRead).value();
    const LogContent meanwhile = ReadLog(file.get());
    CHECK(meanwhile.commands.size() < commands.size());
    if (meanwhile.end == LogReader::Step::kDamage) CHECK(meanwhile.may_cut.ok());
    disk.room_bytes = 1 << 20;
    REQUIRE(writer.Flush().ok());
    CHECK(writer.unwritten_bytes() == 0);
    const LogContent content = ReadLog(file.get());
    CHECK(content.end == LogReader::Step::kEnd);
    CHECK(content.commands == commands);
    CHECK(content.position == writer.position());
  }
}

TEST_CASE("after a failed fsync nothing is written and none is tried again") {
  SimDisk disk;
  LogWriter::Options options;
  LogWriter writer(&options);
  REQUIRE(writer.Open(NewFile(disk), {.id = 1}).ok());
  writer.Add(MakeBatch({"SET a 1"}));
  REQUIRE(writer.Flush().ok());
  disk.FailCall(0, Status::IoError("Input/output error"));
  CHECK_FALSE(writer.Sync().ok());
  CHECK(writer.failed());
  CHECK(writer.durable_position() == 0);
  const uint64_t syncs = disk.syncs;
  const size_t size = disk.Content(kPath).size();
  CHECK_FALSE(writer.Sync().ok());
  writer.Add(MakeBatch({"SET b 2"}));
  CHECK_FALSE(writer.Flush().ok());
  CHECK(disk.syncs == syncs);
  CHECK(disk.Content(kPath).size() == size);
}

TEST_CASE("a new file goes on where the old one ended, which is whole and synced by then") {
  SimDisk disk;
  LogWriter::Options options;
  LogWriter writer(&options);
  REQUIRE(writer.Open(NewFile(disk), {.id = 1}).ok());
  writer.Add(MakeBatch({"SET a 1"}, 2));
  REQUIRE(writer.Rotate(disk.Open("d/next", Disk::Mode::kReplace).value(), 9).ok());
  REQUIRE(disk.SyncDirectory("d").ok());
  const uint64_t position = writer.position();
  writer.Add(MakeBatch({"SET b 2"}, 2));
  REQUIRE(writer.Flush().ok());
  CHECK(disk.Content("d/next").find("SELECT") != std::string::npos);
  CHECK(writer.position() > position);
  Rng rng(1);
  disk.LosePower(rng);
  const auto file = disk.Open(kPath, Disk::Mode::kRead).value();
  CHECK(ReadLog(file.get()).commands == std::vector<std::string>{"SET a 1"});
}

// Writes until power is lost, and reads what is left.
struct PowerLoss {
  explicit PowerLoss(uint64_t seed, bool always) : rng(seed) {
    writer = std::make_unique<LogWriter>(&options);
    options.timestamps = rng.Below(2) == 0;
    REQUIRE(writer->Open(NewFile(disk), {.id = rng.Next()}).ok());
    const uint64_t turns = rng.Below(40);
    for (uint64_t turn = 0; turn < turns; ++turn) Turn(always);
    disk.LosePower(rng);
    writer.reset();
  }

  void Turn(bool always) {
    std::vector<std::string> lines;
    const uint64_t count = 1 + rng.Below(5);
    for (uint64_t i = 0; i < count; ++i) {
      lines.push_back(Format("SET k%zu ", commands.size() + i) + std::string(rng.Below(900), 'v'));
    }
    commands.insert(commands.end(), lines.begin(), lines.end());
    now_ms += 400;
    writer->Add(MakeBatch(lines, static_cast<uint32_t>(rng.Below(3)), now_ms));
    if (!always && rng.Below(3) == 0) return;
    if (!writer->Flush().ok()) return;
    flushed = commands.size();
    if (!always && rng.Below(4) != 0) return;
    if (!writer->Sync().ok()) return;
    promised = flushed;
    writer->MarkDurable();
    if (rng.Below(2) == 0) CHECK(writer->Flush().ok());
  }

  Rng rng;
  SimDisk disk;
  LogWriter::Options options;
  std::unique_ptr<LogWriter> writer;
  std::vector<std::string> commands;
  size_t flushed = 0;
  size_t promised = 0;
  int64_t now_ms = 0;
};

void CheckSurvivors(uint64_t seed, bool always) {
  CAPTURE(seed);
  PowerLoss loss(seed, always);
  const auto file = loss.disk.Open(kPath, Disk::Mode::kAppend).value();
  const LogContent content = ReadLog(file.get());
  if (content.end == LogReader::Step::kDamage) {
    CHECK_MESSAGE(content.may_cut.ok(), content.may_cut.message());
  } else {
    CHECK(content.end == LogReader::Step::kEnd);
  }
  CHECK(content.commands.size() >= loss.promised);
  REQUIRE(content.commands.size() <= loss.commands.size());
  for (size_t i = 0; i < content.commands.size(); ++i) {
    CHECK(content.commands[i] == loss.commands[i]);
  }
}

TEST_CASE("after a loss of power all that was synced is there, and of the rest a first part") {
  const char* const chosen = std::getenv("TORC_SEED");
  const uint64_t first = chosen == nullptr ? 1 : std::strtoull(chosen, nullptr, 10);
  const uint64_t last = chosen == nullptr ? 1500 : first;
  for (uint64_t seed = first; seed <= last; ++seed) {
    CheckSurvivors(seed, false);
    CheckSurvivors(seed, true);
  }
}

}  // namespace
}  // namespace torc
