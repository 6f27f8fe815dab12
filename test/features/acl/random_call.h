#pragma once

// Random calls of any command, made from its syntax: so a test over "every command" knows commands
// that are written after it.

#include <cstddef>
#include <string>
#include <vector>

#include "base/rng.h"
#include "command/command_registry.h"
#include "command/doc_syntax.h"

namespace torc {

struct RandomCall {
  std::vector<std::string> words;
  std::vector<size_t> keys;  // positions of what the syntax calls keys
  std::vector<std::string_view> argv() const { return {words.begin(), words.end()}; }
};

class CallGenerator {
 public:
  // Keys are drawn from these.
  CallGenerator(uint64_t seed, std::vector<std::string> keys)
      : rng_(seed), keys_(std::move(keys)) {}
  RandomCall Next(const Command& command);

 private:
  void Arguments(const std::vector<DocArgument>& arguments);
  void One(const DocArgument& argument);
  void Value(const DocArgument& argument);
  std::string Word(const DocArgument& argument);

  Rng rng_;
  std::vector<std::string> keys_;
  RandomCall call_;
  size_t counted_ = 0;    // a count of keys was given: so many must follow
  size_t last_keys_ = 1;  // how many keys the last run had: XREAD has as many ids
};

}  // namespace torc
