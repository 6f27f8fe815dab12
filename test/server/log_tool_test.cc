#include "server/log_tool.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "persist/log_directory.h"
#include "persist/log_writer.h"
#include "server/system_disk.h"

namespace torc {
namespace {

// A log of three synced commands, and the tool with what it prints.
class LogToolBench {
 public:
  LogToolBench() {
    std::string name = (std::filesystem::temp_directory_path() / "torc-tool-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    LogDirectory directory(&disk_, {folder_, "appendonly.aof"});
    REQUIRE(directory.Open().ok());
    LogWriter::Options options{.timestamps = true};
    LogWriter writer(&options);
    REQUIRE(writer.Open(directory.AddIncrement().value(), {.id = 7}).ok());
    for (int i = 0; i < 3; ++i) {
      LogBatch batch;
      const std::string key = "key" + std::to_string(i);
      const std::string_view args[] = {"SET", key, "value"};
      AppendLogCommand(&batch.bytes, args);
      batch.unix_ms = 1000 * (i + 100);
      writer.Add(batch);
      REQUIRE(writer.Flush().ok());
      REQUIRE(writer.Sync().ok());
      writer.MarkDurable();
    }
    REQUIRE(writer.Flush().ok());
  }
  ~LogToolBench() { std::filesystem::remove_all(folder_); }

  int Run(LogToolRequest request, bool answer = false) {
    printed.clear();
    LogTool tool(
        &disk_, [this](const std::string& line) { printed += line + "\n"; },
        [this, answer](const std::string& question) {
          printed += question + "\n";
          return answer;
        });
    return tool.Run(request);
  }
  bool Said(const std::string& text) const { return printed.find(text) != std::string::npos; }
  std::string log() const { return folder_ + "/appendonly.aof.1.incr.aof"; }
  const std::string& folder() const { return folder_; }
  uint64_t size() const { return std::filesystem::file_size(log()); }
  void Shorten(uint64_t bytes) { std::filesystem::resize_file(log(), size() - bytes); }
  void Flip(uint64_t offset) {
    std::string text = ReadSmallFile(&disk_, log(), 1 << 20).value();
    text[offset] = static_cast<char>(text[offset] ^ 1);
    auto file = disk_.Open(log(), Disk::Mode::kReplace).value();
    REQUIRE(file->Write(text).value() == text.size());
  }

  std::string printed;

 private:
  SystemDisk disk_;
  std::string folder_;
};

TEST_CASE("the tool describes a good log by its directory, and lists records with their position") {
  LogToolBench bench;
  CHECK(bench.Run({.list_records = true, .path = bench.folder()}) == 0);
  CHECK(bench.Said("checksum fits, 1 increments"));
  CHECK(bench.Said("SET key2 value"));
  CHECK(bench.Said("#TORC:H 1 0000000000000007 0 "));
}

TEST_CASE("the tool repairs nothing unasked") {
  LogToolBench bench;
  bench.Shorten(3);
  const uint64_t size = bench.size();
  CHECK(bench.Run({.path = bench.log()}) == 1);
  CHECK(bench.Said("A torn end"));
  CHECK(bench.Run({.repair = true, .path = bench.log()}, false) == 1);
  CHECK(bench.Said("Nothing was changed."));
  CHECK(bench.size() == size);
  CHECK(bench.Run({.repair = true, .path = bench.log()}, true) == 0);
  CHECK(bench.size() < size);
  CHECK(bench.Run({.path = bench.folder()}) == 0);
}

TEST_CASE("lost data is called lost data, and can still be cut") {
  LogToolBench bench;
  bench.Flip(180);
  CHECK(bench.Run({.path = bench.log()}) == 1);
  CHECK(bench.Said("lost data"));
  CHECK(bench.Run({.repair = true, .assume_yes = true, .path = bench.log()}) == 0);
  CHECK(bench.Run({.path = bench.folder()}) == 0);
}

TEST_CASE("a log is cut at a point in time") {
  LogToolBench bench;
  CHECK(bench.Run({.repair = true, .until_unix_s = 100, .path = bench.log()}, true) == 0);
  CHECK(bench.Run({.list_records = true, .path = bench.folder()}) == 0);
  CHECK(bench.Said("SET key0 value"));
  CHECK_FALSE(bench.Said("SET key1 value"));
}

TEST_CASE("the tool's arguments") {
  using Words = std::vector<std::string>;
  CHECK_FALSE(ParseLogToolRequest(Words{"--port", "1"}).has_value());
  CHECK_FALSE(ParseLogToolRequest(Words{}).has_value());
  const auto request = *ParseLogToolRequest(Words{"--repair-log", "a", "--until", "9", "--yes"});
  REQUIRE(request.ok());
  CHECK(request->repair);
  CHECK(request->until_unix_s == 9);
  CHECK(request->path == "a");
  for (const Words& words :
       {Words{"--check-log"}, Words{"--check-log", "a", "b"}, Words{"--check-log", "a", "--until"},
        Words{"--check-log", "--what"}}) {
    CHECK_FALSE(ParseLogToolRequest(words)->ok());
  }
}

}  // namespace
}  // namespace torc
