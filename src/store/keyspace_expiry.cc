// The time-driven half of the keyspace: the expiry sweep, and sampling.
//
// Deadlines are indexed per table by a heap of segments (the table's ranks): a segment is visited
// when its earliest deadline is due, its due entries are removed and the rest give the segment its
// next deadline.

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "store/keyspace.h"

namespace torc {
namespace {

bool HasDeadlines(const Database& database) {
  return database.expiry_count > 0 || database.parts_deadline_count > 0;
}

}  // namespace

void Keyspace::EmitExpired(DbIndex db, std::string_view key) {
  ++stats_.expired_keys;
  if (!feed_->active()) return;
  const std::array<std::string_view, 2> args = {"DEL", key};
  const KeyEvent event{EventClass::kExpired, "expired", key, db};
  feed_->BeginUnit();
  feed_->Emit(
      {.db = db, .args = args, .events = {&event, 1}, .cause = Cause::kExpiry, .client = {}});
  feed_->EndUnit();
}

size_t Keyspace::ExpireParts(DbIndex db, Entry* entry, UnixMs now, size_t parts_max) {
  BeforeWrite(db, entry);
  std::vector<std::string> parts;
  const TypeOps& type = ops(*entry);
  const size_t count = type.take_due_parts(entry, now, parts_max, [&](std::string_view part) {
    if (feed_->active()) parts.emplace_back(part);
  });
  stats_.expired_parts += count;
  if (parts.empty()) return count;
  std::vector<std::string_view> args = {"HDEL", entry->key()};
  args.insert(args.end(), parts.begin(), parts.end());
  const std::array<KeyEvent, 2> events = {KeyEvent{EventClass::kHash, "hexpired", entry->key(), db},
                                          KeyEvent{EventClass::kGeneric, "del", entry->key(), db}};
  const size_t event_count = type.length(*entry) == 0 ? 2 : 1;
  feed_->BeginUnit();
  feed_->Emit({.db = db,
               .args = args,
               .events = std::span(events).first(event_count),
               .cause = Cause::kExpiry,
               .client = {}});
  feed_->EndUnit();
  return count;
}

size_t Keyspace::SweepTable(DbIndex db, Database& database, EntryTable& table, UnixMs now,
                            size_t* budget) {
  size_t removed = 0;
  const auto decide = [&](Entry* entry) {
    if (IsHeld(*entry)) return EntryTable::Visit::kKeep;
    if (entry->ExpiredAt(now)) return EntryTable::Visit::kErase;
    if (!entry->PartsDueAt(now)) return EntryTable::Visit::kKeep;
    const size_t parts = ExpireParts(db, entry, now, std::max<size_t>(*budget, 1));
    *budget -= std::min(*budget, parts);
    if (ops(*entry).length(*entry) == 0) return EntryTable::Visit::kErase;
    EndWrites();
    return EntryTable::Visit::kKeep;
  };
  const auto drop = [&](Entry* entry) {
    BeforeWrite(db, entry);
    // An entry whose last part went has had its effect.
    if (entry->ExpiredAt(now)) {
      EmitExpired(db, entry->key());
      ++stats_.expired_by_sweep;
    }
    CountOut(database, *entry);
    FreeEntry(entry);
    ++removed;
  };
  while (*budget > 0 && table.least_rank() < static_cast<uint64_t>(now.value())) {
    const size_t visited = table.VisitLowest(*budget, decide, drop);
    *budget -= std::min(*budget, std::max<size_t>(visited, 1));
  }
  return removed;
}

size_t Keyspace::SweepExpired(UnixMs now, size_t entries_max) {
  if (expiry_suspended_ || databases_.empty()) return 0;
  size_t removed = 0;
  size_t budget = entries_max;
  const auto partition_count = static_cast<size_t>(options_->partition_count);
  const size_t table_count = databases_.size() * partition_count;
  for (size_t i = 0; i < table_count && budget > 0; ++i) {
    const size_t at = (sweep_next_ + i) % table_count;
    const DbIndex db(static_cast<uint32_t>(at / partition_count));
    Database* database = Get(db);
    if (database == nullptr || !HasDeadlines(*database)) continue;
    removed += SweepTable(db, *database, database->tables[at % partition_count], now, &budget);
    // The next sweep begins where this one ran out, so that no table starves.
    if (budget == 0) sweep_next_ = at;
  }
  return removed;
}

int64_t Keyspace::SweepLagMs(UnixMs now) const {
  int64_t lag_ms = 0;
  for (const auto& database : databases_) {
    if (database == nullptr || !HasDeadlines(*database)) continue;
    for (const EntryTable& table : database->tables) {
      const uint64_t rank = table.least_rank();
      if (rank == kNoRank) continue;
      lag_ms = std::max(lag_ms, now.value() - static_cast<int64_t>(rank));
    }
  }
  return lag_ms;
}

const Entry* Keyspace::RandomKey(DbIndex db, UnixMs now) {
  constexpr int kTriesMax = 100;
  const Database* database = Get(db);
  if (database == nullptr || database->key_count == 0) return nullptr;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    // A partition in proportion to its keys, then a fair entry of it.
    uint64_t at = rng_.Below(database->key_count);
    for (const EntryTable& table : database->tables) {
      if (at >= table.size()) {
        at -= table.size();
        continue;
      }
      const Entry* entry = table.Sample(rng_);
      if (!entry->ExpiredAt(now)) return entry;
      break;
    }
  }
  return nullptr;
}

int64_t Keyspace::AverageTtlMs(DbIndex db, UnixMs now) {
  constexpr int kSamples = 32;
  const Database* database = Get(db);
  if (database == nullptr || database->expiry_count == 0) return 0;
  int64_t sum_ms = 0;
  int64_t count = 0;
  for (int i = 0; i < kSamples; ++i) {
    const Entry* entry = RandomKey(db, now);
    if (entry == nullptr || !entry->has_expiry()) continue;
    sum_ms += entry->expiry_ms() - now.value();
    ++count;
  }
  return count == 0 ? 0 : sum_ms / count;
}

}  // namespace torc
