// COMMAND GETKEYS and GETKEYSANDFLAGS: which arguments of a call are keys.

#include <optional>
#include <vector>

#include "command/context.h"
#include "command/key_extraction.h"
#include "features/admin/admin_commands.h"
#include "features/admin/command_description.h"

namespace torc {
namespace {

bool ArityFits(const Command& command, size_t argc) {
  const auto count = static_cast<int64_t>(argc);
  const int arity = command.spec.arity.value;
  return arity >= 0 ? count == arity : count >= -arity;
}

// The keys of the call that the arguments spell; replies the error and returns nothing if there are
// none.
std::optional<std::vector<KeyArgument>> KeysOfCall(CommandContext& context, Argv call) {
  const Command* command = context.services.commands->Find(call[0]);
  if (command != nullptr && !command->subcommands.empty() && call.size() > 1) {
    command = CommandRegistry::FindSub(*command, call[1]);
  }
  if (command == nullptr) {
    context.reply.Error("ERR Invalid command specified");
    return std::nullopt;
  }
  if (command->spec.keys[0].begin == KeySpec::Begin::kNone) {
    context.reply.Error("ERR The command has no key arguments");
    return std::nullopt;
  }
  if (!ArityFits(*command, call.size())) {
    context.reply.Error("ERR Invalid number of arguments specified for command");
    return std::nullopt;
  }
  auto keys = KeysOf(*command, call);
  const bool none = !keys || keys->empty();
  if (none && !command->Has(kNoMandatoryKeys)) {
    context.reply.Error("ERR Invalid arguments specified for command");
    return std::nullopt;
  }
  return keys ? std::move(*keys) : std::vector<KeyArgument>();
}

void CommandGetkeys(CommandContext& context, ArgCursor args) {
  const Argv call = args.Rest();
  const auto keys = KeysOfCall(context, call);
  if (!keys) return;
  context.reply.Array(keys->size());
  for (const KeyArgument& key : *keys) context.reply.Bulk(call[key.position]);
}

constexpr CommandSpec kCommandGetkeys = {
    .name = "getkeys",
    .parent = "command",
    .arity = AtLeast(3),
    .group = Group::kServer,
    .since = "2.8.13",
    .flags = kLoading | kStale,
    .acl = kAclConnection,
    .syntax = "command [arg [arg ...]]",
    .complexity = "O(N) with N the number of arguments",
    .summary = "Answers the keys among the arguments of a command."};

void CommandGetkeysandflags(CommandContext& context, ArgCursor args) {
  const Argv call = args.Rest();
  const auto keys = KeysOfCall(context, call);
  if (!keys) return;
  context.reply.Array(keys->size());
  for (const KeyArgument& key : *keys) {
    const auto names = KeyUseNames(key.use);
    context.reply.Array(2);
    context.reply.Bulk(call[key.position]);
    context.reply.Set(names.size());
    for (const std::string_view name : names) context.reply.SimpleString(name);
  }
}

constexpr CommandSpec kCommandGetkeysandflags = {
    .name = "getkeysandflags",
    .parent = "command",
    .arity = AtLeast(3),
    .group = Group::kServer,
    .since = "7.0.0",
    .flags = kLoading | kStale,
    .acl = kAclConnection,
    .syntax = "command [arg [arg ...]]",
    .complexity = "O(N) with N the number of arguments",
    .summary = "Answers the keys among the arguments of a command, and what it does with each."};

}  // namespace

void RegisterCommandKeysCommands(CommandRegistry& registry) {
  registry.Add(kCommandGetkeys, CommandGetkeys);
  registry.Add(kCommandGetkeysandflags, CommandGetkeysandflags);
}

}  // namespace torc
