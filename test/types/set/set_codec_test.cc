// Sets as they go to disk and come back: every encoding, held values, damaged bytes.

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
#include "types/set/set.h"

namespace torc {
namespace {

void MakeLarge(EngineHarness& engine, const std::string& key, int count) {
  for (int i = 0; i < count; ++i) engine.Run("SADD " + key + " member:" + std::to_string(i));
}

TEST_CASE("a set of every encoding comes back as it was") {
  EngineHarness engine;
  engine.Run("SADD ints 1 -5 70000 9223372036854775807");
  engine.Run("SADD texts a 1 \"\" \"\\x00\\xff\"");
  MakeLarge(engine, "large", 3000);
  for (const char* key : {"ints", "texts", "large"}) CheckRoundTrip(kSetType, engine, key);
}

TEST_CASE("a held set is written as it was when it was taken, while it changes") {
  EngineHarness engine;
  MakeLarge(engine, "large", 20000);
  CheckHeld(kSetType, engine, "large", [&](int step) {
    engine.Run("SREM large member:" + std::to_string(step * 7));
    engine.Run("SADD large new:" + std::to_string(step));
  });
  SetView(EntryOf(engine, "large")).CheckInvariants();
}

TEST_CASE("a listpack of Redis 7.2 becomes a set, one with a repeated member an error") {
  for (const bool repeated : {false, true}) {
    ListpackBuilder builder;
    builder.Add("a");
    builder.Add("7");
    if (repeated) builder.Add("a");
    Buffer out;
    RdbWriter writer(&out);
    writer.RawString(builder.Finish());
    RdbReader reader(out.view());
    const LoadedValue value =
        kSetType.load(static_cast<uint8_t>(RdbType::kSetListpack), reader, ValueLimits{});
    CHECK(reader.ok() != repeated);
    if (repeated) continue;
    EngineHarness engine;
    StoreLoaded(engine, "s", value);
    CHECK(engine.Run("SMISMEMBER s a 7 b") == "[1, 1, 0]");
    CHECK(engine.Run("OBJECT ENCODING s") == "\"listpack\"");
    engine.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);
  }
}

TEST_CASE("damaged bytes are an error or another set, never a crash") {
  EngineHarness engine;
  engine.Run("SADD ints 1 2 3 400000");
  engine.Run("SADD texts a b c 1");
  for (const char* key : {"ints", "texts"}) {
    CheckDamaged(kSetType, Saved(kSetType, EntryOf(engine, key)),
                 {RdbType::kSet, RdbType::kSetIntset, RdbType::kSetListpack},
                 [](const Entry& entry) { SetView(entry).CheckInvariants(); });
  }
}

TEST_CASE("rebuilding gives commands that make the set again") {
  EngineHarness engine;
  EngineHarness other;
  MakeLarge(engine, "large", 500);
  int commands = 0;
  kSetType.rebuild(EntryOf(engine, "large"), [&](std::span<const std::string_view> argv) {
    CHECK(argv.size() <= 66);
    other.client().RunArgs(argv);
    ++commands;
  });
  CHECK(commands == 8);
  CHECK(kSetType.digest(EntryOf(engine, "large"), 7) ==
        kSetType.digest(EntryOf(other, "large"), 7));
}

}  // namespace
}  // namespace torc
