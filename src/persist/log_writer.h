#pragma once

// LogWriter: puts batches into one increment after the other: numbers them, adds the notes, writes,
// syncs, and knows how far both have come. A machine over File; the log thread drives it.
//
// Invariant: durable_position() <= written position <= position().
// A full disk leaves a part unwritten: the bytes stay here and Flush may be tried again, however
// often. A failed Sync is final: nobody knows what is on the disk, so nothing more is written.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "persist/log_encoder.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

// Where in a file writing goes on: what a LogReader knew at its end, or all zeros in a new one.
struct LogFileState {
  uint64_t size_bytes = 0;
  uint32_t crc = 0;       // of all its bytes
  uint64_t position = 0;  // bytes of commands before, over all files
  uint64_t id = 0;        // of the file if it has a head, else a random one to give it
};

class LogWriter {
 public:
  struct Options {
    bool timestamps = false;  // aof-timestamp-enabled
  };
  // `options` must outlive the writer.
  explicit LogWriter(const Options* options) : options_(options) {}

  // Begins to write at the end of `file`: writes and syncs a head.
  Status Open(std::unique_ptr<File> file, const LogFileState& state);
  // Goes on in a new file, after everything has been written to and synced in the old one.
  Status Rotate(std::unique_ptr<File> next, uint64_t id);
  bool is_open() const { return file_ != nullptr; }

  // Takes a batch's commands over (they are copied). Writes when much has gathered.
  void Add(const LogBatch& batch);
  // Writes what there is. After an error the rest is kept.
  Status Flush();
  // Everything flushed so far becomes durable.
  Status Sync();
  // Adds a mark that says so, unless there is one already; the next Flush writes it. Everything
  // added must have been flushed.
  void MarkDurable();

  uint64_t position() const { return position_; }
  uint64_t durable_position() const { return durable_position_; }
  size_t unwritten_bytes() const { return out_.size() - out_begin_; }
  uint64_t file_bytes() const { return written_bytes_; }
  // Commands were written since the last Sync. (A mark alone is not worth one.)
  bool dirty() const { return flushed_position_ > durable_position_; }
  // Nothing is written any more, as after a failed Sync.
  void GiveUp() { failed_ = true; }
  // A Sync has failed.
  bool failed() const { return failed_; }

 private:
  void EndBatch();
  void SelectFor(const LogBatch& batch);

  const Options* options_;
  std::unique_ptr<File> file_;
  uint64_t id_ = 0;
  uint32_t crc_ = 0;  // of the file and out_, but for what was not noted yet
  size_t noted_ = 0;  // out_ up to here is in crc_
  std::string out_;   // to be written, from out_begin_ on
  size_t out_begin_ = 0;
  uint64_t position_ = 0;
  uint64_t flushed_position_ = 0;
  uint64_t durable_position_ = 0;
  uint64_t written_bytes_ = 0;    // of the file
  uint64_t durable_bytes_ = 0;    // of the file
  uint64_t marked_position_ = 0;  // durable_position_ at the last mark
  std::optional<DbIndex> selected_db_;
  int64_t unix_s_ = 0;  // of the last time annotation
  bool failed_ = false;
};

}  // namespace torc
