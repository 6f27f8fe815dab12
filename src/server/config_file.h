#pragma once

// redis.conf files and command lines, read into a ConfigRegistry.
//
// A directive is a line: a name and words (base/config_words.h). Blank lines and lines whose first
// character is
// '#' mean nothing; a '#' later in a line is an ordinary character, as in Redis. `include` reads
// other files in its place, globs in order of their names; one that names no file by a glob is no
// error. Later lines win; the command line comes last, standard input before it.
//
// The first line that is wrong ends the load. What was wrong, where, and why is one text for the
// operator:
//
//   *** FATAL CONFIG FILE ERROR (Torc 0.1.0) ***
//   Reading the configuration file, at line 3 of /etc/torc.conf
//   >>> 'timeout abc'
//   argument couldn't be parsed into an integer

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "torc/status.h"

namespace torc {

// How deep `include` may nest: a file that includes itself ends here.
inline constexpr int kConfigIncludeDepthMax = 16;
// The most bytes that one configuration file may have.
inline constexpr size_t kConfigFileBytesMax = size_t{16} << 20;

// Where the text of configuration comes from. Tests give it from memory.
class ConfigFiles {
 public:
  virtual ~ConfigFiles() = default;
  // The whole file, at most kConfigFileBytesMax. On error the message is the system's alone ("No
  // such file or directory").
  virtual StatusOr<std::string> Read(const std::string& path) = 0;
  virtual StatusOr<std::string> ReadStandardInput() = 0;
  // Paths that a glob matches, sorted.
  virtual std::vector<std::string> Match(const std::string& pattern) = 0;
};

// What `torc-server ARGUMENTS` asks for.
struct CommandLine {
  std::optional<std::string> config_path = {};
  bool reads_standard_input = false;
  // Each --directive with its words, in order.
  std::vector<std::vector<std::string>> directives = {};
  bool wants_help = false;
  bool wants_version = false;
  bool only_checks_config = false;
};

// `arguments` without the program's name. The word after a --directive is its value whatever it
// looks like (a password may begin with dashes), except after --save, where another directive means
// an empty value.
StatusOr<CommandLine> ParseCommandLine(std::span<const std::string> arguments);

// Reads file, standard input and command line, as `from` says, into the registry. The message of an
// error is for the operator as it is.
Status LoadConfig(const CommandLine& from, ConfigFiles& files, ConfigRegistry& registry);

}  // namespace torc
