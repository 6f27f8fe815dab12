#include "support/codec_support.h"

#include <doctest/doctest.h>

#include "base/rng.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"

namespace torc {

const Entry& EntryOf(EngineHarness& engine, const std::string& key) {
  const Keyspace::Found found = engine.keyspace().Peek(DbIndex(0), engine.keyspace().Ref(key));
  REQUIRE(found);
  return *found.entry;
}

std::string Saved(const TypeOps& ops, const Entry& entry) {
  Buffer out;
  RdbWriter writer(&out);
  ops.save(entry, writer);
  return std::string(out.view());
}

void StoreLoaded(EngineHarness& engine, const std::string& key, const LoadedValue& value) {
  Keyspace& keyspace = engine.keyspace();
  Entry* entry = keyspace.Put(DbIndex(0), keyspace.Ref(key), {},
                              {.type = value.type,
                               .encoding = value.encoding,
                               .boxed = true,
                               .inline_bytes = Entry::kBoxBytes});
  entry->set_value_box(value.box);
}

namespace {

// That the bytes are a value like that of the entry.
void CheckLoads(const TypeOps& ops, std::string_view bytes, const ValueLimits& limits,
                uint8_t rdb_type, uint64_t digest, std::string_view encoding) {
  RdbReader reader(bytes);
  const LoadedValue value = ops.load(rdb_type, reader, limits);
  REQUIRE(reader.ok());
  CHECK(reader.remaining() == 0);
  EngineHarness other;
  StoreLoaded(other, "key", value);
  const Entry& loaded = EntryOf(other, "key");
  CHECK(ops.digest(loaded, 7) == digest);
  CHECK(ops.encoding(loaded) == encoding);
  other.keyspace().Flush(DbIndex(0), Keyspace::FlushMode::kNow);  // it came without an effect
}

}  // namespace

void CheckRoundTrip(const TypeOps& ops, EngineHarness& engine, const std::string& key) {
  const Entry& entry = EntryOf(engine, key);
  CheckLoads(ops, Saved(ops, entry), engine.keyspace().options().limits, ops.rdb_type(entry),
             ops.digest(entry, 7), ops.encoding(entry));
}

void CheckHeld(const TypeOps& ops, EngineHarness& engine, const std::string& key,
               const std::function<void(int step)>& change) {
  const Entry& entry = EntryOf(engine, key);
  const uint64_t digest = ops.digest(entry, 7);
  const uint8_t rdb_type = ops.rdb_type(entry);
  const std::string_view encoding = ops.encoding(entry);
  const auto held = ops.hold(entry);
  REQUIRE(held != nullptr);
  Buffer out;
  RdbWriter writer(&out);
  int steps = 0;
  while (held->SaveSome(writer, 4096)) change(steps++);
  CHECK(steps > 20);
  CheckLoads(ops, out.view(), engine.keyspace().options().limits, rdb_type, digest, encoding);
}

void CheckDamaged(const TypeOps& ops, const std::string& good,
                  std::initializer_list<RdbType> rdb_types,
                  const std::function<void(const Entry&)>& check) {
  constexpr int kRounds = 2000;
  Rng rng(7);
  for (const RdbType type : rdb_types) {
    for (int i = 0; i < kRounds; ++i) {
      std::string bytes = good.substr(0, rng.Below(good.size() + 1));
      if (!bytes.empty()) bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Next());
      RdbReader reader(bytes);
      const LoadedValue value = ops.load(static_cast<uint8_t>(type), reader, ValueLimits{});
      if (!reader.ok() || value.empty) continue;
      Entry* entry = MakeLoadedEntry("key", value, Entry::kNoExpiry, 0);
      check(*entry);
      ops.free_value(entry);
      Entry::Delete(entry);
    }
  }
}

}  // namespace torc
