// Walks over all entries in slices: for those who look after what lies there, not for those who
// need it as it was at one instant (keyspace_snapshot.cc).

#include "store/keyspace.h"

namespace torc {

bool Keyspace::WalkSome(WalkPlace* place, size_t entries_max, const Relocator& visit) {
  while (place->db < databases_.size()) {
    const DbIndex db(static_cast<uint32_t>(place->db));
    const Database* const database = databases_[place->db].get();
    if (database == nullptr || place->partition >= database->tables.size()) {
      *place = {.db = place->db + 1, .partition = 0, .hash = 0};
      continue;
    }
    if (entries_max == 0) return true;
    const auto segment = database->tables[place->partition].SegmentAt(place->hash);
    if (!segment) {
      *place = {.db = place->db, .partition = place->partition + 1, .hash = 0};
      continue;
    }
    segment.Relocate([&](Entry* entry) { return visit(db, entry); });
    entries_max -= std::min(entries_max, std::max<size_t>(segment.size(), 1));
    place->hash = segment.last_hash() + 1;
    if (place->hash == 0) ++place->partition;
  }
  *place = {};
  return false;
}

}  // namespace torc
