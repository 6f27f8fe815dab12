#include "redis-tests/differential/command.h"

#include "base/text.h"

namespace torc::differential {
namespace {

bool IsBareWord(std::string_view word) {
  if (word.empty()) return false;
  for (const char c : word) {
    const bool plain = c > ' ' && c < '\x7f' && c != '"' && c != '\'' && c != '\\' && c != '#';
    if (!plain) return false;
  }
  return true;
}

}  // namespace

std::string CliLine(const std::vector<std::string>& args) {
  std::string line;
  for (const auto& arg : args) {
    if (!line.empty()) line += ' ';
    line += IsBareWord(arg) ? arg : "\"" + Escaped(arg) + "\"";
  }
  return line;
}

std::string CommandName(const Command& command) {
  return command.args.empty() ? std::string() : Uppercase(command.args[0]);
}

}  // namespace torc::differential
