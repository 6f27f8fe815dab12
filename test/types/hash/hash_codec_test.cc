// Hashes as they go to disk and come back: every encoding, held values, damaged bytes.

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <string_view>

#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "support/codec_support.h"
#include "support/engine_harness.h"
#include "types/hash/hash.h"

namespace torc {
namespace {

void MakeLarge(EngineHarness& engine, const std::string& key, int count) {
  for (int i = 0; i < count; ++i) {
    engine.Run("HSET " + key + " field:" + std::to_string(i) + " " + std::to_string(i * 3));
  }
}

TEST_CASE("a hash of every encoding comes back as it was") {
  EngineHarness engine;
  engine.Run("HSET small f v n 12 empty \"\" \"\\x00\" -9223372036854775808");
  MakeLarge(engine, "large", 3000);
  for (const char* key : {"small", "large"}) CheckRoundTrip(kHashType, engine, key);
}

TEST_CASE("a held hash is written as it was when it was taken, while it changes") {
  EngineHarness engine;
  MakeLarge(engine, "large", 20000);
  CheckHeld(kHashType, engine, "large", [&](int step) {
    engine.Run("HDEL large field:" + std::to_string(step * 7));
    engine.Run("HSET large field:" + std::to_string(step * 7 + 1) + " changed");
    engine.Run("HSET large new:" + std::to_string(step) + " v");
  });
  HashView(EntryOf(engine, "large")).CheckInvariants();
}

TEST_CASE("packed fields of older versions become a hash") {
  // A zipmap: a length byte, then for each field its length and text, its value's length, an
  // unused byte count and the text; 255 ends it.
  const std::string zipmap(
      "\x02\x01"
      "f\x01\x00"
      "v\x02"
      "gg\x02\x00"
      "12\xff",
      14);
  Buffer out;
  RdbWriter writer(&out);
  writer.RawString(zipmap);
  RdbReader reader(out.view());
  const LoadedValue value =
      kHashType.load(static_cast<uint8_t>(RdbType::kHashZipmap), reader, ValueLimits{});
  REQUIRE(reader.ok());
  EngineHarness engine;
  StoreLoaded(engine, "h", value);
  CHECK(engine.Run("HMGET h f gg") == "[\"v\", \"12\"]");
  engine.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);
}

TEST_CASE("a listpack with a repeated or an odd field is an error") {
  for (const char* last : {"f", "odd"}) {
    ListpackBuilder builder;
    for (const char* text : {"f", "v", last}) builder.Add(text);
    if (std::string(last) == "f") builder.Add("w");
    Buffer out;
    RdbWriter writer(&out);
    writer.RawString(builder.Finish());
    RdbReader reader(out.view());
    kHashType.load(static_cast<uint8_t>(RdbType::kHashListpack), reader, ValueLimits{});
    CHECK_FALSE(reader.ok());
  }
}

TEST_CASE("damaged bytes are an error or another hash, never a crash") {
  EngineHarness engine;
  engine.Run("HSET small f v n 12 g 400000 long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  MakeLarge(engine, "large", 600);
  for (const char* key : {"small", "large"}) {
    CheckDamaged(
        kHashType, Saved(kHashType, EntryOf(engine, key)),
        {RdbType::kHash, RdbType::kHashZipmap, RdbType::kHashZiplist, RdbType::kHashListpack},
        [](const Entry& entry) { HashView(entry).CheckInvariants(); });
  }
}

TEST_CASE("rebuilding gives commands that make the hash again, deadlines included") {
  EngineHarness engine;
  EngineHarness other;
  MakeLarge(engine, "large", 500);
  engine.Run("HEXPIRE large 100 FIELDS 2 field:1 field:77");
  kHashType.rebuild(EntryOf(engine, "large"), [&](std::span<const std::string_view> argv) {
    CHECK(argv.size() <= 130);
    other.client().RunArgs(argv);
  });
  CHECK(kHashType.digest(EntryOf(engine, "large"), 7) ==
        kHashType.digest(EntryOf(other, "large"), 7));
}

}  // namespace
}  // namespace torc
