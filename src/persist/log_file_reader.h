#pragma once

// LogFileReader: a LogReader over a real file: reads ahead, gives the reader windows that are long
// enough, and at the end decides whether what is wrong may be cut away.
//
// A batch's views live until the next call.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persist/log_reader.h"
#include "resp/request_batch.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

class LogFileReader {
 public:
  // The file must outlive the reader.
  LogFileReader(File* file, std::string path, std::optional<uint64_t> position);

  // Appends about `commands_wanted` commands to the batch, which the caller has cleared. An error
  // means that the file could not be read.
  StatusOr<LogReader::Step> Next(size_t commands_wanted, RequestBatch* batch);

  LogReader& reader() { return reader_; }
  const LogReader& reader() const { return reader_; }
  const std::string& path() const { return path_; }
  uint64_t size_bytes() const { return size_bytes_; }

  enum class Place : uint8_t { kLast, kEarlier };
  // After kDamage: Ok if everything behind the damage may be dropped, because nothing of it had
  // been promised. Else the message tells the operator file, offset, why, and what to do.
  Status MayCut(Place place, bool load_truncated);

 private:
  Status Fill(size_t bytes_wanted);
  StatusOr<uint64_t> PromisedBytes();
  bool IsUnfinishedHead() const;

  File* file_;
  std::string path_;
  LogReader reader_;
  uint64_t size_bytes_ = 0;
  bool opened_ = false;
  std::vector<char> window_;
  size_t begin_ = 0;  // of the reader's window, in window_
  size_t end_ = 0;
};

}  // namespace torc
