#pragma once

// `rename-command NAME NEWNAME`: clients find the command under the new name only, or not at all
// when that is "". A command of Redis's that Torc lacks has nothing to rename, so a file that hides
// it is right as it stands; a name that nobody knows is a mistake of the file's.

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "command/command_registry.h"

namespace torc {

class CommandRenames {
 public:
  // Declares the directive. Both must outlive this.
  CommandRenames(ConfigRegistry& config, CommandRegistry& commands);
  CommandRenames(const CommandRenames&) = delete;
  CommandRenames& operator=(const CommandRenames&) = delete;

  // Names that were given though there is no such command here, for the log.
  const std::vector<std::string>& absent() const { return absent_; }

 private:
  Status Load(ConfigWords words);
  CommandRegistry& commands_;
  std::vector<std::string> absent_;
};

}  // namespace torc
