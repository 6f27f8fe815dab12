// Snapshots: a walk over all entries of one instant while writes go on.
//
// The idea: each entry has a mark, one bit, and so has the keyspace. Between snapshots they are all
// equal. A snapshot begins by turning the keyspace's mark over: now the entries that it has not
// seen are those whose mark differs, and they are all that were there at that instant, as new
// entries get the new mark. The walk visits table after table in the order of hashes and marks what
// it has shown. A write shows the entry it is about to change or remove first, if its mark differs;
// that is the whole price of a write, and while no snapshot is under way it is one branch.
//
// So nothing depends on where an entry stands: segments may split, merge and displace entries while
// the walk passes. An entry that moved behind the walk was shown before, or is new. One that stays
// is met, since its hash does not change.
//
// A database that is flushed is kept until the walk has passed it, and swapped databases are known
// by their address. A snapshot that is given up goes on marking in silence, because the next one
// needs equal marks.
//
// Considered and refused: versions per segment, where a write saves the whole segment first. It
// makes a write pay for up to 500 neighbours, however large, and must be thought of wherever a
// segment splits, merges or lends a slot to its neighbour.

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "store/keyspace.h"

namespace torc {

void Keyspace::BeginSnapshot(SnapshotVisitor* visitor) {
  TORC_CHECK(!snapshot_.under_way, "one snapshot at a time");
  snapshot_ = {.under_way = true, .visitor = visitor, .databases = {}, .partition = 0, .hash = 0};
  mark_ = !mark_;
  // The walk takes the last first: databases in ascending order.
  for (size_t i = databases_.size(); i-- > 0;) {
    Database* const database = databases_[i].get();
    if (database == nullptr) continue;
    database->snapshot_db = DbIndex(static_cast<uint32_t>(i));
    snapshot_.databases.push_back(database);
  }
}

void Keyspace::Show(DbIndex db, Entry* entry) {
  if (snapshot_.visitor != nullptr) snapshot_.visitor->Visit(db, *entry);
  entry->set_mark(mark_);
}

void Keyspace::SaveBeforeWrite(DbIndex db, Entry* entry) {
  Show(Get(db)->snapshot_db, entry);
}

// Shows the entries of a segment that were not; returns how many it looked at. Stops in the middle
// when the visitor is full: the segment is then looked through again.
size_t Keyspace::VisitSegment(const Database& database, const EntryTable::SegmentView& segment) {
  // A segment that can be split has no more entries than this.
  constexpr size_t kEntriesMax = 576;
  constexpr size_t kAhead = 8;
  std::array<Entry*, kEntriesMax> entries;
  size_t count = 0;
  size_t looked_at = 0;
  const auto show = [&] {
    for (size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) __builtin_prefetch(entries[i + kAhead], 1);
      if (entries[i]->mark() == mark_) continue;
      if (snapshot_.visitor != nullptr && snapshot_.visitor->full()) break;
      Show(database.snapshot_db, entries[i]);
    }
    looked_at += count;
    count = 0;
  };
  segment.ForEach([&](Entry* entry) {
    if (count == kEntriesMax) show();
    entries[count++] = entry;
  });
  show();
  return looked_at;
}

bool Keyspace::AdvanceSnapshot(size_t entries_max) {
  if (!snapshot_.under_way) return false;
  while (!snapshot_.databases.empty()) {
    Database& database = *snapshot_.databases.back();
    if (snapshot_.partition == database.tables.size()) {
      snapshot_.databases.pop_back();
      snapshot_.partition = 0;
      BuryPassed();
      continue;
    }
    if (entries_max == 0) return true;
    const auto segment = database.tables[snapshot_.partition].SegmentAt(snapshot_.hash);
    const size_t looked_at = segment ? VisitSegment(database, segment) : 0;
    if (snapshot_.visitor != nullptr && snapshot_.visitor->full()) return true;
    entries_max -= std::min(entries_max, looked_at);
    snapshot_.hash = segment ? segment.last_hash() + 1 : 0;
    if (snapshot_.hash == 0) ++snapshot_.partition;
  }
  snapshot_ = {};
  return false;
}

bool Keyspace::SnapshotNeeds(const Database* database) const {
  return std::find(snapshot_.databases.begin(), snapshot_.databases.end(), database) !=
         snapshot_.databases.end();
}

// Flushed databases that the walk has passed may go now.
void Keyspace::BuryPassed() {
  for (auto& database : kept_) {
    if (SnapshotNeeds(database.get())) continue;
    graveyard_.push_back(std::move(database));
  }
  std::erase(kept_, nullptr);
}

}  // namespace torc
