#include "features/acl/random_call.h"

#include <utility>

#include "base/check.h"

namespace torc {

RandomCall CallGenerator::Next(const Command& command) {
  call_ = {};
  counted_ = 0;
  last_keys_ = 1;
  if (command.container != nullptr) call_.words.emplace_back(command.container->spec.name);
  call_.words.emplace_back(command.spec.name);
  const auto syntax = ParseSyntax(command.spec);
  TORC_CHECK(syntax.has_value(), "every syntax can be read");
  Arguments(*syntax);
  return std::move(call_);
}

void CallGenerator::Arguments(const std::vector<DocArgument>& arguments) {
  for (const DocArgument& argument : arguments) {
    if (argument.optional && counted_ == 0 && rng_.Below(2) == 0) continue;
    One(argument);
  }
}

void CallGenerator::One(const DocArgument& argument) {
  size_t repeats = argument.multiple ? 1 + rng_.Below(3) : 1;
  if (argument.multiple && counted_ > 0) repeats = std::exchange(counted_, 0);
  if (argument.multiple && argument.name == "id") repeats = last_keys_;
  if (argument.kind == DocArgument::Kind::kKey) last_keys_ = repeats;
  for (size_t i = 0; i < repeats; ++i) {
    const bool token = i == 0 || argument.multiple_token;
    if (!argument.token.empty() && token) call_.words.push_back(argument.token);
    Value(argument);
  }
}

void CallGenerator::Value(const DocArgument& argument) {
  switch (argument.kind) {
    case DocArgument::Kind::kPureToken:
      return;
    case DocArgument::Kind::kOneOf:
      return One(argument.arguments[rng_.Below(argument.arguments.size())]);
    case DocArgument::Kind::kBlock:
      return Arguments(argument.arguments);
    case DocArgument::Kind::kKey:
      call_.keys.push_back(call_.words.size());
      call_.words.push_back(keys_[rng_.Below(keys_.size())]);
      return;
    default:
      call_.words.push_back(Word(argument));
  }
}

std::string CallGenerator::Word(const DocArgument& argument) {
  if (argument.name == "numkeys") {
    counted_ = 1 + rng_.Below(3);
    return std::to_string(counted_);
  }
  switch (argument.kind) {
    case DocArgument::Kind::kInteger:
    case DocArgument::Kind::kUnixTime:
      return std::to_string(rng_.Below(4));
    case DocArgument::Kind::kDouble:
      return rng_.Below(2) == 0 ? "0.01" : std::to_string(rng_.Below(4));
    default:
      break;
  }
  // Words that many commands understand, and names of keys, which must mean nothing where no key
  // stands.
  static constexpr const char* kWords[] = {"a", "b", "1", "0", "-", "+", "*", "$", "0-1", "NOP"};
  if (rng_.Below(4) == 0) return keys_[rng_.Below(keys_.size())];
  return kWords[rng_.Below(std::size(kWords))];
}

}  // namespace torc
