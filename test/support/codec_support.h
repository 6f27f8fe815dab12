#pragma once

// What the tests of the types' codecs share: values saved, loaded, held and damaged by way of their
// TypeOps.

#include <functional>
#include <initializer_list>
#include <string>

#include "persist/rdb_format.h"
#include "store/entry.h"
#include "store/type_ops.h"
#include "support/engine_harness.h"

namespace torc {

// The entry of a key that is there.
const Entry& EntryOf(EngineHarness& engine, const std::string& key);
std::string Saved(const TypeOps& ops, const Entry& entry);
// Puts a loaded value under a key. No effect tells of it: Flush the keyspace before the harness
// ends.
void StoreLoaded(EngineHarness& engine, const std::string& key, const LoadedValue& value);

// That the key's value is the same, in the same encoding, after being saved and loaded.
void CheckRoundTrip(const TypeOps& ops, EngineHarness& engine, const std::string& key);
// That a held value is written in many steps, and as it was, while change(step) changes the key's.
void CheckHeld(const TypeOps& ops, EngineHarness& engine, const std::string& key,
               const std::function<void(int step)>& change);
// That bytes cut off and changed at random are an error or another value, of which `check` thinks
// well.
void CheckDamaged(const TypeOps& ops, const std::string& good,
                  std::initializer_list<RdbType> rdb_types,
                  const std::function<void(const Entry&)>& check);

}  // namespace torc
