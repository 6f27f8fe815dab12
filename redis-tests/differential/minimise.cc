#include "redis-tests/differential/minimise.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"

namespace torc::differential {
namespace {

// Counts the experiments and stops when they have cost enough.
class Laboratory {
 public:
  Laboratory(const Experiment& experiment, int64_t commands_max)
      : experiment_(experiment), left_(commands_max) {}
  bool exhausted() const { return left_ <= 0; }
  bool Fails(const std::vector<Command>& commands) {
    if (exhausted()) return false;
    left_ -= static_cast<int64_t>(commands.size()) + 100;
    return experiment_(commands);
  }

 private:
  const Experiment& experiment_;
  int64_t left_;
};

// Commands that change what other commands mean, whatever keys they name.
bool ChangesContext(const Command& command) {
  static const std::set<std::string> kNames = {"SELECT",  "SWAPDB", "FLUSHDB", "FLUSHALL",
                                               "HELLO",   "RESET",  "MULTI",   "EXEC",
                                               "DISCARD", "CONFIG", "SCRIPT",  "FUNCTION"};
  return kNames.count(CommandName(command)) > 0;
}

std::vector<Command> Without(const std::vector<Command>& commands, size_t begin, size_t end) {
  std::vector<Command> out(commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(begin));
  out.insert(out.end(), commands.begin() + static_cast<std::ptrdiff_t>(end), commands.end());
  return out;
}

// Leaves out chunks, large ones first. The last command stays: it is the one that shows the
// difference.
std::vector<Command> LeaveOutCommands(std::vector<Command> commands, Laboratory* laboratory) {
  size_t chunk = commands.size() / 2;
  while (chunk > 0 && !laboratory->exhausted()) {
    bool smaller = false;
    for (size_t end = commands.size() - 1; end > 0;) {
      const size_t begin = end > chunk ? end - chunk : 0;
      std::vector<Command> candidate = Without(commands, begin, end);
      if (laboratory->Fails(candidate)) {
        commands = std::move(candidate);
        smaller = true;
      }
      end = begin;
    }
    if (chunk > 1 || !smaller) chunk /= 2;
  }
  return commands;
}

std::vector<Command> LeaveOutArguments(std::vector<Command> commands, Laboratory* laboratory) {
  for (size_t i = commands.size(); i-- > 0;) {
    for (size_t a = commands[i].args.size(); a-- > 1;) {
      std::vector<Command> candidate = commands;
      candidate[i].args.erase(candidate[i].args.begin() + static_cast<std::ptrdiff_t>(a));
      if (laboratory->Fails(candidate)) commands = std::move(candidate);
    }
  }
  return commands;
}

}  // namespace

std::vector<Command> Related(const std::vector<Command>& commands) {
  std::set<std::string> words(commands.back().args.begin() + 1, commands.back().args.end());
  const auto related = [&](const Command& command) {
    return ChangesContext(command) ||
           std::any_of(command.args.begin() + 1, command.args.end(),
                       [&](const auto& arg) { return words.count(arg) > 0; });
  };
  std::vector<Command> out;
  std::copy_if(commands.begin(), commands.end(), std::back_inserter(out), related);
  if (out.empty() || out.back().args != commands.back().args) out.push_back(commands.back());
  return out;
}

std::vector<Command> Minimise(std::vector<Command> failing, const Experiment& still_fails,
                              const MinimiseLimits& limits) {
  Laboratory laboratory(still_fails, limits.commands_max);
  if (failing.size() > 2) {
    std::vector<Command> related = Related(failing);
    if (related.size() < failing.size() && laboratory.Fails(related)) failing = std::move(related);
  }
  failing = LeaveOutCommands(std::move(failing), &laboratory);
  return LeaveOutArguments(std::move(failing), &laboratory);
}

}  // namespace torc::differential
