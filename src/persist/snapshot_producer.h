#pragma once

// SnapshotProducer: one shard's keys of one instant as RDB records, made in slices on the shard's
// own thread while commands go on. Between slices, whatever is about to change is written first
// (see store/keyspace_snapshot.cc).
//
// The records stand for themselves: TakeBytes may be written behind one another's, also those of
// several shards, since each begins with the database it is about. The frame around them (magic,
// fields, end, checksum) is persist/rdb_frame.h's.
//
// The instant is the constructor: the snapshot holds what every effect emitted before had done, and
// nothing of those after.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/buffer.h"
#include "persist/rdb_writer.h"
#include "store/keyspace.h"

namespace torc {

// What of an entry's access clock goes along with the key: what the eviction policy looks at.
enum class RdbAccess : uint8_t { kNone, kIdleTime, kFrequency };

struct SnapshotOptions {
  bool compress = true;
  RdbAccess access = RdbAccess::kNone;
};

// One entry as a record: expiry, access, type, key, value.
void WriteRdbRecord(const Keyspace& keyspace, const Entry& entry, RdbAccess access,
                    RdbWriter& writer);

class SnapshotProducer final : public SnapshotVisitor {
 public:
  // Takes the snapshot: O(databases). The keyspace must outlive the producer, and have no other
  // snapshot under way.
  SnapshotProducer(Keyspace* keyspace, SnapshotOptions options);
  // Finishes at once what Step and Abandon have left to do.
  ~SnapshotProducer() override;
  SnapshotProducer(const SnapshotProducer&) = delete;
  SnapshotProducer& operator=(const SnapshotProducer&) = delete;

  // Goes on by about `bytes_max` bytes of entries (each counts some more than it has); true while
  // there is more to do. Below half a millisecond for 64 KiB, however well they compress.
  bool Step(size_t bytes_max);
  // Nothing is written any more; Step, still to be called until it is false, only clears up.
  void Abandon();
  // What was made so far; with it goes at_record_end(): if that is false, the next bytes taken go
  // on with the last record, and nothing may come between.
  Buffer TakeBytes();
  bool at_record_end() const { return value_ == nullptr; }
  // Records begun so far, and bytes that wait to be taken.
  uint64_t key_count() const { return key_count_; }
  size_t pending_bytes() const { return out_.size() + behind_.size(); }

  void Visit(DbIndex db, const Entry& entry) override;
  // Large values have their turn as soon as they are met, so that they are shared only briefly.
  bool full() const override { return work_bytes_ >= work_bytes_max_ || !held_.empty(); }

 private:
  void BeginRecord(DbIndex db, const Entry& entry, RdbWriter& writer);
  bool SaveHeld(size_t bytes_max);
  void SelectDb(DbIndex db, RdbWriter& writer);

  Keyspace* keyspace_;
  SnapshotOptions options_;
  Buffer out_;     // to be taken
  Buffer behind_;  // records that follow the large value being written into out_
  std::optional<DbIndex> selected_;
  struct Held {
    Buffer head;  // what stands before the value: database, expiry, type, key
    std::unique_ptr<HeldValue> value;
  };
  std::deque<Held> held_;             // large values that wait for their turn
  std::unique_ptr<HeldValue> value_;  // the one that out_ is in the middle of
  size_t work_bytes_ = 0;             // of this step so far
  size_t work_bytes_max_ = 0;         // of this step
  uint64_t key_count_ = 0;
  bool walking_ = true;
  bool abandoned_ = false;
};

}  // namespace torc
