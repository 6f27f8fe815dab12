#pragma once

// RdbLoader: an RDB file of versions 1 to 11 into keyspaces, in slices on their thread.
//
// Some dozens of keys are always under way: when a record has been read, its place in the table is
// fetched towards the cache, and it is put in when as many have been read behind it. A table of
// millions answers from memory only; so the misses overlap. Tables get the size that the file says
// they will need.
//
// Nothing that was loaded may be served before the end, where the checksum stands.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "persist/rdb_reader.h"
#include "store/keyspace.h"
#include "torc/status.h"

namespace torc {

struct RdbLoadStats {
  uint64_t keys_loaded = 0;
  uint64_t keys_expired = 0;      // passed over: their time had come
  uint64_t keys_empty = 0;        // passed over: collections without elements, which are no keys
  uint64_t functions_loaded = 0;  // libraries
  uint64_t functions_skipped = 0;
  int version = 0;
  int64_t created_unix_s = 0;
  uint64_t used_memory_bytes = 0;
  bool aof_base = false;
};

class RdbLoader {
 public:
  struct Options {
    bool verify_checksum = true;
    bool keep_expired = false;  // a replica's file, or the base of a log: their DEL comes later
    bool alone = true;          // nothing may follow the end; false: a log does
    bool replace = false;       // keys that exist give way; false: that is an error
    int64_t databases = 16;     // more are an error
    UnixMs now;
    // Gets the source of each library of functions; without, they are passed over.
    std::function<Status(std::string_view)> add_function = {};
  };
  // Where keys go: the shard that owns a partition.
  using OwnerOf = std::function<Keyspace&(PartitionId)>;

  // All must outlive the loader. `types` is what values are known.
  RdbLoader(RdbReader* reader, const TypeTable* types, Keyspace* first_shard, OwnerOf owner_of,
            const Options& options);
  ~RdbLoader();
  RdbLoader(const RdbLoader&) = delete;
  RdbLoader& operator=(const RdbLoader&) = delete;

  // Loads about `keys_max` more keys. False at the end or at an error: ask status().
  bool Step(size_t keys_max);
  // Ok, or what is wrong with the input and at which offset.
  const Status& status() const { return reader_->status(); }
  bool done() const { return done_; }
  const RdbLoadStats& stats() const { return stats_; }

 private:
  struct Pending {
    Entry* entry;
    KeyRef key;
    DbIndex db;
  };
  static constexpr size_t kPendingKeys = 96;
  static constexpr size_t kBatchKeys = 48;

  bool ReadMagic();
  // Handles one opcode or one record.
  void ReadOne();
  void ReadOpcode(uint8_t opcode);
  void ReadField();
  void ReadRecord(uint8_t rdb_type);
  void ReadFunction();
  void ReadModuleAux();
  void ReadEnd();
  const TypeOps* OpsFor(uint8_t rdb_type);
  uint32_t Clock() const;
  void ReserveTables();
  // Puts in the first `count` of those under way.
  void InsertPending(size_t count);

  RdbReader* reader_;
  Keyspace* first_shard_;
  OwnerOf owner_of_;
  Options options_;
  RdbLoadStats stats_;
  DbIndex db_;
  int64_t expiry_ms_ = Entry::kNoExpiry;
  int64_t idle_s_ = -1;  // -1: not told
  int frequency_ = -1;
  uint64_t keys_reserved_ = 0;  // in all databases
  bool begun_ = false;
  bool done_ = false;
  std::string key_;
  std::vector<Pending> pending_;
  std::array<const TypeOps*, kRdbTypeMax + 1> ops_by_rdb_type_{};
};

// Makes an entry of a loaded value, which it takes over.
Entry* MakeLoadedEntry(std::string_view key, const LoadedValue& value, int64_t expiry_ms,
                       uint32_t clock);
// Lets go of a value that nobody wants.
void FreeLoadedValue(const TypeOps& ops, const LoadedValue& value);
// For each RDB type the data type that reads it; null where there is none.
std::array<const TypeOps*, kRdbTypeMax + 1> OpsByRdbType(const TypeTable& types);
// "a stream (RDB type 19)": for errors about a type this build does not have.
std::string RdbTypeName(uint8_t rdb_type);
// Passes a module's value: opcodes with their numbers and strings up to the end mark.
void SkipModuleValue(RdbReader& reader);

}  // namespace torc
