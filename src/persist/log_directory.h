#pragma once

// LogDirectory: the files of a log on a disk, and the manifest that names them. Every step leaves,
// whenever power is lost, a manifest whose files are all there: files are made and synced before
// they are named, and deleted after they no longer are.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "persist/log_manifest.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

class LogDirectory {
 public:
  struct Names {
    std::string directory;  // path: "<dir>/appendonlydir"
    std::string stem;       // "appendonly.aof"
  };
  // The disk must outlive it.
  LogDirectory(Disk* disk, Names names);

  // Makes the directory and keeps other processes out of it, as long as this object lives.
  Status Open();
  // Reads the manifest. kNotFound: there is none (and then manifest() is empty).
  Status Load();
  const LogManifest& manifest() const { return manifest_; }
  std::string PathOf(const LogFileEntry& entry) const { return Path(entry.name); }
  std::string ManifestPath() const { return Path(ManifestFileName(names_.stem)); }

  // A new last increment, empty and durable. Unlisted, it is not in the manifest before the next
  // AdoptBase: what is there now does not lead up to it.
  enum class Listing : uint8_t { kListed, kUnlisted };
  StatusOr<std::unique_ptr<File>> AddIncrement(Listing listing = Listing::kListed);
  // Takes it back.
  Status DropIncrement();
  // The number of the last one made.
  uint64_t last_increment() const { return last_increment_; }
  // Where the next base is written before it is one.
  static constexpr const char* kNextBaseName = "temp-rewriteaof.aof";
  std::string NextBasePath() const { return Path(kNextBaseName); }
  // The file there, which is complete and synced, becomes the base in place of everything before
  // increment `first_kept`.
  Status AdoptBase(BaseForm form, uint64_t first_kept);
  // Replaced files that the manifest still names, as paths.
  std::vector<std::string> History() const;
  // They are deleted: the manifest forgets them.
  Status ForgetHistory();

 private:
  std::string Path(const std::string& name) const { return names_.directory + "/" + name; }
  // The manifest becomes this one, on disk first.
  Status Adopt(LogManifest manifest);

  Disk* disk_;
  Names names_;
  LogManifest manifest_;
  std::vector<LogFileEntry> unlisted_;
  uint64_t last_base_ = 0;  // highest numbers ever used
  uint64_t last_increment_ = 0;
  std::unique_ptr<DirectoryLock> lock_;
};

// Reads a whole small file.
StatusOr<std::string> ReadSmallFile(Disk* disk, const std::string& path, size_t size_bytes_max);
// A file of this content under this name, in place of any that was there, or nothing changed.
Status ReplaceWholeFile(Disk* disk, const std::string& directory, const std::string& name,
                        std::string_view content);

}  // namespace torc
