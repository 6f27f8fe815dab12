#pragma once

// SnapshotJob: all shards' keys of one instant into one RDB file. Takes the snapshot when it is
// made; Step makes the bytes in slices, and a worker writes them. BGSAVE, SAVE and the base of a
// rewritten log are all this.
//
//   job = std::make_unique<SnapshotJob>(shards, disk, queue, options);   // this is the instant
//   each turn: job->Step();                                              // until done()
//   job->status();                                                       // how it ended
//
// The instant lies between two atomic units of the effect stream: whoever numbers effects reads its
// position when it makes the job, and replays what comes behind it on top of the file.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "persist/rdb_file.h"
#include "persist/rdb_frame.h"
#include "persist/snapshot_producer.h"
#include "persist/work_queue.h"

namespace torc {

class SnapshotJob {
 public:
  struct Options {
    SnapshotOptions snapshot;
    RdbHeader header;
    RdbFileWriter::Options file;
  };
  // Bytes that may wait for the worker: beyond, Step makes no more.
  static constexpr size_t kUnwrittenBytesMax = 8 << 20;
  // What one Step makes: some 0.3 ms of work.
  static constexpr size_t kStepBytes = 64 << 10;

  // All must outlive the job; one job at a time on these shards.
  SnapshotJob(std::span<Keyspace* const> shards, Disk* disk, WorkQueue* queue, Options options);
  // The job must be done(). One that is not, at the end of the process, is cancelled and stepped
  // until it is.
  ~SnapshotJob();
  SnapshotJob(const SnapshotJob&) = delete;
  SnapshotJob& operator=(const SnapshotJob&) = delete;

  // A slice. True if the next may follow at once; false while the worker must come first (it asks
  // for a turn when it has), and when all is done.
  bool Step();
  // Gives up: the file does not come to be. Still to be stepped until done().
  void Cancel();

  // The file is there, durable, or there was an error.
  bool done() const { return phase_ == Phase::kDone; }
  // Once done: Ok, or what failed. kUnavailable: it was cancelled.
  const Status& status() const { return status_; }
  uint64_t key_count() const;
  // How many keys there were to save; key_count() comes to this.
  uint64_t key_count_expected() const { return key_count_expected_; }
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  enum class Phase : uint8_t { kProducing, kFinishing, kDone };

  void Submit(Buffer bytes);
  void Finish();
  void Fail(Status status);

  WorkQueue* queue_;
  std::vector<std::unique_ptr<SnapshotProducer>> producers_;
  size_t current_ = 0;                   // the producer whose turn it is
  std::unique_ptr<RdbFileWriter> file_;  // the worker's, while anything is unwritten
  Buffer gathered_;
  Phase phase_ = Phase::kProducing;
  Status status_;
  size_t unwritten_bytes_ = 0;
  size_t in_flight_ = 0;  // pieces of work that have not come back
  uint64_t key_count_expected_ = 0;
  uint64_t file_bytes_ = 0;
};

}  // namespace torc
