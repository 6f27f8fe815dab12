#pragma once

// RdbFileWriter: an RDB file that is either there whole, under its name and durable, or not at all.
// RdbFileSource: one as the bytes of a reader. Both block: the writer belongs to a worker's thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "persist/rdb_reader.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

class RdbFileWriter {
 public:
  struct Options {
    std::string directory = ".";
    std::string temp_name;  // in the directory; replaced if it is there
    std::string name;       // what it becomes; empty: it keeps the name it has
    bool checksum = true;
  };
  // The disk must outlive the writer.
  RdbFileWriter(Disk* disk, Options options) : disk_(disk), options_(std::move(options)) {}
  // Removes the file unless it was finished.
  ~RdbFileWriter();
  RdbFileWriter(const RdbFileWriter&) = delete;
  RdbFileWriter& operator=(const RdbFileWriter&) = delete;

  // Appends header and records as they come. Opens the file at the first call. The first error
  // stays.
  Status Append(std::string_view bytes);
  // Writes the footer; syncs the file, gives it its name, syncs the directory.
  Status Finish();
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  std::string Path(const std::string& name) const { return options_.directory + "/" + name; }
  Status Open();
  Status Write(std::string_view bytes);

  Disk* disk_;
  Options options_;
  std::unique_ptr<File> file_;
  Status status_;
  uint64_t checksum_ = 0;
  uint64_t size_bytes_ = 0;
  uint64_t synced_bytes_ = 0;
  bool finished_ = false;
};

class RdbFileSource final : public RdbSource {
 public:
  // The file must outlive the source.
  explicit RdbFileSource(File* file) : file_(file) {}
  StatusOr<size_t> Read(char* to, size_t bytes_max) override;

 private:
  File* file_;
  uint64_t offset_ = 0;
};

}  // namespace torc
