#pragma once

// AclSelector: one set of permissions, which commands on which keys and channels. A user has one of
// its own and any number of further ones; a call is allowed if one of them allows all of it.
//
// Commands are a bit per registered command, subcommands included, beside the rules as they were
// given: the bits decide, the rules are shown. Which command a rule names is found when the rule is
// given, so a check costs one bit, and a glob match per key or channel.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/arg_cursor.h"
#include "command/command_registry.h"
#include "command/key_extraction.h"

namespace torc {

// Why a rule is refused.
enum class AclFault : uint8_t {
  kNone,
  kSyntax,
  kUnknown,        // no such command, subcommand or category
  kFirstArgOfSub,  // "+config|get|x"
  kKeysAfterAll,   // a pattern that changes nothing
  kChannelsAfterAll,
  kNoSuchPassword,
  kBadHash,
};
// Redis's words for it.
std::string_view AclFaultText(AclFault fault);

// What of a call is not allowed, in the order of what tells most.
enum class AclDenial : uint8_t { kNone, kCommand, kKey, kChannel };

struct AclVerdict {
  AclDenial denial = AclDenial::kNone;
  uint32_t position = 0;  // of the key or channel among the arguments
  bool allowed() const { return denial == AclDenial::kNone; }
};

// A call that is checked, with its keys once somebody asked for them.
class AclCall {
 public:
  AclCall(const Command& command_in, Argv argv_in) : command(command_in), argv(argv_in) {}
  const Command& command;
  const Argv argv;
  // None if the arguments do not fit the key specs: the command itself will refuse them.
  const std::vector<KeyArgument>& keys() {
    if (!keys_) keys_ = KeysOf(command, argv).value_or(std::vector<KeyArgument>());
    return *keys_;
  }

 private:
  std::optional<std::vector<KeyArgument>> keys_;
};

class AclSelector {
 public:
  enum Access : uint8_t { kReads = 1, kWrites = 2, kReadsAndWrites = 3 };
  struct KeyPattern {
    std::string glob;
    uint8_t access;
  };
  enum class Channels : uint8_t { kNone, kAll };

  // Nothing but, perhaps, all channels.
  explicit AclSelector(Channels channels) : all_channels_(channels == Channels::kAll) {}

  // One word of the rule language that is about commands, keys or channels. After a fault the
  // selector may have changed: rules are tried on a copy.
  AclFault Apply(std::string_view rule, const CommandRegistry& registry);

  bool allows_everything() const { return all_commands_ && all_keys_ && all_channels_; }
  AclVerdict Check(AclCall& call) const;
  bool AllowsCommand(const Command& command, Argv argv) const;
  // Whether the key may be used in the ways that the bits of `use` (KeyUse) say.
  bool AllowsKey(std::string_view key, uint16_t use) const;
  // Whether every key there may ever be can be read.
  bool ReadsAllKeys() const;
  // `as_pattern`: the text is a pattern to subscribe to, and must be one of the selector's own.
  bool AllowsChannel(std::string_view channel, bool as_pattern) const;

  // As ACL GETUSER shows them: "-@all +get", "~a* %R~b", "&c*".
  std::string CommandsText() const;
  std::string KeysText() const;
  std::string ChannelsText() const;
  // As ACL LIST and configuration files have it: rules that make this of a new selector.
  std::string Rules() const;

 private:
  AclFault ApplyCommand(std::string_view name, bool allow, const CommandRegistry& registry);
  AclFault AllowFirstArg(const std::string& rule, const CommandRegistry& registry);
  AclFault ApplyCategory(std::string_view name, bool allow, const CommandRegistry& registry);
  AclFault AddKeyPattern(std::string_view rule);
  AclFault AddChannel(std::string_view pattern);
  void AllowAllCommands(bool allow);
  void Set(const Command& command, bool allow);
  void SetBit(size_t index, bool allow);
  bool Bit(size_t index) const {
    return all_commands_ ||
           (index / 64 < commands_.size() && (commands_[index / 64] >> (index % 64) & 1) != 0);
  }
  // Keeps the rule, and forgets those before it that it makes meaningless.
  void KeepRule(std::string_view name, bool allow);

  std::vector<uint64_t> commands_;                         // a bit by Command::index
  std::map<size_t, std::vector<std::string>> first_args_;  // by index: allowed with these only
  std::vector<std::string> command_rules_;                 // "+get", "-@hash", behind "±@all"
  std::vector<KeyPattern> keys_;
  std::vector<std::string> channels_;
  bool all_commands_ = false;
  bool began_with_all_ = false;  // the rules are shown behind "+@all" instead of "-@all"
  bool all_keys_ = false;
  bool all_channels_;
};

}  // namespace torc
