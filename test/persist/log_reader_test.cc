// What is read of a log that is whole, cut, damaged or foreign. The logs are written by LogWriter.

#include "persist/log_reader.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "persist/log_note.h"
#include "persist/log_support.h"
#include "persist/log_writer.h"
#include "persist/sim_disk.h"

namespace torc {
namespace {

constexpr const char* kPath = "d/log";

LogContent ReadText(const std::string& text, bool load_truncated = true) {
  SimDisk disk;
  disk.SetContent(kPath, text);
  const auto file = disk.Open(kPath, Disk::Mode::kRead).value();
  return ReadLog(file.get(), load_truncated);
}

struct Written {
  std::string text;
  std::vector<std::string> commands;
  std::vector<size_t> ends;  // of each command in the text
};

// A log of `turns` batches of two commands, synced after each but the last `unsynced`.
Written WriteLog(int turns, int unsynced = 0) {
  SimDisk disk;
  LogWriter::Options options{.timestamps = true};
  LogWriter writer(&options);
  Written written;
  REQUIRE(writer.Open(disk.Open(kPath, Disk::Mode::kReplace).value(), {.id = 42}).ok());
  for (int turn = 0; turn < turns; ++turn) {
    const std::vector<std::string> lines = {Format("SET key:%d value:%d", turn, turn),
                                            Format("DEL gone:%d", turn)};
    writer.Add(MakeBatch(lines, turn % 2 == 0 ? 0 : 3, turn * 700));
    REQUIRE(writer.Flush().ok());
    if (turn < turns - unsynced) REQUIRE(writer.Sync().ok());
    writer.MarkDurable();
    REQUIRE(writer.Flush().ok());
    const std::string text = disk.Content(kPath);
    for (const std::string& line : lines) {
      const std::string key = line.substr(4, line.find(' ', 4) - 4);
      const size_t key_at = text.rfind("\r\n" + key + "\r\n") + 2 + key.size() + 2;
      const bool is_set = line.starts_with("SET");
      written.ends.push_back(is_set ? text.find("\r\n", key_at + 4) + 2 : key_at);
      written.commands.push_back(line);
    }
  }
  written.text = disk.Content(kPath);
  return written;
}

TEST_CASE("what was written is read, with position and checksum to go on from") {
  const Written written = WriteLog(50);
  const LogContent content = ReadText(written.text);
  CHECK(content.end == LogReader::Step::kEnd);
  CHECK(content.commands == written.commands);
  CHECK(content.id == 42);
  CHECK(content.offset == written.text.size());
  CHECK(content.position > 0);
}

TEST_CASE("cut anywhere, a log holds exactly the commands before the cut") {
  const Written written = WriteLog(12, 3);
  for (size_t size = 0; size <= written.text.size(); ++size) {
    const LogContent content = ReadText(written.text.substr(0, size));
    size_t whole = 0;
    while (whole < written.ends.size() && written.ends[whole] <= size) ++whole;
    CHECK_MESSAGE(content.commands.size() == whole, "cut to " << size);
    if (content.end == LogReader::Step::kDamage) {
      CHECK_MESSAGE(content.may_cut.ok(), "cut to " << size << content.may_cut.message());
      CHECK(content.damage.is_short);
      CHECK_FALSE(ReadText(written.text.substr(0, size), false).may_cut.ok());
    }
  }
}

TEST_CASE("any bit that flips in a log is noticed before what it hit is run") {
  const Written written = WriteLog(6);
  for (size_t bit = 0; bit < written.text.size() * 8; ++bit) {
    std::string flipped = written.text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const LogContent content = ReadText(flipped);
    CHECK_MESSAGE(content.end == LogReader::Step::kDamage, "bit " << bit);
    if (content.end != LogReader::Step::kDamage) continue;
    CHECK_MESSAGE(content.damage.offset <= bit / 8, "bit " << bit);
    // Whatever is handed out was written; and if any is missing, the server does not start.
    REQUIRE(content.commands.size() <= written.commands.size());
    for (size_t i = 0; i < content.commands.size(); ++i) {
      CHECK(content.commands[i] == written.commands[i]);
    }
    const bool complete = content.commands.size() == written.commands.size();
    CHECK_MESSAGE((complete || !content.may_cut.ok()), "bit " << bit);
    if (!content.may_cut.ok()) {
      CHECK(content.may_cut.message().find("AOF file log") != std::string::npos);
      CHECK(content.may_cut.message().find("--repair-log 'log'") != std::string::npos);
    }
  }
}

TEST_CASE(
    "damage behind the last durable mark is cut, and what may hold zeros for data is not run") {
  Written written = WriteLog(8, 2);
  const std::string last = "value:7";
  std::string text = written.text;
  text[text.find(last)] = 'X';
  LogContent content = ReadText(text);
  CHECK(content.end == LogReader::Step::kDamage);
  CHECK(content.commands.size() == written.commands.size() - 2);
  CHECK(content.may_cut.ok());
}

TEST_CASE("a sector of zeros in an unfinished write is not taken for a value") {
  SimDisk disk;
  LogWriter::Options options;
  LogWriter writer(&options);
  REQUIRE(writer.Open(disk.Open(kPath, Disk::Mode::kReplace).value(), {.id = 42}).ok());
  writer.Add(MakeBatch({"SET a 1", "SET b " + std::string(3000, 'v'), "SET c 3"}));
  REQUIRE(writer.Flush().ok());
  std::string text = disk.Content(kPath);
  text = text.substr(0, text.rfind("#TORC:B"));
  CHECK(ReadText(text).commands.size() == 3);
  text.replace(1024, 512, 512, '\0');
  const LogContent content = ReadText(text);
  CHECK(content.commands == std::vector<std::string>{"SET a 1"});
  CHECK(content.end == LogReader::Step::kDamage);
  CHECK(content.may_cut.ok());
}

TEST_CASE("a log that a Redis wrote counts command by command, and a transaction as one") {
  const std::string set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
  const std::string multi = "*1\r\n$5\r\nMULTI\r\n" + set + set + "*1\r\n$4\r\nEXEC\r\n";
  const std::string text = "#TS:1700000000\r\n" + set + multi + "#TS:1700000001\r\n" + set;
  CHECK(ReadText(text).commands.size() == 4);
  CHECK(ReadText(text).end == LogReader::Step::kEnd);
  for (size_t size = 0; size < text.size(); ++size) {
    const LogContent content = ReadText(text.substr(0, size));
    const size_t until_multi = text.find("*1");
    const size_t until_exec = text.find("EXEC\r\n") + 6;
    const size_t expected = size >= until_exec ? 3 : size >= until_multi ? 1 : 0;
    CHECK_MESSAGE((content.commands.size() == expected || size < until_multi), "cut to " << size);
    if (content.end == LogReader::Step::kDamage) CHECK(content.may_cut.ok());
  }
  for (const std::string bad : {"SET k v\r\n", "*0\r\n", "*-1\r\n", "*01\r\n$4\r\nPING\r\n",
                                "*1\r\n$4\r\nPINGxx", "*1\r\n$4\r\nEXEC\r\n", "# hello\r\n"}) {
    const LogContent content = ReadText(set + bad + set);
    CHECK_MESSAGE(content.commands.size() == 1, bad);
    CHECK_MESSAGE(!content.may_cut.ok(), bad);
  }
}

TEST_CASE("a file that a Redis began is continued, and sealed from there on") {
  const std::string foreign = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
  SimDisk disk;
  disk.SetContent(kPath, foreign);
  auto file = disk.Open(kPath, Disk::Mode::kAppend).value();
  const LogContent before = ReadLog(file.get());
  LogWriter::Options options;
  LogWriter writer(&options);
  REQUIRE(writer
              .Open(std::move(file), {.size_bytes = before.offset,
                                      .crc = before.crc,
                                      .position = before.position,
                                      .id = 5})
              .ok());
  writer.Add(MakeBatch({"SET a 1"}));
  REQUIRE(writer.Flush().ok());
  const LogContent after = ReadText(disk.Content(kPath));
  CHECK(after.end == LogReader::Step::kEnd);
  CHECK(after.commands == std::vector<std::string>{"SET k v", "SET a 1"});
  // Also the part before the head is vouched for now.
  std::string text = disk.Content(kPath);
  text[text.find("v\r\n")] = 'w';
  CHECK_FALSE(ReadText(text).may_cut.ok());
}

TEST_CASE("a point in time is found between batches") {
  const Written written = WriteLog(10);  // batches at 0, 0.7, 1.4, … s
  SimDisk disk;
  disk.SetContent(kPath, written.text);
  const auto file = disk.Open(kPath, Disk::Mode::kRead).value();
  LogFileReader reader(file.get(), kPath, {});
  reader.reader().SetTimeLimit(3);
  RequestBatch batch;
  LogReader::Step step = LogReader::Step::kBatch;
  while (step == LogReader::Step::kBatch) step = reader.Next(100, &batch).value();
  CHECK(step == LogReader::Step::kTimeLimit);
  CHECK(written.text.substr(reader.reader().offset()).starts_with("#TS:4\r\n"));
}

TEST_CASE("an unfinished file needs no more memory than it has bytes") {
  const std::string huge = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000000000\r\nv";
  CHECK(ReadText(huge).end == LogReader::Step::kDamage);
  CHECK(ReadText("*2147483647\r\n$1\r\n").end == LogReader::Step::kDamage);
}

}  // namespace
}  // namespace torc
