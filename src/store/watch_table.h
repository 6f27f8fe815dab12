#pragma once

// Watched keys of one keyspace: what WATCH needs to know at EXEC.
//
// A watched key has a record {references, counters}. While anybody watches, the table listens to
// the keyspace's effects and counts each event of a watched key; while nobody does, it is not even
// a sink. A watcher keeps the counters it saw and compares: so a change costs one look-up however
// many watch, and watching costs nothing per watcher and change.
//
// An expiry is no change to whoever began to watch when the key was already gone. Emptying a
// database changes the keys that were in it, exchanging two those that are in either: keys that
// did not exist at either time stay unchanged.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "store/effects.h"

namespace torc {

class Keyspace;

class WatchTable final : public EffectSink {
 private:
  struct Record {
    std::string key;
    uint32_t references = 0;
    uint64_t changes = 0;   // counts events other than expiry
    uint64_t expiries = 0;  // counts expiries
  };
  struct DatabaseRecords {
    uint64_t flushes = 0;  // counts FLUSHDB, FLUSHALL and SWAPDB
    std::unordered_map<std::string_view, std::unique_ptr<Record>> records;  // by Record::key
  };

 public:
  // One client's watch on one key. Valid until End.
  struct Watch {
    DbIndex db;
    Record* record = nullptr;
    uint64_t changes = 0;  // the counters when the watch began
    uint64_t expiries = 0;
    uint64_t flushes = 0;
    bool existed = false;
  };

  // Both must outlive the table.
  WatchTable(Keyspace* keyspace, EffectFeed* feed) : keyspace_(keyspace), feed_(feed) {}
  ~WatchTable();
  WatchTable(const WatchTable&) = delete;
  WatchTable& operator=(const WatchTable&) = delete;

  // Each Begin needs its End. O(1).
  Watch Begin(DbIndex db, std::string_view key, UnixMs now);
  void End(const Watch& watch);
  // Whether the key has changed, or expired, since Begin. O(1).
  bool Changed(const Watch& watch, UnixMs now) const;
  bool Watches(const Watch& watch, DbIndex db, std::string_view key) const {
    return watch.db == db && watch.record->key == key;
  }
  // All keys were emptied away without an effect that says so (DEBUG RELOAD).
  void NoteFlushAll();
  // Keys that somebody watches.
  size_t key_count() const;

  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override { (void)unit; }
  bool follows_keys() const override { return true; }
  const Keyspace& keyspace() const { return *keyspace_; }

 private:
  void NoteFlush(DbIndex db);
  void NoteSwap(DbIndex db);

  Keyspace* keyspace_;
  EffectFeed* feed_;
  std::map<DbIndex, DatabaseRecords> databases_;  // those with watched keys
};

}  // namespace torc
