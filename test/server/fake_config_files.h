#pragma once

// Configuration files in memory.

#include <map>
#include <string>
#include <vector>

#include "base/glob.h"
#include "server/config_file.h"

namespace torc {

class FakeConfigFiles final : public ConfigFiles {
 public:
  std::map<std::string, std::string> files;
  std::string standard_input;
  int reads = 0;

  StatusOr<std::string> Read(const std::string& path) override {
    ++reads;
    const auto found = files.find(path);
    if (found == files.end()) return Status::NotFound("No such file or directory");
    return found->second;
  }
  StatusOr<std::string> ReadStandardInput() override { return standard_input; }
  std::vector<std::string> Match(const std::string& pattern) override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) {
      if (GlobMatch(pattern, path)) paths.push_back(path);
    }
    return paths;
  }
};

}  // namespace torc
