// Sets as they go to disk and come back: every encoding, held values, damaged bytes.

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "support/engine_harness.h"
#include "types/set/set.h"

namespace torc {
namespace {

const Entry& EntryOf(EngineHarness& engine, const std::string& key) {
  const Keyspace::Found found = engine.keyspace().Peek(DbIndex(0), engine.keyspace().Ref(key));
  REQUIRE(found);
  return *found.entry;
}

std::string Saved(const Entry& entry) {
  Buffer out;
  RdbWriter writer(&out);
  kSetType.save(entry, writer);
  return std::string(out.view());
}

// Puts a loaded value under a key.
void Store(EngineHarness& engine, const std::string& key, const LoadedValue& value) {
  Keyspace& keyspace = engine.keyspace();
  Entry* entry = keyspace.Put(DbIndex(0), keyspace.Ref(key), {},
                              {.type = value.type,
                               .encoding = value.encoding,
                               .boxed = true,
                               .inline_bytes = Entry::kBoxBytes});
  entry->set_value_box(value.box);
}

void CheckRoundTrip(EngineHarness& engine, const std::string& key) {
  const Entry& entry = EntryOf(engine, key);
  const std::string bytes = Saved(entry);
  const std::string_view encoding = kSetType.encoding(entry);
  const uint64_t digest = kSetType.digest(entry, 7);
  RdbReader reader(bytes);
  const LoadedValue value =
      kSetType.load(kSetType.rdb_type(entry), reader, engine.keyspace().options().limits);
  REQUIRE(reader.ok());
  REQUIRE(reader.remaining() == 0);
  EngineHarness other;
  Store(other, key, value);
  const Entry& loaded = EntryOf(other, key);
  CHECK(kSetType.digest(loaded, 7) == digest);
  CHECK(kSetType.encoding(loaded) == encoding);
  other.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);  // it came without an effect
}

void MakeLarge(EngineHarness& engine, const std::string& key, int count) {
  for (int i = 0; i < count; ++i) engine.Run("SADD " + key + " member:" + std::to_string(i));
}

TEST_CASE("a set of every encoding comes back as it was") {
  EngineHarness engine;
  engine.Run("SADD ints 1 -5 70000 9223372036854775807");
  engine.Run("SADD texts a 1 \"\" \"\\x00\\xff\"");
  MakeLarge(engine, "large", 3000);
  for (const char* key : {"ints", "texts", "large"}) CheckRoundTrip(engine, key);
}

TEST_CASE("a held set is written as it was when it was taken, while it changes") {
  EngineHarness engine;
  MakeLarge(engine, "large", 20000);
  const Entry& entry = EntryOf(engine, "large");
  const uint64_t digest = kSetType.digest(entry, 7);
  const auto held = kSetType.hold(entry);
  REQUIRE(held != nullptr);
  Buffer out;
  RdbWriter writer(&out);
  int steps = 0;
  while (held->SaveSome(writer, 4096)) {
    engine.Run("SREM large member:" + std::to_string(steps * 7));
    engine.Run("SADD large new:" + std::to_string(steps++));
  }
  CHECK(steps > 20);
  RdbReader reader(out.view());
  const LoadedValue value =
      kSetType.load(kSetType.rdb_type(entry), reader, engine.keyspace().options().limits);
  REQUIRE(reader.ok());
  EngineHarness other;
  Store(other, "large", value);
  CHECK(kSetType.digest(EntryOf(other, "large"), 7) == digest);
  other.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);
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
    Store(engine, "s", value);
    CHECK(engine.Run("SMISMEMBER s a 7 b") == "[1, 1, 0]");
    CHECK(engine.Run("OBJECT ENCODING s") == "\"listpack\"");
    engine.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);
  }
}

TEST_CASE("damaged bytes are an error or another set, never a crash") {
  EngineHarness engine;
  engine.Run("SADD ints 1 2 3 400000");
  engine.Run("SADD texts a b c 1");
  Rng rng(7);
  for (const char* key : {"ints", "texts"}) {
    const std::string good = Saved(EntryOf(engine, key));
    for (const int type : {2, 11, 20}) {
      for (int i = 0; i < 3000; ++i) {
        std::string bytes = good.substr(0, rng.Below(good.size() + 1));
        if (!bytes.empty()) bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Next());
        RdbReader reader(bytes);
        const LoadedValue value = kSetType.load(static_cast<uint8_t>(type), reader, ValueLimits{});
        if (!reader.ok() || value.empty) continue;
        Entry* entry = Entry::New("k", {.type = value.type,
                                        .encoding = value.encoding,
                                        .boxed = true,
                                        .inline_bytes = Entry::kBoxBytes});
        entry->set_value_box(value.box);
        SetView(*entry).CheckInvariants();
        kSetType.free_value(entry);
        Entry::Delete(entry);
      }
    }
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
