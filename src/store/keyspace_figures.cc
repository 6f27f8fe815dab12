// What a keyspace counts: keys, deadlines and bytes, by database and type.

#include "store/keyspace_figures.h"

#include "store/keyspace.h"

namespace torc {
namespace {

// From the back: what a command removes it has mostly touched just before.
template <typename List>
auto FindWriting(List& writing, const Entry& entry) {
  auto at = writing.end();
  while (at != writing.begin()) {
    if ((--at)->entry == &entry) return at;
  }
  return writing.end();
}

}  // namespace

void AddFigures(const FiguresByType& from, FiguresByType* to) {
  for (size_t i = 0; i < from.size(); ++i) {
    (*to)[i].key_count += from[i].key_count;
    (*to)[i].entry_bytes += from[i].entry_bytes;
    (*to)[i].value_bytes += from[i].value_bytes;
  }
}

void Keyspace::CountIn(Database& database, const Entry& entry) {
  ++database.key_count;
  if (entry.has_expiry()) ++database.expiry_count;
  if (entry.has_parts_deadline()) ++database.parts_deadline_count;
  TypeFigures& figures = database.by_type[static_cast<size_t>(entry.type())];
  ++figures.key_count;
  const size_t bytes = entry.allocated_bytes();
  figures.entry_bytes += bytes;
  data_bytes_ += bytes;
}

void Keyspace::CountOut(Database& database, const Entry& entry) {
  --database.key_count;
  if (entry.has_expiry()) --database.expiry_count;
  if (entry.has_parts_deadline()) --database.parts_deadline_count;
  TypeFigures& figures = database.by_type[static_cast<size_t>(entry.type())];
  --figures.key_count;
  const size_t bytes = entry.allocated_bytes();
  figures.entry_bytes -= bytes;
  data_bytes_ -= bytes;
  if (!entry.boxed()) return;
  const auto writing = FindWriting(writing_, entry);
  if (writing == writing_.end()) {
    AddValueBytes(database, entry, size_t{0} - ops(entry).outside_bytes(entry));
  } else {
    *writing = writing_.back();
    writing_.pop_back();
  }
}

void Keyspace::AddValueBytes(Database& database, const Entry& entry, size_t bytes) {
  database.by_type[static_cast<size_t>(entry.type())].value_bytes += bytes;
  data_bytes_ += bytes;
}

void Keyspace::NoteWriting(DbIndex db, const Entry& entry) {
  if (FindWriting(writing_, entry) != writing_.end()) return;
  Database& database = *Get(db);
  AddValueBytes(database, entry, size_t{0} - ops(entry).outside_bytes(entry));
  writing_.push_back({&database, &entry});
}

void Keyspace::CountWritten() {
  for (const Writing& writing : writing_) {
    AddValueBytes(*writing.database, *writing.entry,
                  ops(*writing.entry).outside_bytes(*writing.entry));
  }
  writing_.clear();
}

size_t Keyspace::KeyCount(DbIndex db) const {
  const Database* database = Get(db);
  return database == nullptr ? 0 : database->key_count;
}

size_t Keyspace::ExpiryCount(DbIndex db) const {
  const Database* database = Get(db);
  return database == nullptr ? 0 : database->expiry_count;
}

size_t Keyspace::EntryBytes(const Entry& entry) const {
  constexpr size_t kSlotBytes = 9;  // a slot's share of its bucket at the usual load
  return entry.allocated_bytes() + kSlotBytes + ops(entry).outside_bytes(entry);
}

size_t Keyspace::TableBytes() const {
  size_t total = 0;
  for (uint32_t db = 0; db < databases_.size(); ++db) total += TableBytes(DbIndex(db));
  return total;
}

size_t Keyspace::TableBytes(DbIndex db) const {
  const Database* const database = Get(db);
  if (database == nullptr) return 0;
  size_t total = sizeof(Database);
  for (const EntryTable& table : database->tables) total += sizeof(table) + table.size_bytes();
  return total;
}

FiguresByType Keyspace::Figures(DbIndex db) const {
  const Database* const database = Get(db);
  return database == nullptr ? FiguresByType() : database->by_type;
}

FiguresByType Keyspace::CountFigures(DbIndex db) const {
  FiguresByType by_type;
  ForEach(db, [&](const Entry& entry) {
    TypeFigures& figures = by_type[static_cast<size_t>(entry.type())];
    ++figures.key_count;
    figures.entry_bytes += entry.allocated_bytes();
    figures.value_bytes += ops(entry).outside_bytes(entry);
  });
  return by_type;
}

}  // namespace torc
