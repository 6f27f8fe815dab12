#pragma once

// The real disk.

#include <memory>
#include <string>
#include <vector>

#include "torc/env.h"

namespace torc {

class SystemDisk final : public Disk {
 public:
  StatusOr<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status MakeDirectory(const std::string& path) override;
  StatusOr<std::vector<std::string>> List(const std::string& path) override;
  StatusOr<std::unique_ptr<DirectoryLock>> Lock(const std::string& path) override;
};

}  // namespace torc
