#include "store/keyspace.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/key_slot.h"
#include "base/memory.h"

namespace torc {
namespace {

// Large values that wait to be freed by slices.
constexpr size_t kDroppedMax = 16;

// About so many elements, of the last values first; returns how many are left of `items_max`.
size_t FreeDropped(std::vector<std::unique_ptr<HeldValue>>& dropped, size_t items_max) {
  constexpr size_t kSlice = 256;
  while (!dropped.empty() && items_max > 0) {
    const size_t slice = std::min(items_max, kSlice);
    if (!dropped.back()->FreeSome(slice)) dropped.pop_back();
    items_max -= slice;
  }
  return items_max;
}

}  // namespace

Keyspace::Keyspace(const KeyspaceOptions* options, const TypeTable* types, EffectFeed* feed)
    : options_(options),
      types_(types),
      feed_(feed),
      access_clock_(&options->access, options->hash_seed + 1),
      rng_(options->hash_seed + 2) {}

Keyspace::~Keyspace() {
  const auto free_all = [this](std::vector<std::unique_ptr<Database>>& databases) {
    for (auto& database : databases) {
      if (database == nullptr) continue;
      for (EntryTable& table : database->tables) {
        table.Clear([this](Entry* entry) { FreeEntry(entry); });
      }
    }
  };
  free_all(databases_);
  free_all(graveyard_);
  free_all(kept_);
  for (const auto& value : dropped_) {
    while (value->FreeSome(SIZE_MAX)) {
    }
  }
}

KeyRef Keyspace::Ref(std::string_view key) const {
  // With one partition there is nothing to find out: the slot is not computed.
  const int partition_count = options_->partition_count;
  return {key, HashBytes(key, options_->hash_seed),
          partition_count == 1 ? PartitionId(0) : PartitionOf(KeySlot(key), partition_count)};
}

Database* Keyspace::Get(DbIndex db) const {
  return db.value() < databases_.size() ? databases_[db.value()].get() : nullptr;
}

Database& Keyspace::GetOrMake(DbIndex db) {
  if (db.value() >= databases_.size()) databases_.resize(db.value() + 1);
  auto& database = databases_[db.value()];
  if (database == nullptr) {
    database = std::make_unique<Database>();
    database->tables.reserve(static_cast<size_t>(options_->partition_count));
    for (int i = 0; i < options_->partition_count; ++i) {
      database->tables.emplace_back(EntryTraits{options_->hash_seed});
    }
  }
  return *database;
}

EntryTable* Keyspace::TableOf(DbIndex db, PartitionId partition) const {
  Database* database = Get(db);
  return database == nullptr ? nullptr : &database->tables[partition.value()];
}

const TypeOps& Keyspace::ops(const Entry& entry) const {
  const TypeOps* ops = (*types_)[static_cast<size_t>(entry.type())];
  TORC_CHECK(ops != nullptr, "an entry's type is registered");
  return *ops;
}

void Keyspace::Prefetch(DbIndex db, const KeyRef& key) const {
  if (const EntryTable* table = TableOf(db, key.partition)) table->Prefetch(key.hash);
}

void Keyspace::PrefetchEntry(DbIndex db, const KeyRef& key) const {
  if (const EntryTable* table = TableOf(db, key.partition)) table->PrefetchEntry(key.hash);
}

void Keyspace::PrefetchPart(const Entry& entry, std::string_view part) const {
  const auto prefetch_part = ops(entry).prefetch_part;
  if (prefetch_part != nullptr && entry.boxed()) prefetch_part(entry, part);
}

Keyspace::Found Keyspace::Peek(DbIndex db, const KeyRef& key) const {
  EntryTable* table = TableOf(db, key.partition);
  if (table == nullptr) return {};
  const auto slot =
      table->Find(key.hash, [&](const Entry* entry) { return entry->key() == key.text; });
  if (!slot) return {};
  return {slot, slot.entry()};
}

Keyspace::Found Keyspace::Find(DbIndex db, const KeyRef& key, UnixMs now) {
  const Found found = Peek(db, key);
  if (!found) return found;
  if (found.entry->ExpiredAt(now)) {
    if (!expiry_suspended_ && !IsHeld(key.hash)) {
      EmitExpired(db, key.text);
      Remove(db, key, found);
    }
    return {};
  }
  if (!found.entry->PartsDueAt(now) || expiry_suspended_) return found;
  if (IsHeld(key.hash)) return found;
  ExpireParts(db, found.entry, now, SIZE_MAX);
  if (ops(*found.entry).length(*found.entry) > 0) return found;
  Remove(db, key, found);
  return {};
}

void Keyspace::FreeEntry(Entry* entry) {
  if (entry->boxed()) FreeValue(entry);
  Entry::Delete(entry);
}

// How many elements are to be freed: of a string, pages count, if there are many.
size_t Keyspace::ElementsToFree(const Entry& entry) const {
  constexpr size_t kBytesPerElement = 1024;
  const TypeOps& type = ops(entry);
  if (type.hold == nullptr) return 0;
  if (entry.type() != ValueType::kString) return type.length(entry);
  const size_t bytes = type.outside_bytes(entry);
  return bytes < kPurgedWhenFreedBytes ? 0 : bytes / kBytesPerElement;
}

// A large value's nodes are counted references: what `hold` answers shares them, so freeing the
// value itself is quick then and the nodes go with what is held, by and by. Where values are
// dropped faster than that, each drop does its share.
void Keyspace::FreeValue(Entry* entry) {
  constexpr size_t kLargeLength = 1000;
  const TypeOps& type = ops(*entry);
  const size_t elements = ElementsToFree(*entry);
  if (elements >= kLargeLength) {
    if (dropped_.size() >= kDroppedMax) FreeDropped(dropped_, 2 * elements);
    if (std::unique_ptr<HeldValue> held = type.hold(*entry)) dropped_.push_back(std::move(held));
  }
  type.free_value(entry);
}

Entry* Keyspace::Put(DbIndex db, const KeyRef& key, Found found, const Entry::Shape& shape) {
  if (found) BeforeWrite(db, found.entry);
  if (found && found.entry->boxed()) FreeValue(found.entry);
  return Reshape(db, key, found, shape);
}

void Keyspace::EmitNew(DbIndex db, std::string_view key) {
  if (feed_->new_keys() != nullptr) return feed_->new_keys()->OnNewKey(db, key);
  const KeyEvent event{EventClass::kNew, "new", key, db};
  feed_->BeginUnit();
  feed_->Emit(
      {.db = db, .args = {}, .events = {&event, 1}, .cause = Cause::kCommand, .client = {}});
  feed_->EndUnit();
}

Entry* Keyspace::Reshape(DbIndex db, const KeyRef& key, Found found, const Entry::Shape& shape) {
  Database& database = GetOrMake(db);
  EntryTable& table = database.tables[key.partition.value()];
  if (found) BeforeWrite(db, found.entry);
  // One that has expired but was left where it is, because expiry is suspended, must not be there
  // twice.
  if (!found && expiry_suspended_ && database.expiry_count > 0) [[unlikely]] {
    if (const Found expired = Peek(db, key)) {
      EmitExpired(db, key.text);
      Remove(db, key, expired);
    }
  }
  Entry* entry = Entry::New(key.text, shape);
  entry->set_mark(mark_);
  CountIn(database, *entry);
  if (entry->boxed()) writing_.push_back({&database, entry});
  if (s3_fifo_.active()) [[unlikely]] {
    entry->set_clock(found ? found.entry->clock()
                           : s3_fifo_.Arrive(db, key.partition, key.hash, database.key_count));
  }
  if (found) {
    CountOut(database, *found.entry);
    table.Replace(found.slot, entry);
    Entry::Delete(found.entry);
  } else {
    found.slot = table.Insert(key.hash, entry);
    if (feed_->announce_new_keys()) [[unlikely]]
      EmitNew(db, key.text);
  }
  if (entry->has_expiry()) table.NoteRank(key.hash, static_cast<uint64_t>(shape.expiry_ms));
  return entry;
}

void Keyspace::Reserve(DbIndex db, PartitionId partition, size_t key_count) {
  EntryTable& table = GetOrMake(db).tables[partition.value()];
  if (table.empty()) table.Reserve(key_count);
}

void Keyspace::ReserveTimes(double factor) {
  for (const auto& database : databases_) {
    if (database == nullptr) continue;
    for (EntryTable& table : database->tables) {
      table.Reserve(static_cast<size_t>(static_cast<double>(table.size()) * factor));
    }
  }
}

void Keyspace::TrimTables() {
  for (const auto& database : databases_) {
    if (database == nullptr) continue;
    for (EntryTable& table : database->tables) table.Trim();
  }
}

void Keyspace::PrefetchAdopt(DbIndex db, const KeyRef& key) const {
  if (const EntryTable* table = TableOf(db, key.partition)) table->PrefetchInsert(key.hash);
}

void Keyspace::Adopt(DbIndex db, const KeyRef& key, Entry* entry) {
  Database& database = GetOrMake(db);
  EntryTable& table = database.tables[key.partition.value()];
  entry->set_mark(mark_);
  CountIn(database, *entry);
  if (entry->boxed()) AddValueBytes(database, *entry, ops(*entry).outside_bytes(*entry));
  if (s3_fifo_.active()) [[unlikely]] {
    entry->set_clock(s3_fifo_.Arrive(db, key.partition, key.hash, database.key_count));
  }
  table.Insert(key.hash, entry);
  if (entry->has_expiry()) table.NoteRank(key.hash, static_cast<uint64_t>(entry->expiry_ms()));
}

void Keyspace::Remove(DbIndex db, const KeyRef& key, Found found) {
  BeforeWrite(db, found.entry);
  if (found.entry->boxed()) FreeValue(found.entry);
  RemoveKeepingValue(db, key, found);
}

void Keyspace::SwapValue(DbIndex db, Found found, Entry* other) {
  BeforeWrite(db, found.entry);
  const uint8_t encoding = found.entry->encoding();
  void* const box = found.entry->value_box();
  found.entry->set_encoding(other->encoding());
  found.entry->set_value_box(other->value_box());
  other->set_encoding(encoding);
  other->set_value_box(box);
}

void Keyspace::RemoveKeepingValue(DbIndex db, const KeyRef& key, Found found) {
  BeforeWrite(db, found.entry);
  Database& database = *Get(db);
  CountOut(database, *found.entry);
  Entry::Delete(database.tables[key.partition.value()].Erase(found.slot, key.hash));
}

Entry* Keyspace::SetExpiry(DbIndex db, const KeyRef& key, Found found, int64_t expiry_ms) {
  Entry* entry = found.entry;
  if (entry->has_expiry() && expiry_ms != Entry::kNoExpiry) {
    BeforeWrite(db, entry);
    entry->set_expiry_ms(expiry_ms);
    TableOf(db, key.partition)->NoteRank(key.hash, static_cast<uint64_t>(expiry_ms));
    return entry;
  }
  if (!entry->has_expiry() && expiry_ms == Entry::kNoExpiry) return entry;
  const Entry::Shape shape{.type = entry->type(),
                           .encoding = entry->encoding(),
                           .boxed = entry->boxed(),
                           .inline_bytes = entry->inline_bytes(),
                           .expiry_ms = expiry_ms,
                           .clock = entry->clock()};
  // The old entry is freed by Reshape: its value is copied from a view taken before.
  char value[Entry::kInlineBytesMax];
  const std::string_view old_value = entry->inline_value();
  std::memcpy(value, old_value.data(), old_value.size());
  const size_t value_bytes = old_value.size();
  const std::string_view key_text = key.text;
  TORC_DCHECK(key_text.data() != entry->key().data(), "the key outlives the entry it names");
  Entry* moved = Reshape(db, key, found, shape);
  std::memcpy(moved->mutable_inline_value(), value, value_bytes);
  NoteDeadlines(db, key, *moved);
  return moved;
}

Entry* Keyspace::SetPartsDeadline(DbIndex db, const KeyRef& key, Found found, int64_t deadline_ms) {
  Entry* entry = found.entry;
  if (!entry->has_parts_deadline()) {
    if (deadline_ms == Entry::kNoPartsDeadline) return entry;
    void* const box = entry->value_box();
    entry = Reshape(db, key, found,
                    {.type = entry->type(),
                     .encoding = entry->encoding(),
                     .boxed = true,
                     .inline_bytes = Entry::kBoxWithDeadlineBytes,
                     .expiry_ms = entry->expiry_ms(),
                     .clock = entry->clock()});
    entry->set_value_box(box);
  }
  BeforeWrite(db, entry);
  entry->set_parts_deadline_ms(deadline_ms);
  NoteDeadlines(db, key, *entry);
  return entry;
}

void Keyspace::NoteDeadlines(DbIndex db, const KeyRef& key, const Entry& entry) {
  if (!entry.has_expiry() && !entry.has_parts_deadline()) return;
  TableOf(db, key.partition)->NoteRank(key.hash, EntryTraits{options_->hash_seed}.Rank(&entry));
}

uint64_t Keyspace::ScanPartition(DbIndex db, PartitionId partition, uint64_t position,
                                 const std::function<void(const Entry&)>& visit) const {
  const EntryTable* table = TableOf(db, partition);
  if (table == nullptr) return 0;
  return table->Scan(position, [&](Entry* entry) { visit(*entry); });
}

void Keyspace::ForEach(DbIndex db, const std::function<void(const Entry&)>& visit) const {
  const Database* database = Get(db);
  if (database == nullptr) return;
  for (const EntryTable& table : database->tables) {
    table.ForEach([&](Entry* entry) { visit(*entry); });
  }
}

void Keyspace::Flush(DbIndex db, FlushMode mode) {
  // So much is freed before the command ends; more would keep everybody waiting.
  constexpr size_t kItemsAtOnce = 1000;
  if (Get(db) == nullptr) return;
  std::unique_ptr<Database> database = std::move(databases_[db.value()]);
  database->counts_as_lazy = mode == FlushMode::kInBackground;
  graveyard_keys_ += database->key_count;
  if (SnapshotNeeds(database.get())) {
    kept_.push_back(std::move(database));
    return;
  }
  graveyard_.push_back(std::move(database));
  if (mode == FlushMode::kNow) Reclaim(kItemsAtOnce);
}

// Frees up to so many entries of the last flushed database; returns how many it freed.
size_t Keyspace::FreeFlushed(size_t entries_max) {
  Database& database = *graveyard_.back();
  if (database.tables.empty()) {
    graveyard_.pop_back();
    return 0;
  }
  size_t freed = 0;
  const size_t left = database.tables.back().FreeSome(entries_max, [&](Entry* entry) {
    CountOut(database, *entry);
    FreeEntry(entry);
    ++freed;
  });
  graveyard_keys_ -= freed;
  if (database.counts_as_lazy) stats_.lazyfreed_keys += freed;
  if (left == 0) database.tables.pop_back();
  return freed;
}

bool Keyspace::Reclaim(size_t items_max) {
  // With no more entries at a time than large values may wait, none of them is freed in a hurry.
  constexpr size_t kEntriesAtATime = kDroppedMax;
  while (items_max > 0 && has_garbage()) {
    if (!dropped_.empty()) {
      items_max = FreeDropped(dropped_, items_max);
    } else {
      const size_t freed = FreeFlushed(std::min(items_max, kEntriesAtATime));
      items_max -= std::min(items_max, std::max<size_t>(freed, 1));
    }
  }
  return has_garbage();
}

void Keyspace::Swap(DbIndex a, DbIndex b) {
  const size_t needed = std::max(a.value(), b.value()) + size_t{1};
  if (databases_.size() < needed) databases_.resize(needed);
  std::swap(databases_[a.value()], databases_[b.value()]);
}

std::vector<DbIndex> Keyspace::NonEmptyDatabases() const {
  std::vector<DbIndex> out;
  for (uint32_t i = 0; i < databases_.size(); ++i) {
    if (KeyCount(DbIndex(i)) > 0) out.push_back(DbIndex(i));
  }
  return out;
}

uint64_t Keyspace::EntryDigest(DbIndex db, const Entry& entry) const {
  uint64_t digest = HashBytes(entry.key(), db.value() + 0x51ed27);
  digest = ops(entry).digest(entry, digest);
  const int64_t tail[2] = {entry.expiry_ms(), static_cast<int64_t>(entry.type())};
  return HashBytes({reinterpret_cast<const char*>(tail), sizeof(tail)}, digest);
}

uint64_t Keyspace::Digest() const {
  uint64_t digest = 0;
  for (const DbIndex db : NonEmptyDatabases()) {
    ForEach(db, [&](const Entry& entry) { digest += EntryDigest(db, entry); });
  }
  return digest;
}

}  // namespace torc
