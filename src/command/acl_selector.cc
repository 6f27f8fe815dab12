#include "command/acl_selector.h"

#include <algorithm>

#include "base/glob.h"
#include "base/text.h"
#include "command/redis_commands.h"

namespace torc {
namespace {

bool HasBlank(std::string_view text) {
  return text.find_first_of(std::string_view(" \t\n\v\f\r\0", 7)) != std::string_view::npos;
}

uint32_t CategoryBit(std::string_view name) {
  for (uint32_t bit = kAclKeyspace; bit <= kAclScripting; bit <<= 1) {
    const auto names = AclCategoryNames(bit);
    if (!names.empty() && EqualsIgnoreCase(names[0].substr(1), name)) return bit;
  }
  return 0;
}

// By the name that clients use, or by its own if it was renamed.
const Command* FindForRule(const CommandRegistry& registry, std::string_view name) {
  if (const Command* command = registry.FindFull(name)) return command;
  if (!registry.has_renamed()) return nullptr;
  const size_t bar = name.find('|');
  const Command* command = registry.FindOwn(name.substr(0, bar));
  if (command == nullptr || bar == std::string_view::npos) return command;
  return CommandRegistry::FindSub(*command, name.substr(bar + 1));
}

// A command that Redis has and this server lacks: nothing to allow or forbid, but no mistake
// either.
bool IsAbsent(const CommandRegistry& registry, std::string_view name) {
  const std::string_view top = name.substr(0, name.find('|'));
  return IsRedisCommand(top) && FindForRule(registry, top) == nullptr;
}

void Join(std::string* text, std::string_view word) {
  if (!text->empty()) *text += ' ';
  text->append(word);
}

}  // namespace

std::string_view AclFaultText(AclFault fault) {
  switch (fault) {
    case AclFault::kNone:
      return "";
    case AclFault::kSyntax:
      return "Syntax error";
    case AclFault::kUnknown:
      return "Unknown command or category name in ACL";
    case AclFault::kFirstArgOfSub:
      return "Allowing first-arg of a subcommand is not supported";
    case AclFault::kKeysAfterAll:
      return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does "
             "not have any effect. Try 'resetkeys' to start with an empty list of patterns";
    case AclFault::kChannelsAfterAll:
      return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and "
             "does not have any effect. Try 'resetchannels' to start with an empty list of "
             "channels";
    case AclFault::kNoSuchPassword:
      return "The password you are trying to remove from the user does not exist";
    case AclFault::kBadHash:
      return "The password hash must be exactly 64 characters and contain only lowercase "
             "hexadecimal characters";
  }
  return "";
}

AclFault AclSelector::Apply(std::string_view rule, const CommandRegistry& registry) {
  if (rule.empty()) return AclFault::kNone;
  if (EqualsIgnoreCase(rule, "allkeys") || rule == "~*") {
    all_keys_ = true;
    keys_.clear();
    return AclFault::kNone;
  }
  if (EqualsIgnoreCase(rule, "resetkeys")) {
    all_keys_ = false;
    keys_.clear();
    return AclFault::kNone;
  }
  if (EqualsIgnoreCase(rule, "allchannels") || rule == "&*") {
    all_channels_ = true;
    channels_.clear();
    return AclFault::kNone;
  }
  if (EqualsIgnoreCase(rule, "resetchannels")) {
    all_channels_ = false;
    channels_.clear();
    return AclFault::kNone;
  }
  const bool all = EqualsIgnoreCase(rule, "allcommands") || EqualsIgnoreCase(rule, "+@all");
  if (all || EqualsIgnoreCase(rule, "nocommands") || EqualsIgnoreCase(rule, "-@all")) {
    AllowAllCommands(all);
    return AclFault::kNone;
  }
  const bool allow = rule.front() == '+';
  switch (rule.front()) {
    case '~':
    case '%':
      return AddKeyPattern(rule);
    case '&':
      return AddChannel(rule.substr(1));
    case '+':
    case '-':
      if (rule.substr(1).starts_with('@')) return ApplyCategory(rule.substr(2), allow, registry);
      return ApplyCommand(rule.substr(1), allow, registry);
    default:
      return AclFault::kSyntax;
  }
}

AclFault AclSelector::AddKeyPattern(std::string_view rule) {
  if (HasBlank(rule)) return AclFault::kSyntax;
  if (all_keys_) return AclFault::kKeysAfterAll;
  uint8_t access = rule.front() == '~' ? kReadsAndWrites : 0;
  size_t at = 1;
  for (; rule.front() == '%' && at < rule.size(); ++at) {
    const char letter = ToUpper(rule[at]);
    const uint8_t bit = letter == 'R' ? kReads : (letter == 'W' ? kWrites : 0);
    if (rule[at] == '~' && access != 0) break;
    if (bit == 0 || (access & bit) != 0) return AclFault::kSyntax;
    access |= bit;
  }
  // "%" alone would give no access to anything (Redis takes it, and stumbles over it later).
  if (access == 0) return AclFault::kSyntax;
  if (rule.front() == '%' && at < rule.size()) ++at;  // the '~'
  const std::string_view glob = rule.substr(at);
  const auto known = std::find_if(keys_.begin(), keys_.end(), [glob](const KeyPattern& pattern) {
    return pattern.glob == glob;
  });
  if (known != keys_.end()) {
    known->access |= access;
  } else {
    keys_.push_back({std::string(glob), access});
  }
  return AclFault::kNone;
}

AclFault AclSelector::AddChannel(std::string_view pattern) {
  if (HasBlank(pattern)) return AclFault::kSyntax;
  if (all_channels_) return AclFault::kChannelsAfterAll;
  if (std::find(channels_.begin(), channels_.end(), pattern) == channels_.end()) {
    channels_.emplace_back(pattern);
  }
  return AclFault::kNone;
}

void AclSelector::AllowAllCommands(bool allow) {
  commands_.clear();
  first_args_.clear();
  command_rules_.clear();
  all_commands_ = began_with_all_ = allow;
}

void AclSelector::SetBit(size_t index, bool allow) {
  if (index / 64 >= commands_.size()) commands_.resize(index / 64 + 1);
  const uint64_t bit = uint64_t{1} << (index % 64);
  commands_[index / 64] = allow ? commands_[index / 64] | bit : commands_[index / 64] & ~bit;
}

void AclSelector::Set(const Command& command, bool allow) {
  SetBit(command.index, allow);
  for (const Command* sub : command.subcommands) SetBit(sub->index, allow);
  first_args_.erase(command.index);
}

void AclSelector::KeepRule(std::string_view name, bool allow) {
  std::erase_if(command_rules_, [name](const std::string& rule) {
    const std::string_view old = std::string_view(rule).substr(1);
    if (!EqualsIgnoreCase(old.substr(0, name.size()), name)) return false;
    return old.size() == name.size() || old[name.size()] == '|';
  });
  command_rules_.push_back((allow ? "+" : "-") + std::string(name));
}

AclFault AclSelector::ApplyCommand(std::string_view name, bool allow,
                                   const CommandRegistry& registry) {
  const Command* command = FindForRule(registry, name);
  if (command == nullptr) {
    if (IsAbsent(registry, name)) {
      KeepRule(Lowercase(name), allow);
      return AclFault::kNone;
    }
    if (!allow || name.find('|') == std::string_view::npos) return AclFault::kUnknown;
    return AllowFirstArg(Lowercase(name), registry);
  }
  if (!allow && all_commands_) {
    // From now on the bits decide.
    for (const Command& each : registry.all()) SetBit(each.index, true);
    all_commands_ = false;
  }
  Set(*command, allow);
  KeepRule(command->full_name, allow);
  return AclFault::kNone;
}

AclFault AclSelector::AllowFirstArg(const std::string& rule, const CommandRegistry& registry) {
  const size_t bar = rule.rfind('|');
  const Command* command = FindForRule(registry, std::string_view(rule).substr(0, bar));
  if (command == nullptr) return AclFault::kUnknown;
  if (command->container != nullptr) return AclFault::kFirstArgOfSub;
  const std::string argument = rule.substr(bar + 1);
  if (argument.empty()) return AclFault::kSyntax;
  if (!command->subcommands.empty()) return AclFault::kUnknown;
  std::vector<std::string>& arguments = first_args_[command->index];
  if (std::find(arguments.begin(), arguments.end(), argument) == arguments.end()) {
    arguments.push_back(argument);
  }
  KeepRule(command->full_name + "|" + argument, true);
  return AclFault::kNone;
}

AclFault AclSelector::ApplyCategory(std::string_view name, bool allow,
                                    const CommandRegistry& registry) {
  const uint32_t category = CategoryBit(name);
  if (category == 0) return AclFault::kUnknown;
  if (!allow && all_commands_) {
    for (const Command& each : registry.all()) SetBit(each.index, true);
    all_commands_ = false;
  }
  // A container in the category takes all its subcommands with it, as in Redis.
  for (const Command& command : registry.all()) {
    if ((command.acl_categories & category) != 0) Set(command, allow);
  }
  KeepRule("@" + Lowercase(name), allow);
  return AclFault::kNone;
}

bool AclSelector::AllowsCommand(const Command& command, Argv argv) const {
  if (Bit(command.index) || command.Has(kNoAuth)) return true;
  const auto allowed = first_args_.find(command.index);
  if (allowed == first_args_.end() || argv.size() < 2) return false;
  return std::any_of(allowed->second.begin(), allowed->second.end(),
                     [&](const std::string& first) { return EqualsIgnoreCase(first, argv[1]); });
}

bool AclSelector::AllowsKey(std::string_view key, uint16_t use) const {
  if (all_keys_) return true;
  uint8_t needed = (use & kKeyAccess) != 0 ? kReads : 0;
  if ((use & (kKeyInsert | kKeyDelete | kKeyUpdate)) != 0) needed |= kWrites;
  return std::any_of(keys_.begin(), keys_.end(), [&](const KeyPattern& pattern) {
    return (pattern.access & needed) == needed && GlobMatch(pattern.glob, key);
  });
}

bool AclSelector::ReadsAllKeys() const {
  return all_keys_ || std::any_of(keys_.begin(), keys_.end(), [](const KeyPattern& pattern) {
           return pattern.glob == "*" && (pattern.access & kReads) != 0;
         });
}

bool AclSelector::AllowsChannel(std::string_view channel, bool as_pattern) const {
  if (all_channels_) return true;
  return std::any_of(channels_.begin(), channels_.end(), [&](const std::string& pattern) {
    return as_pattern ? pattern == channel : GlobMatch(pattern, channel);
  });
}

AclVerdict AclSelector::Check(AclCall& call) const {
  const CommandSpec& spec = call.command.spec;
  if (!AllowsCommand(call.command, call.argv)) return {AclDenial::kCommand, 0};
  if (!all_keys_ && spec.keys[0].begin != KeySpec::Begin::kNone) {
    for (const KeyArgument& key : call.keys()) {
      if ((key.use & kKeyNotKey) != 0) continue;
      if (!AllowsKey(call.argv[key.position], key.use)) return {AclDenial::kKey, key.position};
    }
  }
  if (!all_channels_ && spec.channels != ChannelUse::kNone) {
    const auto count = static_cast<uint32_t>(call.argv.size());
    const uint32_t end = spec.channels == ChannelUse::kFirst ? 2 : count;
    for (uint32_t at = 1; at < end && at < count; ++at) {
      if (!AllowsChannel(call.argv[at], spec.channels == ChannelUse::kAllPatterns)) {
        return {AclDenial::kChannel, at};
      }
    }
  }
  return {};
}

std::string AclSelector::CommandsText() const {
  std::string text = began_with_all_ ? "+@all" : "-@all";
  for (const std::string& rule : command_rules_) Join(&text, rule);
  return text;
}

std::string AclSelector::KeysText() const {
  if (all_keys_) return "~*";
  std::string text;
  for (const KeyPattern& pattern : keys_) {
    constexpr std::string_view kPrefixes[] = {"", "%R~", "%W~", "~"};
    Join(&text, std::string(kPrefixes[pattern.access]) + pattern.glob);
  }
  return text;
}

std::string AclSelector::ChannelsText() const {
  if (all_channels_) return "&*";
  std::string text;
  for (const std::string& pattern : channels_) Join(&text, "&" + pattern);
  return text;
}

std::string AclSelector::Rules() const {
  std::string text = KeysText();
  if (!all_channels_) Join(&text, "resetchannels");
  if (all_channels_ || !channels_.empty()) Join(&text, ChannelsText());
  Join(&text, CommandsText());
  return text;
}

}  // namespace torc
