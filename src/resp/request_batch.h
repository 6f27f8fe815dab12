#pragma once

// Several parsed commands, flat: what the parser fills, and what is then hashed, prefetched and
// executed. One per loop, cleared and filled again each turn, so that nothing is allocated once it
// is warm.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

struct RequestBatch {
  struct Command {
    uint32_t first_arg;   // index into args
    uint32_t arg_count;   // at least 1: the command's name is the first
    uint64_t wire_bytes;  // of the request, headers included
  };

  // Views into the input that was parsed, or into `scratch`: they die with the input, or at
  // Clear().
  std::vector<std::string_view> args;
  std::vector<Command> commands;
  // Inline arguments whose quotes or escapes had to be taken out. A deque: its strings do not move.
  std::deque<std::string> scratch;

  std::span<const std::string_view> Args(const Command& command) const {
    return {args.data() + command.first_arg, command.arg_count};
  }
  bool empty() const { return commands.empty(); }
  // Forgets everything. Gives memory back only after an unusually large batch.
  void Clear();

 private:
  static constexpr size_t kKeptArgsMax = 64 * 1024;
};

}  // namespace torc
