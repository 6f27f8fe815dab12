#include "persist/log_manifest.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

LogManifest Example() {
  return {.base = LogFileEntry{"appendonly.aof.3.base.rdb", 3},
          .increments = {{"appendonly.aof.7.incr.aof", 7}, {"appendonly.aof.8.incr.aof", 8}},
          .history = {{"appendonly.aof.2.base.rdb", 2}}};
}

TEST_CASE("a manifest reads back as it was written, in Redis's words") {
  const std::string text = FormatManifest(Example());
  CHECK(
      text.starts_with("file appendonly.aof.3.base.rdb seq 3 type b\n"
                       "file appendonly.aof.2.base.rdb seq 2 type h\n"
                       "file appendonly.aof.7.incr.aof seq 7 type i\n"
                       "file appendonly.aof.8.incr.aof seq 8 type i\n#TORC:M "));
  CHECK(HasManifestChecksum(text));
  const auto parsed = ParseManifest(text);
  REQUIRE(parsed.ok());
  CHECK(*parsed == Example());
}

TEST_CASE("a manifest that a Redis wrote has no checksum and is taken as it is") {
  const std::string text =
      "file \"my log.1.base.rdb\" seq 1 type b\nfile my.1.incr.aof seq 1 type i\n";
  const auto parsed = ParseManifest(text);
  REQUIRE(parsed.ok());
  CHECK(parsed->base->name == "my log.1.base.rdb");
  CHECK(parsed->increments.size() == 1);
  CHECK_FALSE(HasManifestChecksum(text));
}

TEST_CASE("any bit that flips in a manifest is noticed") {
  const std::string text = FormatManifest(Example());
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK_MESSAGE(!ParseManifest(flipped).ok(), "bit " << bit);
  }
}

TEST_CASE("a manifest that was cut anywhere but between lines is noticed") {
  const std::string text = FormatManifest(Example());
  for (size_t size = 0; size < text.size(); ++size) {
    if (size > 0 && text[size - 1] == '\n') continue;
    CHECK_MESSAGE(!ParseManifest(text.substr(0, size)).ok(), "size " << size);
  }
}

TEST_CASE("lines that make no sense are refused with their number") {
  const auto refusal = [](const char* text) { return ParseManifest(text).status().message(); };
  const std::string head = "Invalid AOF manifest file format: line ";
  CHECK(refusal("file a seq 1 type b\nfile b seq 2 type b\n") == head + "2: a second base file");
  CHECK(refusal("file a seq 2 type i\nfile b seq 2 type i\n") ==
        head + "2: increments are not in ascending order");
  CHECK(refusal("file a seq 1 type x\n") == head + "1: unknown type of file");
  for (const char* line :
       {"file ../a seq 1 type i\n", "file a/b seq 1 type i\n", "file a seq 0 type i\n",
        "file a seq one type i\n", "file a type i\n", "seq 1 type i\n", "file a seq 1\n",
        "file a seq 1 seq 2 type i\n", "file \"a seq 1 type i\n", "\n"}) {
    CHECK_MESSAGE(!ParseManifest(line).ok(), line);
  }
  CHECK(ParseManifest("file " + std::string(250, '\xc7') + " seq 1 type i\n").ok());
  CHECK_FALSE(ParseManifest("file " + std::string(500, '\xc7') + " seq 1 type i\n").ok());
}

TEST_CASE("a new base makes history of what it stands for") {
  LogManifest manifest = Example();
  manifest.ReplaceBase({"appendonly.aof.4.base.rdb", 4}, 8);
  CHECK(manifest.base->sequence == 4);
  CHECK(manifest.increments == std::vector<LogFileEntry>{{"appendonly.aof.8.incr.aof", 8}});
  CHECK(manifest.history.size() == 3);
}

}  // namespace
}  // namespace torc
