#include "redis-tests/differential/known_differences.h"

#include <string>

#include "base/glob.h"
#include "base/text.h"

namespace torc::differential {
namespace {

constexpr KnownDifference kTable[] = {
    {"OBJECT ENCODING *", "\"listpack\"", "\"quicklist\"", "7.0.",
     "7.2 keeps a small list in one listpack (release notes, #11303)"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"hashtable\"", "7.0.",
     "7.2 keeps a small set of any members in one listpack (release notes, #11290)"},
    {"COMMAND GETKEYS *", "-ERR The command has no key arguments",
     "-ERR wrong number of arguments for 'command|getkeys' command", "7.0.",
     "7.2 takes a command without arguments there and looks at it"},
};

}  // namespace

std::span<const KnownDifference> KnownDifferences() {
  return kTable;
}

const KnownDifference* FindKnownDifference(const Command& command, std::string_view ours,
                                           std::string_view peer, std::string_view peer_version) {
  std::string line;
  for (const KnownDifference& known : kTable) {
    if (!StartsWith(peer_version, known.peer_version)) continue;
    if (line.empty()) line = CliLine(command.args);
    if (GlobMatch(known.command, line, GlobCase::kInsensitive) && GlobMatch(known.ours, ours) &&
        GlobMatch(known.peer, peer)) {
      return &known;
    }
  }
  return nullptr;
}

}  // namespace torc::differential
