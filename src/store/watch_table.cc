#include "store/watch_table.h"

#include <utility>

#include "base/text.h"
#include "store/key_change.h"
#include "store/keyspace.h"

namespace torc {
namespace {

// A database number out of an effect's replay form.
DbIndex DbOf(std::string_view text) {
  return DbIndex(static_cast<uint32_t>(ParseUint64(text).value_or(0)));
}

}  // namespace

WatchTable::~WatchTable() {
  if (!databases_.empty()) feed_->Remove(this);
}

WatchTable::Watch WatchTable::Begin(DbIndex db, std::string_view key, UnixMs now) {
  // An expired key leaves now, so that its going counts for earlier watchers only.
  const KeyRef ref = keyspace_->Ref(key);
  const bool existed = static_cast<bool>(keyspace_->Find(db, ref, now));
  if (databases_.empty()) feed_->Add(this);
  DatabaseRecords& database = databases_[db];
  auto it = database.records.find(key);
  if (it == database.records.end()) {
    auto made = std::make_unique<Record>();
    made->key = key;
    const std::string_view name = made->key;
    it = database.records.emplace(name, std::move(made)).first;
  }
  Record& record = *it->second;
  ++record.references;
  return {db, &record, record.changes, record.expiries, database.flushes, existed};
}

void WatchTable::End(const Watch& watch) {
  if (--watch.record->references > 0) return;
  const auto database = databases_.find(watch.db);
  database->second.records.erase(database->second.records.find(watch.record->key));
  if (!database->second.records.empty()) return;
  databases_.erase(database);
  if (databases_.empty()) feed_->Remove(this);
}

bool WatchTable::Changed(const Watch& watch, UnixMs now) const {
  if (watch.record->changes != watch.changes) return true;
  if (!watch.existed) return false;
  if (watch.record->expiries != watch.expiries) return true;
  if (databases_.at(watch.db).flushes != watch.flushes) return true;
  const Keyspace::Found found = keyspace_->Peek(watch.db, keyspace_->Ref(watch.record->key));
  return found && found.entry->ExpiredAt(now);
}

size_t WatchTable::key_count() const {
  size_t count = 0;
  for (const auto& [db, database] : databases_) count += database.records.size();
  return count;
}

void WatchTable::OnEffect(const Effect& effect) {
  for (const KeyEvent& event : effect.events) {
    if (!ChangesKey(event, effect)) continue;
    const auto database = databases_.find(event.db);
    if (database == databases_.end()) continue;
    const auto record = database->second.records.find(event.key);
    if (record == database->second.records.end()) continue;
    ++(effect.cause == Cause::kExpiry ? record->second->expiries : record->second->changes);
  }
  if (!effect.events.empty() || effect.args.empty()) return;
  const std::string_view name = effect.args[0];
  if (EqualsIgnoreCase(name, "FLUSHDB")) return NoteFlush(effect.db);
  if (EqualsIgnoreCase(name, "FLUSHALL")) {
    NoteFlushAll();
  } else if (EqualsIgnoreCase(name, "SWAPDB") && effect.args.size() == 3) {
    NoteSwap(DbOf(effect.args[1]));
    NoteSwap(DbOf(effect.args[2]));
  }
}

void WatchTable::NoteFlushAll() {
  for (auto& [db, database] : databases_) ++database.flushes;
}

void WatchTable::NoteFlush(DbIndex db) {
  const auto database = databases_.find(db);
  if (database != databases_.end()) ++database->second.flushes;
}

// The database has the other one's content now: what was watched there and existed is gone, and
// what exists now has come.
void WatchTable::NoteSwap(DbIndex db) {
  const auto database = databases_.find(db);
  if (database == databases_.end()) return;
  ++database->second.flushes;
  const UnixMs now = keyspace_->now();
  for (auto& [key, record] : database->second.records) {
    const Keyspace::Found found = keyspace_->Peek(db, keyspace_->Ref(key));
    if (found && !found.entry->ExpiredAt(now)) ++record->changes;
  }
}

}  // namespace torc
