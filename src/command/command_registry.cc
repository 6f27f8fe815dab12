#include "command/command_registry.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "command/help.h"

namespace torc {
namespace {

struct FlagName {
  uint32_t flag;
  std::string_view name;
};

constexpr FlagName kFlagNames[] = {
    {kWrite, "write"},
    {kReadonly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kPubsub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kAsking, "asking"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMandatoryKeys, "no_mandatory_keys"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
};

constexpr FlagName kCategoryNames[] = {
    {kAclKeyspace, "@keyspace"},
    {kAclRead, "@read"},
    {kAclWrite, "@write"},
    {kAclSet, "@set"},
    {kAclSortedSet, "@sortedset"},
    {kAclList, "@list"},
    {kAclHash, "@hash"},
    {kAclString, "@string"},
    {kAclBitmap, "@bitmap"},
    {kAclHyperLogLog, "@hyperloglog"},
    {kAclGeo, "@geo"},
    {kAclStream, "@stream"},
    {kAclPubsub, "@pubsub"},
    {kAclAdmin, "@admin"},
    {kAclFast, "@fast"},
    {kAclSlow, "@slow"},
    {kAclBlocking, "@blocking"},
    {kAclDangerous, "@dangerous"},
    {kAclConnection, "@connection"},
    {kAclTransaction, "@transaction"},
    {kAclScripting, "@scripting"},
};

template <size_t kCount>
std::vector<std::string_view> NamesOf(const FlagName (&names)[kCount], uint32_t bits) {
  std::vector<std::string_view> out;
  for (const FlagName& name : names) {
    if ((bits & name.flag) != 0) out.push_back(name.name);
  }
  return out;
}

// A command is movable if a spec other than a plain range is needed to find its keys.
bool HasMovableKeys(const CommandSpec& spec) {
  bool movable = false;
  for (const KeySpec& keys : spec.keys) {
    if (keys.begin == KeySpec::Begin::kNone) break;
    movable |= keys.begin != KeySpec::Begin::kIndex || keys.find != KeySpec::Find::kRange;
    movable |= (keys.use & kKeyIncomplete) != 0;
  }
  return movable;
}

}  // namespace

uint32_t AclCategories(const CommandSpec& spec) {
  uint32_t out = spec.acl;
  const auto implies = [&](uint32_t flag, uint32_t category) {
    if ((spec.flags & flag) != 0) out |= category;
  };
  implies(kWrite, kAclWrite);
  if ((out & kAclScripting) == 0) implies(kReadonly, kAclRead);
  implies(kAdmin, kAclAdmin | kAclDangerous);
  implies(kPubsub, kAclPubsub);
  implies(kFast, kAclFast);
  implies(kBlocking, kAclBlocking);
  if ((out & kAclFast) == 0) out |= kAclSlow;
  return out;
}

std::vector<std::string_view> FlagNames(uint32_t flags) {
  return NamesOf(kFlagNames, flags);
}

std::vector<std::string_view> AclCategoryNames(uint32_t categories) {
  return NamesOf(kCategoryNames, categories);
}

std::string_view GroupName(Group group) {
  static constexpr std::string_view kNames[] = {
      "generic", "string",       "list",       "set",    "sorted-set", "hash",
      "pubsub",  "transactions", "connection", "server", "scripting",  "hyperloglog",
      "cluster", "geo",          "stream",     "bitmap",
  };
  return kNames[static_cast<size_t>(group)];
}

CommandRegistry::CommandRegistry() : index_(kIndexSize) {}

bool CommandRegistry::Same(const Command& command, std::string_view name) {
  return EqualsIgnoreCase(command.called, name);
}

void CommandRegistry::AddToIndex(const Command& command) {
  const std::string_view name = command.called;
  if (name.empty() || name.size() > kFoldedBytesMax) return;
  TORC_CHECK(commands_.size() < kIndexSize / 2, "the index stays sparse");
  const FoldedName folded(name);
  size_t at = folded.Hash();
  while (index_[at % kIndexSize].command != nullptr) ++at;
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return ToLower(c) >= 'a' && ToLower(c) <= 'z'; });
  index_[at % kIndexSize] = {folded, &command, plain};
}

namespace {

// Whether the specs find every key, and those are keys of data.
bool NamesAllKeys(const CommandSpec& spec) {
  if (spec.keys[0].begin == KeySpec::Begin::kNone) return false;
  return std::none_of(spec.keys.begin(), spec.keys.end(), [](const KeySpec& keys) {
    return keys.begin == KeySpec::Begin::kUnknown || keys.find == KeySpec::Find::kUnknown ||
           (keys.use & (kKeyNotKey | kKeyIncomplete)) != 0;
  });
}

Reach ReachOf(const CommandSpec& spec) {
  if ((spec.flags & kOwnSession) != 0) return Reach::kSession;
  constexpr uint32_t kBeyondKeys =
      kAllPartitions | kTouchesArbitraryKeys | kBlocking | kAdmin | kPubsub | kRunsQueue;
  if ((spec.flags & kBeyondKeys) != 0 || !NamesAllKeys(spec)) return Reach::kProcess;
  if (spec.group == Group::kTransactions) return Reach::kKeysAtHome;
  if ((spec.flags & kNoScript) != 0) return Reach::kProcess;
  return (spec.flags & (kReadonly | kWrite)) != 0 ? Reach::kKeys : Reach::kProcess;
}

bool HasOneKey(const CommandSpec& spec) {
  const KeySpec& first = spec.keys[0];
  return first.begin == KeySpec::Begin::kIndex && first.find == KeySpec::Find::kRange &&
         first.last == 0 && spec.keys[1].begin == KeySpec::Begin::kNone;
}

}  // namespace

void CommandRegistry::Add(const CommandSpec& spec, Handler handler, FlagsOfCall flags_of_call) {
  // Before the command is among those that are searched.
  TORC_CHECK(!spec.parent.empty() || Find(spec.name) == nullptr, "a command is registered once");
  Command& command = commands_.emplace_back();
  command.spec = spec;
  if (HasMovableKeys(spec)) command.spec.flags |= kMovableKeys;
  command.called = std::string(spec.name);
  command.handler = handler;
  command.flags_of_call = flags_of_call;
  command.index = commands_.size() - 1;
  command.acl_categories = AclCategories(spec);
  command.reach = ReachOf(spec);
  command.has_one_key = HasOneKey(spec);
  if (spec.parent.empty()) {
    command.full_name = std::string(spec.name);
    AddToIndex(command);
    return;
  }
  auto* container = const_cast<Command*>(Find(spec.parent));
  TORC_CHECK(container != nullptr, "a container is registered before its subcommands");
  TORC_CHECK(FindSub(*container, spec.name) == nullptr, "a subcommand is registered once");
  command.full_name = std::string(spec.parent) + "|" + std::string(spec.name);
  command.container = container;
  container->subcommands.push_back(&command);
}

void CommandRegistry::AddHelp() {
  std::vector<const Command*> containers;
  for (const Command& command : commands_) {
    if (!command.subcommands.empty() && FindSub(command, "help") == nullptr) {
      containers.push_back(&command);
    }
  }
  for (const Command* container : containers) Add(HelpSpec(*container), HelpHandler);
}

Status CommandRegistry::Rename(std::string_view name, std::string_view new_name) {
  auto* command = const_cast<Command*>(Find(name));
  if (command == nullptr) return Status::NotFound("No such command in rename-command");
  const Command* taken = Find(new_name);
  if (taken != nullptr && taken != command) {
    return Status::AlreadyExists("Target command name already exists");
  }
  command->called = std::string(new_name);
  has_renamed_ = true;
  index_.assign(kIndexSize, {});
  for (const Command& each : commands_) {
    if (each.container == nullptr) AddToIndex(each);
  }
  return Status::Ok();
}

const Command* CommandRegistry::FindOwn(std::string_view name) const {
  for (const Command& command : commands_) {
    if (command.container == nullptr && EqualsIgnoreCase(command.spec.name, name)) return &command;
  }
  return nullptr;
}

const Command* CommandRegistry::FindSlowly(std::string_view name) const {
  if (name.size() <= kFoldedBytesMax) return nullptr;  // the empty name
  for (const Command& command : commands_) {
    if (command.container == nullptr && Same(command, name)) return &command;
  }
  return nullptr;
}

const Command* CommandRegistry::FindSub(const Command& container, std::string_view name) {
  for (const Command* command : container.subcommands) {
    if (EqualsIgnoreCase(command->spec.name, name)) return command;
  }
  return nullptr;
}

const Command* CommandRegistry::FindFull(std::string_view full_name) const {
  const size_t bar = full_name.find('|');
  const Command* command = Find(full_name.substr(0, bar));
  if (command == nullptr || bar == std::string_view::npos) return command;
  return FindSub(*command, full_name.substr(bar + 1));
}

}  // namespace torc
