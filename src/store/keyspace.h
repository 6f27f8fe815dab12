#pragma once

// Keyspace: all keys of one shard. For each database and partition it has a table of entries; it
// knows expiry, access clocks, memory and effects, and nothing of commands or replies.
//
// One shard's thread alone touches it. Pointers to entries die at the next write to their table.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/rng.h"
#include "store/access_clock.h"
#include "store/database.h"
#include "store/effects.h"
#include "store/entry.h"
#include "store/held_keys.h"
#include "store/s3_fifo.h"
#include "store/sampled_key.h"
#include "store/snapshot_visitor.h"
#include "store/text_packer.h"
#include "store/type_ops.h"
#include "store/value_limits.h"
#include "store/watch_table.h"

namespace torc {

class Keyspace {
 public:
  // Where a key was found: its table, slot and entry; all null when it was not.
  struct Found {
    EntryTable::Slot slot;
    Entry* entry = nullptr;
    explicit operator bool() const { return entry != nullptr; }
  };

  // options, types and feed must outlive the keyspace.
  Keyspace(const KeyspaceOptions* options, const TypeTable* types, EffectFeed* feed);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  // --- Keys
  // -------------------------------------------------------------------------------------------
  KeyRef Ref(std::string_view key) const;
  // Brings the key's bucket, and in a second round its entry, towards the cache. For batches.
  void Prefetch(DbIndex db, const KeyRef& key) const;
  void PrefetchEntry(DbIndex db, const KeyRef& key) const;
  // And, when the entry is there, a field or member of its value (TypeOps::prefetch_part).
  void PrefetchPart(const Entry& entry, std::string_view part) const;

  // The key's entry, unless it is absent or expired at `now`. An expired one is removed on the way
  // (an effect), or merely hidden while expiry is suspended. Parts of its value that are due are
  // removed likewise, but while expiry is suspended they are still there.
  Found Find(DbIndex db, const KeyRef& key, UnixMs now);
  // The entry whether expired or not; removes nothing.
  Found Peek(DbIndex db, const KeyRef& key) const;
  // Gives the key a new entry of this shape with an uninitialised value, in place of `found` (whose
  // old value is freed) or as a new key. The value must be filled in at once.
  Entry* Put(DbIndex db, const KeyRef& key, Found found, const Entry::Shape& shape);
  // Like Put over an existing entry, but the caller has taken over the old value's box: it is not
  // freed.
  Entry* Reshape(DbIndex db, const KeyRef& key, Found found, const Entry::Shape& shape);
  // Removes and frees the entry. The table's slot is gone after this.
  void Remove(DbIndex db, const KeyRef& key, Found found);
  // Where many keys are known to come: makes room, in all partitions, for `factor` times as many as
  // there are (a long step, for start-up), and gives back what they did not need.
  void ReserveTimes(double factor);
  void TrimTables();
  // Before many Adopts: makes room in a partition that is empty; fetches what one will write.
  void Reserve(DbIndex db, PartitionId partition, size_t key_count);
  void PrefetchAdopt(DbIndex db, const KeyRef& key) const;
  // Puts an entry made elsewhere, with its value, under its key (found nothing); owns it then.
  void Adopt(DbIndex db, const KeyRef& key, Entry* entry);
  // Removes the entry but not what its value holds outside: the caller has taken that over.
  void RemoveKeepingValue(DbIndex db, const KeyRef& key, Found found);
  // Sets, changes or (kNoExpiry) removes the deadline; the entry may move: the new one is returned.
  Entry* SetExpiry(DbIndex db, const KeyRef& key, Found found, int64_t expiry_ms);

  // The value of the entry becomes that of `other`, an entry outside any table with the same shape,
  // and the other way round.
  void SwapValue(DbIndex db, Found found, Entry* other);
  // Frees an entry that is in no table, by slices if its value is large.
  void Discard(Entry* entry) { FreeEntry(entry); }

  // Sets the earliest deadline of the value's parts; the entry may move: the new one is returned.
  Entry* SetPartsDeadline(DbIndex db, const KeyRef& key, Found found, int64_t deadline_ms);
  // After an entry was given its value by other means than the setters above.
  void NoteDeadlines(DbIndex db, const KeyRef& key, const Entry& entry);

  // --- Whole databases
  // --------------------------------------------------------------------------------
  size_t KeyCount(DbIndex db) const;
  size_t ExpiryCount(DbIndex db) const;
  // Mean milliseconds to live over a sample of the keys with an expiry.
  int64_t AverageTtlMs(DbIndex db, UnixMs now);
  // Visits some keys of a partition from `position` on in hash order; returns where to go on, 0 at
  // the end. Every key present throughout a full walk is visited at least once. Expired keys are
  // visited too.
  uint64_t ScanPartition(DbIndex db, PartitionId partition, uint64_t position,
                         const std::function<void(const Entry&)>& visit) const;
  // A random live key, each equally likely; null if there is none (or none was found alive in many
  // tries).
  const Entry* RandomKey(DbIndex db, UnixMs now);
  // Visits every entry of a database, expired ones included. The visitor must not write.
  void ForEach(DbIndex db, const std::function<void(const Entry&)>& visit) const;
  enum class FlushMode { kNow, kInBackground };
  // Empties a database. The memory goes in slices, from Reclaim; kNow: the first thousand keys at
  // once.
  void Flush(DbIndex db, FlushMode mode);
  void Swap(DbIndex a, DbIndex b);
  std::vector<DbIndex> NonEmptyDatabases() const;
  // A hash of all logical content; equal content gives equal digests however it came about.
  uint64_t Digest() const;
  uint64_t EntryDigest(DbIndex db, const Entry& entry) const;

  // --- Time and background work
  // -----------------------------------------------------------------------
  void SetNow(UnixMs now, ClockKind clock) {
    access_clock_.SetNow(now, clock);
    s3_fifo_.SetActive(clock == ClockKind::kS3Fifo);
  }
  UnixMs now() const { return access_clock_.now(); }
  // Removes due keys, looking at no more than about `entries_max`; returns how many it removed.
  size_t SweepExpired(UnixMs now, size_t entries_max);
  // Milliseconds by which the oldest known deadline is overdue (0 if none is).
  int64_t SweepLagMs(UnixMs now) const;
  // Frees flushed databases and large values that were dropped, about `items_max` entries or
  // elements of them; returns whether any are left.
  bool Reclaim(size_t items_max);
  bool has_garbage() const { return !graveyard_.empty() || !dropped_.empty(); }
  size_t pending_reclaim_keys() const { return graveyard_keys_ + dropped_.size(); }
  // While suspended (CLIENT PAUSE), expired keys are hidden but not removed.
  void SuspendExpiry(bool suspended) { expiry_suspended_ = suspended; }

  // --- What eviction needs (keyspace_eviction.cc)
  // Some keys that lie side by side at a random place, each database in proportion to its keys;
  // returns how many were found. With kVolatile only keys with a deadline: none are found where
  // there are none, and rarely where they are very few.
  size_t Sample(KeyScope scope, std::span<SampledKey> out);
  // Shows all keys with a deadline that lie together with the one whose deadline is earliest;
  // returns how many there were.
  size_t SampleEarliest(void (*show)(void* context, const SampledKey& key), void* context);
  uint64_t HashOf(std::string_view key) const { return HashBytes(key, options_->hash_seed); }
  // Whether the sampled entry is still the one of its key. Reads nothing of it before it knows.
  bool StillThere(const SampledKey& key, uint64_t hash) const;
  // For allkeys-s3fifo: what it remembers, and the key on trial that an arrival tells of, if it is
  // still there (else its entry is null).
  S3Fifo& s3_fifo() { return s3_fifo_; }
  SampledKey FindOnTrial(const S3Fifo::Arrival& arrival) const;
  size_t key_count() const;
  // Removes a key, with the effect and the event of an eviction.
  void Evict(const SampledKey& key, uint64_t hash);

  // --- Keys that nobody may change (command/breather.h)
  // From now until LetGo these keys neither expire nor are evicted: a command has paused that uses
  // them. Who runs meanwhile changes none of them, and moves nothing of their values: they are
  // asked for by IsHeld. `keys` must live until LetGo.
  void Hold(const HeldKeys* keys) {
    holds_.push_back(keys);
    keys_are_held_ = true;
  }
  void LetGo(const HeldKeys* keys) {
    std::erase(holds_, keys);
    keys_are_held_ = borrowed_holds_ || !holds_.empty();
  }
  bool holds_keys() const { return !holds_.empty(); }
  // Whether this shard, or one that its thread has borrowed, holds keys.
  bool keys_are_held() const { return keys_are_held_; }
  void NoteBorrowedHolds(bool any) {
    borrowed_holds_ = any;
    keys_are_held_ = any || !holds_.empty();
  }
  bool IsHeld(uint64_t hash) const {
    if (holds_.empty()) [[likely]]
      return false;
    return std::any_of(holds_.begin(), holds_.end(),
                       [hash](const HeldKeys* keys) { return keys->Has(hash); });
  }
  bool IsHeld(const Entry& entry) const { return !holds_.empty() && IsHeld(HashOf(entry.key())); }

  // --- Walks that may pause for any time (keyspace_walk.cc)
  struct WalkPlace {
    size_t db = 0;
    size_t partition = 0;
    uint64_t hash = 0;
  };
  // Where an entry is now: the visitor may have moved it in memory, but changes nothing else.
  using Relocator = std::function<Entry*(DbIndex db, Entry* entry)>;
  // Shows the entries of the next segments from `place` on, `entries_max` or a segment more, and
  // returns whether there are more; at the end `place` is the beginning again. An entry that is
  // there during a whole walk is shown, perhaps twice if databases are swapped meanwhile.
  bool WalkSome(WalkPlace* place, size_t entries_max, const Relocator& visit);

  // --- Snapshots (keyspace_snapshot.cc)
  // From now on AdvanceSnapshot shows the visitor, which must outlive the snapshot, each entry that
  // is there now, exactly once and as it is now, whatever happens to it meanwhile. One snapshot at
  // a time.
  void BeginSnapshot(SnapshotVisitor* visitor);
  // Goes on by about `entries_max` entries; true while there are more.
  bool AdvanceSnapshot(size_t entries_max);
  // The visitor is shown nothing any more. AdvanceSnapshot must still be called until it is false.
  void AbandonSnapshot() { snapshot_.visitor = nullptr; }
  bool snapshot_under_way() const { return snapshot_.under_way; }
  // To be called before an entry's value is changed in place: CommandContext::Write does, and so do
  // all functions above that change or remove an entry.
  void BeforeWrite(DbIndex db, Entry* entry) {
    if (entry->boxed()) NoteWriting(db, *entry);
    if (snapshot_.under_way && entry->mark() != mark_) [[unlikely]]
      SaveBeforeWrite(db, entry);
  }

  // --- Figures
  // ---------------------------------------------------------------------------------------- Bytes
  // of an entry with its value, as MEMORY USAGE counts them (the slot's share included).
  size_t EntryBytes(const Entry& entry) const;
  // Bytes of tables (buckets and directories) over all databases.
  size_t TableBytes() const;
  // The same of one database.
  size_t TableBytes(DbIndex db) const;
  // Bytes of entries and their values (size classes), flushed ones that wait included; those of
  // one database, by type. Exact between commands.
  size_t data_bytes() const { return data_bytes_; }
  FiguresByType Figures(DbIndex db) const;
  // The same, counted anew by looking at each entry: for tests.
  FiguresByType CountFigures(DbIndex db) const;
  // What commands have written since the last call is as large now as it will be: the bytes of
  // these values are counted. To be called after each command.
  void EndWrites() {
    if (!writing_.empty()) CountWritten();
  }

  KeyspaceStats& stats() { return stats_; }
  const KeyspaceStats& stats() const { return stats_; }
  AccessClock& access_clock() { return access_clock_; }
  const AccessClock& access_clock() const { return access_clock_; }
  const TypeOps& ops(const Entry& entry) const;
  const KeyspaceOptions& options() const { return *options_; }
  EffectFeed& feed() { return *feed_; }
  // Where effects go from now on: its own feed, or that of the shard that has borrowed this one.
  void set_feed(EffectFeed* feed) { feed_ = feed; }
  // Of the process's shards, whose keyspace this is.
  size_t shard_index() const { return shard_index_; }
  void set_shard_index(size_t index) { shard_index_ = index; }
  WatchTable& watches() { return watches_; }
  Rng& rng() { return rng_; }
  TextPacker& packer() { return packer_; }

 private:
  Database* Get(DbIndex db) const;
  Database& GetOrMake(DbIndex db);
  EntryTable* TableOf(DbIndex db, PartitionId partition) const;
  void FreeEntry(Entry* entry);
  size_t FreeFlushed(size_t entries_max);
  // Lets go of what the entry's value holds: at once, or by slices if it is large.
  size_t ElementsToFree(const Entry& entry) const;
  void FreeValue(Entry* entry);
  size_t SampleVolatile(std::span<SampledKey> out);
  // `entry` leaves or enters the counts of its database. What a boxed value takes counts from the
  // next EndWrites on, and not while it may change.
  void CountOut(Database& database, const Entry& entry);
  void CountIn(Database& database, const Entry& entry);
  void NoteWriting(DbIndex db, const Entry& entry);
  void CountWritten();
  void AddValueBytes(Database& database, const Entry& entry, size_t bytes);
  void EmitNew(DbIndex db, std::string_view key);
  // Emits the DEL and the event of an expiry and counts it; the entry still exists.
  void EmitExpired(DbIndex db, std::string_view key);
  // Removes due parts of the entry's value, with their effect; returns how many.
  size_t ExpireParts(DbIndex db, Entry* entry, UnixMs now, size_t parts_max);
  size_t SweepTable(DbIndex db, Database& database, EntryTable& table, UnixMs now, size_t* budget);
  void SaveBeforeWrite(DbIndex db, Entry* entry);
  void Show(DbIndex db, Entry* entry);
  size_t VisitSegment(const Database& database, const EntryTable::SegmentView& segment);
  // Whether a database that is flushed must be kept because the snapshot has not passed it.
  bool SnapshotNeeds(const Database* database) const;
  void BuryPassed();

  const KeyspaceOptions* options_;
  const TypeTable* types_;
  EffectFeed* feed_;
  AccessClock access_clock_;
  S3Fifo s3_fifo_;
  Rng rng_;
  TextPacker packer_;
  std::vector<std::unique_ptr<Database>> databases_;  // by number; null while never used
  std::vector<std::unique_ptr<Database>> graveyard_;  // flushed, freed by Reclaim
  std::vector<std::unique_ptr<HeldValue>> dropped_;   // large values, likewise
  // The snapshot under way. Entries whose mark is not mark_ have not been shown to its visitor; new
  // ones get mark_. Between snapshots all entries have the same mark.
  struct Snapshot {
    bool under_way = false;
    SnapshotVisitor* visitor = nullptr;  // null: abandoned
    std::vector<Database*> databases;    // what is left; the walk is in the last one
    size_t partition = 0;                // where in it
    uint64_t hash = 0;                   // all entries of that table with lower hashes were shown
  };
  Snapshot snapshot_;
  bool mark_ = false;
  std::vector<std::unique_ptr<Database>> kept_;  // flushed, but the snapshot has not passed them
  size_t graveyard_keys_ = 0;
  // Entries with boxed values that the command under way may change: their values do not count.
  struct Writing {
    Database* database;
    const Entry* entry;
  };
  std::vector<Writing> writing_;
  size_t data_bytes_ = 0;
  size_t sweep_next_ = 0;  // where the last sweep stopped: database × partition
  bool expiry_suspended_ = false;
  std::vector<const HeldKeys*> holds_;
  bool borrowed_holds_ = false;
  bool keys_are_held_ = false;
  size_t shard_index_ = 0;
  KeyspaceStats stats_;
  WatchTable watches_{this, feed_};
};

}  // namespace torc
