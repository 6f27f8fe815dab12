#pragma once

// One node's disk: a single log of writes, in order. A write is first in memory, then written
// (survives the process), then synced (survives the machine). A sync covers all that was written
// when it began. What a crash leaves is a prefix; the record at its end may be torn: only some of
// its entries are there.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/rng.h"
#include "cluster/replica_storage.h"

namespace torc::sim {

// What one group has on disk.
struct DiskImage {
  Recovered state;
  std::string store;  // the bytes of state.checkpoint
};

class SimDisk {
 public:
  // `store` goes with checkpoints.
  void Append(Write write, std::string store);

  // Number of the last record; records are numbered from 1.
  uint64_t appended() const { return synced_ + records_.size(); }
  uint64_t written() const { return written_; }
  uint64_t synced() const { return synced_; }

  // Marks records up to `number`, and lists per group the last write reached.
  std::map<GroupId, WriteSeq> Written(uint64_t number);
  std::map<GroupId, WriteSeq> Synced(uint64_t number);

  // The first entry of this replica that a crash of the level's kind may still take; nothing if all
  // it wrote is kept.
  std::optional<LogIndex> FirstUnkept(GroupId group, const Member& self, Durability level) const;

  // The process ends: what was not written is gone.
  void LoseUnwritten();
  // The machine ends: a random prefix of what was not synced is left.
  void LoseUnsynced(Rng* rng);
  void Wipe();

  // What a starting process finds.
  const std::map<GroupId, DiskImage>& Images() const { return images_; }

 private:
  struct Record {
    Write write;
    std::string store;
  };
  void Fold(const Record& record);

  std::map<GroupId, DiskImage> images_;  // all synced records, folded
  std::deque<Record> records_;           // those after synced_
  uint64_t written_ = 0;
  uint64_t synced_ = 0;
};

}  // namespace torc::sim
