#pragma once

// One command of a stream, with the client that sends it and how its two replies are to be
// compared.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace torc::differential {

enum class Check : uint8_t {
  // Two replies are compared, and that is all:
  kExact,           // byte for byte
  kUnordered,       // aggregates as multisets
  kUnorderedPairs,  // flat arrays of pairs (HGETALL in RESP2) and maps as multisets of pairs
  kNear,            // integers that depend on the time; see Command::tolerance
  kStream,          // byte for byte but for the times of consumers and pending entries
  kShape,           // same type, same error or not; the content is the server's own business
  kHello,           // a map without what names the server or the connection
  kTime,            // TIME: two clocks of one machine
  // The reply decides what is asked next, so these run alone:
  kAlone,         // byte for byte, but never in a pipeline
  kScanWalk,      // a cursor walk until 0; both must have seen the same elements
  kRandomKey,     // each server's choice must exist in the other
  kRandomMember,  // each server's members must be in the other's collection, as many on both
  kPop,           // what the one took at random is taken from the other by name
  kReload,        // DEBUG RELOAD and the like: ours has the same digest before and after
  kMayBlock,      // may leave the client waiting until another one's command serves it
};

// True for the checks that need the conversation for themselves.
inline bool IsSolo(Check check) {
  return check >= Check::kAlone;
}

struct Command {
  std::vector<std::string> args = {};
  Check check = Check::kExact;
  int64_t tolerance = 0;  // kNear: the largest difference that is fine
  uint16_t client = 0;
  bool starts_batch = false;  // was the first of a pipeline; replays keep these borders
  bool with_next = false;     // no other client's command may come between this one and the next
};

// The command as a line for redis-cli: words bare where they can be, else quoted with escapes.
std::string CliLine(const std::vector<std::string>& args);

// The command's name, upper case; empty for an empty command.
std::string CommandName(const Command& command);

}  // namespace torc::differential
