// What eviction needs of the keyspace: sampling, and the removal with its effect.

#include <algorithm>
#include <array>

#include "base/prefetch.h"
#include "store/keyspace.h"

namespace torc {
namespace {

// Databases are few; partitions may be many, and are about equally full.
template <typename Weight>
size_t PickDatabase(const std::vector<std::unique_ptr<Database>>& databases, Rng& rng,
                    Weight&& weight) {
  uint64_t total = 0;
  for (const auto& database : databases) total += database == nullptr ? 0 : weight(*database);
  if (total == 0) return databases.size();
  uint64_t at = rng.Below(total);
  size_t i = 0;
  for (;; ++i) {
    const uint64_t own = databases[i] == nullptr ? 0 : weight(*databases[i]);
    if (at < own) return i;
    at -= own;
  }
}

// The first table from a random one on that has what is looked for.
template <typename Has>
size_t PickTable(const Database& database, Rng& rng, Has&& has) {
  const size_t count = database.tables.size();
  size_t at = count == 1 ? 0 : static_cast<size_t>(rng.Below(count));
  for (size_t i = 0; i < count && !has(database.tables[at]); ++i) at = (at + 1) % count;
  return at;
}

PartitionId Partition(size_t table) {
  return PartitionId(static_cast<uint16_t>(table));
}

}  // namespace

size_t Keyspace::Sample(KeyScope scope, std::span<SampledKey> out) {
  if (scope == KeyScope::kVolatile) return SampleVolatile(out);
  const size_t db =
      PickDatabase(databases_, rng_, [](const Database& database) { return database.key_count; });
  if (db == databases_.size()) return 0;
  const Database& database = *databases_[db];
  const size_t at =
      PickTable(database, rng_, [](const EntryTable& table) { return !table.empty(); });
  size_t count = 0;
  database.tables[at].SampleRun(rng_, out.size(), [&](Entry* entry) {
    PrefetchLine(entry);
    if (IsHeld(*entry)) return;
    out[count++] = {DbIndex(static_cast<uint32_t>(db)), Partition(at), entry};
  });
  return count;
}

size_t Keyspace::SampleVolatile(std::span<SampledKey> out) {
  constexpr size_t kLookedAtMax = 64;
  constexpr int kTriesMax = 8;
  const size_t db = PickDatabase(databases_, rng_,
                                 [](const Database& database) { return database.expiry_count; });
  if (db == databases_.size()) return 0;
  const Database& database = *databases_[db];
  size_t count = 0;
  for (int tries = 0; tries < kTriesMax && count == 0; ++tries) {
    const size_t at = PickTable(
        database, rng_, [](const EntryTable& table) { return table.least_rank() != kNoRank; });
    database.tables[at].SampleRanked(rng_, kLookedAtMax, [&](Entry* entry) {
      if (entry->has_expiry() && !IsHeld(*entry)) {
        out[count++] = {DbIndex(static_cast<uint32_t>(db)), Partition(at), entry};
      }
      return count < out.size();
    });
  }
  if (count > 0) return count;
  // They are rare: the index of deadlines finds one, and forgets where there are none any more.
  struct Taken {
    std::span<SampledKey> out;
    size_t count = 0;
  } taken{out};
  SampleEarliest(
      [](void* context, const SampledKey& key) {
        auto* const into = static_cast<Taken*>(context);
        if (into->count < into->out.size()) into->out[into->count++] = key;
      },
      &taken);
  return taken.count;
}

size_t Keyspace::SampleEarliest(void (*show)(void* context, const SampledKey& key), void* context) {
  // A segment's rank may be too low; having been visited it is right, and the next one may be
  // lower.
  constexpr int kVisitsMax = 64;
  size_t count = 0;
  for (int visits = 0; visits < kVisitsMax && count == 0; ++visits) {
    SampledKey key;
    EntryTable* lowest = nullptr;
    for (size_t db = 0; db < databases_.size(); ++db) {
      if (databases_[db] == nullptr || databases_[db]->expiry_count == 0) continue;
      std::vector<EntryTable>& tables = databases_[db]->tables;
      for (size_t at = 0; at < tables.size(); ++at) {
        if (tables[at].least_rank() >= (lowest == nullptr ? kNoRank : lowest->least_rank()))
          continue;
        lowest = &tables[at];
        key = {DbIndex(static_cast<uint32_t>(db)), Partition(at), nullptr};
      }
    }
    if (lowest == nullptr) return 0;
    uint64_t earliest = kNoRank;
    const auto note = [&](Entry* entry) {
      if (entry->has_expiry())
        earliest = std::min(earliest, static_cast<uint64_t>(entry->expiry_ms()));
      return EntryTable::Visit::kKeep;
    };
    const EntryTable::SegmentView segment = lowest->LowestRanked();
    lowest->VisitLowest(SIZE_MAX, note, [](Entry*) {});
    const bool is_lowest = visits + 1 == kVisitsMax || earliest <= lowest->least_rank();
    if (earliest == kNoRank || !is_lowest) continue;
    segment.ForEach([&](Entry* entry) {
      if (!entry->has_expiry() || IsHeld(*entry)) return;
      ++count;
      key.entry = entry;
      show(context, key);
    });
  }
  return count;
}

bool Keyspace::StillThere(const SampledKey& key, uint64_t hash) const {
  const EntryTable* table = TableOf(key.db, key.partition);
  return table != nullptr && !IsHeld(hash) &&
         table->Find(hash, [&](const Entry* entry) { return entry == key.entry; });
}

size_t Keyspace::key_count() const {
  size_t count = 0;
  for (const auto& database : databases_) count += database == nullptr ? 0 : database->key_count;
  return count;
}

SampledKey Keyspace::FindOnTrial(const S3Fifo::Arrival& arrival) const {
  SampledKey key{DbIndex(arrival.db), PartitionId(arrival.partition), nullptr};
  const EntryTable* table = TableOf(key.db, key.partition);
  if (table == nullptr) return key;
  const auto slot = table->Find(arrival.hash, [&](const Entry* entry) {
    return !S3Fifo::Established(entry->clock()) && HashOf(entry->key()) == arrival.hash;
  });
  if (slot && !IsHeld(arrival.hash)) key.entry = slot.entry();
  return key;
}

void Keyspace::Evict(const SampledKey& key, uint64_t hash) {
  ++stats_.evicted_keys;
  const EntryTable* table = TableOf(key.db, key.partition);
  const auto slot = table->Find(hash, [&](const Entry* entry) { return entry == key.entry; });
  const KeyRef ref{key.entry->key(), hash, key.partition};
  if (feed_->active()) {
    const std::array<std::string_view, 2> args = {"DEL", ref.text};
    const KeyEvent event{EventClass::kEvicted, "evicted", ref.text, key.db};
    feed_->BeginUnit();
    feed_->Emit({.db = key.db,
                 .args = args,
                 .events = {&event, 1},
                 .cause = Cause::kEviction,
                 .client = {}});
    feed_->EndUnit();
  }
  Remove(key.db, ref, {slot, key.entry});
}

}  // namespace torc
