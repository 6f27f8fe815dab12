#pragma once

// Configuration files on the real disk.

#include <string>
#include <string_view>
#include <vector>

#include "server/config_file.h"
#include "torc/status.h"

namespace torc {

class DiskConfigFiles final : public ConfigFiles {
 public:
  StatusOr<std::string> Read(const std::string& path) override;
  StatusOr<std::string> ReadStandardInput() override;
  std::vector<std::string> Match(const std::string& pattern) override;
};

// Replaces a file's content so that a crash at any moment leaves the old or the new one whole: a
// temporary file beside it, fsync, rename, fsync of the folder. Keeps the permissions; a symbolic
// link stays one. Blocks.
Status ReplaceFile(const std::string& path, std::string_view content);

}  // namespace torc
