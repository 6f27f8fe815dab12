#pragma once

// A load under way, as engine/snapshots.cc and snapshot_load.cc share it.

#include <cstdint>
#include <memory>

#include "engine/snapshots.h"
#include "persist/rdb_file.h"
#include "persist/rdb_reader.h"

namespace torc {

// A slice of loading: about a millisecond of small keys.
inline constexpr size_t kLoadKeysPerStep = 4000;

struct Snapshots::Load {
  Load(std::unique_ptr<File> file_in, uint64_t size_bytes)
      : file(std::move(file_in)),
        source(file.get()),
        reader(&source, size_bytes),
        total_bytes(size_bytes) {}

  std::unique_ptr<File> file;
  RdbFileSource source;
  RdbReader reader;
  std::unique_ptr<RdbLoader> loader;
  uint64_t total_bytes = 0;
  int64_t began_ms = 0;
  int64_t logged_ms = 0;
  bool told_origin = false;
};

}  // namespace torc
