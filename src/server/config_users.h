#pragma once

// Where users come from and are kept: `user` lines of the configuration, or the file that `aclfile`
// names. One or the other, never both.

#include <string>
#include <vector>

#include "base/config.h"
#include "command/access.h"
#include "server/config_file.h"
#include "torc/status.h"

namespace torc {

class ConfiguredUsers final : public AclFile {
 public:
  struct Parts {
    AclUsers* users;
    const CommandRegistry* commands;
    const std::string* requirepass;
  };
  // Declares both. The parts and the registry must outlive this.
  ConfiguredUsers(ConfigRegistry& config, const Parts& parts);
  ConfiguredUsers(const ConfiguredUsers&) = delete;
  ConfiguredUsers& operator=(const ConfiguredUsers&) = delete;

  // After a load: the default user gets requirepass, then all users what their lines or the file
  // say, wherever they stand. `directory`: where relative paths begin.
  Status Settle(ConfigFiles& files, const std::string& directory);
  // Lines for the log: what an operator should look at again.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // --- AclFile ---
  const std::string& path() const override { return path_; }
  StatusOr<std::string> Read() override;
  Status Replace(const std::string& text) override;

 private:
  struct Line {
    std::string name;
    std::vector<std::string> rules;
  };

  Status ReadLine(ConfigWords words);
  Status ApplyLines();
  Status ReadFile(ConfigFiles& files);
  std::vector<std::string> LinesToKeep() const;

  Parts parts_;
  std::string path_;       // as it was configured; empty: no file
  std::string real_path_;  // whatever the process's directory is
  std::vector<Line> lines_;
  std::vector<std::string> warnings_;
};

}  // namespace torc
