// The files of a log, on a disk that fails at any call and then loses power.

#include "persist/log_directory.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "persist/log_support.h"
#include "persist/log_writer.h"
#include "persist/sim_disk.h"

namespace torc {
namespace {

const LogDirectory::Names kNames{"d", "appendonly.aof"};

// A life of a log: two increments with a command each, a new base in place of the first, old files
// deleted. Stops at the first error. Returns how many commands were promised durable.
size_t Live(SimDisk& disk) {
  LogDirectory directory(&disk, kNames);
  LogWriter::Options options;
  LogWriter writer(&options);
  size_t promised = 0;
  const auto write = [&](const char* command) {
    writer.Add(MakeBatch({command}));
    if (!writer.Flush().ok() || !writer.Sync().ok()) return false;
    ++promised;
    return true;
  };
  if (!directory.Open().ok()) return promised;
  if (const Status loaded = directory.Load(); loaded.code() != StatusCode::kNotFound)
    return promised;
  auto first = directory.AddIncrement();
  if (!first.ok() || !writer.Open(std::move(*first), {.id = 1}).ok()) return promised;
  if (!write("SET a 1")) return promised;
  auto second = directory.AddIncrement();
  if (!second.ok() || !writer.Rotate(std::move(*second), 2).ok()) return promised;
  if (!write("SET b 2")) return promised;
  auto base = disk.Open(directory.NextBasePath(), Disk::Mode::kReplace);
  if (!base.ok()) return promised;
  const LogBatch content = MakeBatch({"SET a 1"});
  if (!(*base)->Write(content.bytes.view()).ok() || !(*base)->Sync().ok()) return promised;
  if (!directory.AdoptBase(BaseForm::kCommands, 2).ok()) return promised;
  for (const std::string& path : directory.History()) {
    if (!disk.Remove(path).ok()) return promised;
  }
  if (!directory.ForgetHistory().ok()) return promised;
  return promised;
}

// Everything that the manifest names, replayed in order.
std::vector<std::string> Replay(SimDisk& disk) {
  LogDirectory directory(&disk, kNames);
  REQUIRE(directory.Open().ok());
  const Status loaded = directory.Load();
  if (loaded.code() == StatusCode::kNotFound) return {};
  REQUIRE_MESSAGE(loaded.ok(), loaded.message());
  std::vector<LogFileEntry> entries;
  if (directory.manifest().base) entries.push_back(*directory.manifest().base);
  for (const auto& entry : directory.manifest().increments) entries.push_back(entry);
  std::vector<std::string> commands;
  for (const LogFileEntry& entry : entries) {
    auto file = disk.Open(directory.PathOf(entry), Disk::Mode::kRead);
    REQUIRE_MESSAGE(file.ok(), entry.name);
    const LogContent content = ReadLog(file->get());
    if (content.end == LogReader::Step::kDamage) CHECK(content.may_cut.ok());
    commands.insert(commands.end(), content.commands.begin(), content.commands.end());
  }
  return commands;
}

TEST_CASE("a log's whole life leaves a base, an increment and the manifest") {
  SimDisk disk;
  CHECK(Live(disk) == 2);
  CHECK(disk.Paths() == std::vector<std::string>{"d/appendonly.aof.1.base.aof",
                                                 "d/appendonly.aof.2.incr.aof",
                                                 "d/appendonly.aof.manifest"});
  CHECK(Replay(disk) == std::vector<std::string>{"SET a 1", "SET b 2"});
}

TEST_CASE("whichever call fails, and whatever power then takes, the promised commands are there") {
  SimDisk whole;
  Live(whole);
  const Status failures[] = {Status::ResourceExhausted("No space left on device"),
                             Status::IoError("Input/output error")};
  for (uint64_t call = 0; call <= whole.calls(); ++call) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      CAPTURE(call);
      CAPTURE(seed);
      SimDisk disk;
      disk.FailCall(call, failures[seed % 2]);
      const size_t promised = Live(disk);
      Rng rng(seed);
      if (seed >= 2) disk.LosePower(rng);
      disk.FailCall(~uint64_t{0} / 2, {});
      const auto commands = Replay(disk);
      CHECK(commands.size() >= promised);
      if (!commands.empty()) CHECK(commands[0] == "SET a 1");
      if (commands.size() > 1) CHECK(commands[1] == "SET b 2");
      CHECK(commands.size() <= 2);
    }
  }
}

TEST_CASE("a second process is kept out, and told of whom it waits for") {
  SimDisk disk;
  LogDirectory first(&disk, kNames);
  REQUIRE(first.Open().ok());
  LogDirectory second(&disk, kNames);
  const Status refused = second.Open();
  CHECK(refused.code() == StatusCode::kAlreadyExists);
  CHECK(refused.message().find("in use by another process") != std::string::npos);
}

TEST_CASE("a damaged manifest is refused with its path and what to do") {
  SimDisk disk;
  disk.SetContent("d/appendonly.aof.manifest", "file x seq 1 type i\n#TORC:M 00000000\n");
  LogDirectory directory(&disk, kNames);
  const Status loaded = directory.Load();
  CHECK(loaded.code() == StatusCode::kCorruption);
  CHECK(loaded.message().find(
            "d/appendonly.aof.manifest: Invalid AOF manifest file format: line 2") !=
        std::string::npos);
  CHECK(loaded.message().find("--check-log 'd/appendonly.aof.manifest'") != std::string::npos);
}

TEST_CASE("an increment can be taken back, and its number is not used again") {
  SimDisk disk;
  LogDirectory directory(&disk, kNames);
  REQUIRE(directory.AddIncrement().ok());
  REQUIRE(directory.AddIncrement().ok());
  REQUIRE(directory.DropIncrement().ok());
  CHECK(directory.manifest().LastIncrement() == 1);
  REQUIRE(directory.AddIncrement().ok());
  CHECK(directory.manifest().LastIncrement() == 3);
}

}  // namespace
}  // namespace torc
