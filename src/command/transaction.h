#pragma once

// Transaction: what a client has sent between MULTI and EXEC. Arguments are kept one behind the
// other in one buffer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "command/arg_cursor.h"

namespace torc {

struct Command;

class Transaction {
 public:
  // Adds a command that has passed every check there is before it runs.
  void Queue(const Command& command, uint32_t flags, Argv argv) {
    commands_.push_back({&command, arg_ends_.size(), argv.size()});
    for (const std::string_view arg : argv) {
      bytes_.append(arg);
      arg_ends_.push_back(bytes_.size());
    }
    flags_ |= flags;
  }
  size_t size() const { return commands_.size(); }
  const Command& command(size_t index) const { return *commands_[index].command; }
  // The arguments of a command, into `views`, which is cleared. They live until the next Queue.
  Argv Args(size_t index, std::vector<std::string_view>* views) const {
    const Queued& queued = commands_[index];
    const std::string_view bytes = bytes_;
    views->clear();
    for (size_t i = queued.first_arg; i < queued.first_arg + queued.arg_count; ++i) {
      const size_t begin = i == 0 ? 0 : arg_ends_[i - 1];
      views->push_back(bytes.substr(begin, arg_ends_[i] - begin));
    }
    return *views;
  }
  // The flags of all queued commands together.
  uint32_t flags() const { return flags_; }
  size_t allocated_bytes() const {
    return sizeof(*this) + bytes_.capacity() + arg_ends_.capacity() * sizeof(arg_ends_[0]) +
           commands_.capacity() * sizeof(Queued);
  }

  bool aborted = false;    // an error while queueing: EXEC will refuse
  bool executing = false;  // EXEC runs it: nothing may wait now

 private:
  struct Queued {
    const Command* command;
    size_t first_arg;  // index into arg_ends_
    size_t arg_count;
  };
  std::string bytes_;
  std::vector<size_t> arg_ends_;  // of all commands, offsets into bytes_
  std::vector<Queued> commands_;
  uint32_t flags_ = 0;
};

}  // namespace torc
