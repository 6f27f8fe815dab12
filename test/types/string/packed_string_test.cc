// Strings that are kept compressed: clients see no difference but the memory.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/rng.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

std::string Prose(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "{\"id\":" + std::to_string(i * 31) + ",\"name\":\"somebody\",\"tags\":[\"a\",\"b\"]},";
  }
  text.resize(bytes);
  return text;
}

std::string Noise(size_t bytes) {
  Rng rng(1);
  std::string text;
  while (text.size() < bytes) text.push_back(static_cast<char>(rng.Below(256)));
  return text;
}

std::string Text(EngineHarness& engine, std::string_view command) {
  return engine.Ask(command).text;
}

int64_t Usage(EngineHarness& engine, const std::string& key) {
  return engine.Ask("MEMORY USAGE " + key).integer;
}

TEST_CASE("value-compression is off by default") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG GET value-compression") == "[\"value-compression\", \"no\"]");
  engine.RunArgs({"SET", "k", Prose(5000)});
  CHECK(Usage(engine, "k") > 5000);
}

TEST_CASE("packed strings read and write like any other") {
  for (const char* kind : {"lz4", "zstd"}) {
    for (const size_t bytes : {size_t{300}, size_t{5000}, size_t{200000}}) {
      CAPTURE(kind);
      CAPTURE(bytes);
      EngineHarness engine;
      engine.RunArgs({"CONFIG", "SET", "value-compression", kind});
      engine.Run("CONFIG SET value-compression-min-bytes 256");
      const std::string prose = Prose(bytes);
      engine.RunArgs({"SET", "k", prose});
      CHECK(Usage(engine, "k") < static_cast<int64_t>(bytes) * 2 / 3);
      CHECK(Text(engine, "GET k") == prose);
      CHECK(engine.Ask("STRLEN k").integer == static_cast<int64_t>(bytes));
      CHECK(Text(engine, "GETRANGE k 100 120") == prose.substr(100, 21));
      CHECK(Text(engine, "OBJECT ENCODING k") == "raw");
      CHECK(engine.Run("INCR k") == "(error) ERR value is not an integer or out of range");
      CHECK(engine.Run("GETBIT k 7") == std::to_string(prose[0] & 1));
      CHECK(engine.Run("BITFIELD_RO k GET u8 80") ==
            "[" + std::to_string(static_cast<unsigned char>(prose[10])) + "]");
      CHECK(engine.Run("COPY k copy") == "1");
      CHECK(engine.Run("EXPIRE k 100") == "1");
      CHECK(engine.Run("RENAME k moved") == "OK");
      CHECK(Text(engine, "GET moved") == prose);
      CHECK(engine.Run("PERSIST moved") == "1");
      CHECK(Usage(engine, "moved") < static_cast<int64_t>(bytes) * 2 / 3);

      engine.Run("APPEND moved end");
      CHECK(Text(engine, "GET moved") == prose + "end");
      engine.Run("SETRANGE copy 50 changed");
      std::string changed = prose;
      changed.replace(50, 7, "changed");
      CHECK(Text(engine, "GET copy") == changed);
      engine.RunArgs({"SET", "bits", prose});
      engine.Run("SETBIT bits 3 1");
      CHECK(engine.Run("GETBIT bits 3") == "1");
      engine.RunArgs({"SET", "fields", prose});
      CHECK(engine.Run("BITFIELD fields SET u8 0 65") ==
            "[" + std::to_string(static_cast<unsigned char>(prose[0])) + "]");
      CHECK(Text(engine, "GETRANGE fields 0 0") == "A");
      engine.RunArgs({"SET", "k", prose});
      CHECK(Text(engine, "GETDEL k") == prose);
      engine.RunArgs({"SET", "k", prose});
      CHECK(Text(engine, "GETSET k short") == prose);
      CHECK(Text(engine, "GET k") == "short");
    }
  }
}

TEST_CASE("packed strings go through DUMP and RESTORE") {
  EngineHarness engine;
  engine.Run("CONFIG SET value-compression lz4");
  const std::string prose = Prose(6000);
  engine.RunArgs({"SET", "k", prose});
  const std::string dump = engine.Ask("DUMP k").text;
  // The same bytes as of a plain string.
  engine.Run("CONFIG SET value-compression no");
  engine.RunArgs({"SET", "plain", prose});
  CHECK(engine.Ask("DUMP plain").text == dump);
  CHECK(Text(engine, "GET k") == prose);
  CHECK(Usage(engine, "k") < 4000);
  engine.Run("CONFIG SET value-compression zstd");
  CHECK(engine.RunArgs({"RESTORE", "restored", "0", dump}) == "OK");
  CHECK(Text(engine, "GET restored") == prose);
  CHECK(Usage(engine, "restored") < 4000);
}

TEST_CASE("a HyperLogLog that was packed counts on") {
  EngineHarness engine;
  for (int i = 0; i < 5000; ++i) engine.Run("PFADD plain element:" + std::to_string(i));
  const std::string bytes = Text(engine, "GET plain");
  for (const char* kind : {"lz4", "zstd"}) {
    engine.RunArgs({"CONFIG", "SET", "value-compression", kind});
    // Half of its registers still stand as they did at first: that packs well.
    std::string half = bytes;
    std::fill(half.begin() + 6000, half.end(), '\0');
    engine.RunArgs({"SET", "packed", half});
    REQUIRE(Usage(engine, "packed") < 10000);
    const int64_t before = engine.Ask("PFCOUNT packed").integer;
    for (int i = 0; i < 20; ++i) engine.Run("PFADD packed more:" + std::to_string(i));
    CHECK(engine.Ask("PFCOUNT packed").integer > before);
    engine.RunArgs({"SET", "packed", half});
    CHECK(engine.Run("PFMERGE merged packed plain") == "OK");
    CHECK(engine.Ask("PFCOUNT merged").integer == engine.Ask("PFCOUNT plain").integer);
    CHECK(engine.Run("PFMERGE packed plain") == "OK");
    CHECK(engine.Ask("PFCOUNT packed").integer == engine.Ask("PFCOUNT plain").integer);
  }
}

TEST_CASE("what does not get smaller, or is short or very long, stays as it is") {
  EngineHarness engine;
  engine.Run("CONFIG SET value-compression lz4");
  const std::string noise = Noise(5000);
  engine.RunArgs({"SET", "noise", noise});
  CHECK(Text(engine, "GET noise") == noise);
  CHECK(Usage(engine, "noise") > 5000);
  engine.RunArgs({"SET", "short", Prose(1000)});
  CHECK(Usage(engine, "short") > 1000);
  engine.Run("CONFIG SET value-compression-max-bytes 10000");
  engine.RunArgs({"SET", "long", Prose(20000)});
  CHECK(Usage(engine, "long") > 20000);
  CHECK(engine.Run("CONFIG SET value-compression-min-bytes 10").find("(error)") == 0);
  CHECK(engine.Run("CONFIG SET value-compression snappy").find("(error)") == 0);
}

}  // namespace
}  // namespace torc
