// COMMAND, COMMAND COUNT, LIST, INFO.

#include <functional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "command/context.h"
#include "features/admin/admin_commands.h"
#include "features/admin/command_description.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr uint32_t kCommandFlags = kLoading | kStale;

std::vector<const Command*> TopLevel(const CommandRegistry& registry) {
  std::vector<const Command*> out;
  for (const Command& command : registry.all()) {
    if (command.container == nullptr && !command.hidden()) out.push_back(&command);
  }
  return out;
}

void DescribeAll(CommandContext& context) {
  const auto commands = TopLevel(*context.services.commands);
  context.reply.Array(commands.size());
  for (const Command* command : commands) ReplyDescription(context.reply, *command);
}

void CommandAll(CommandContext& context, ArgCursor /*args*/) {
  DescribeAll(context);
}

constexpr CommandSpec kCommand = {.name = "command",
                                  .arity = AtLeast(1),
                                  .group = Group::kServer,
                                  .since = "2.8.13",
                                  .flags = kCommandFlags,
                                  .acl = kAclConnection,
                                  .complexity = "O(N) with N the number of commands",
                                  .summary = "Describes all commands.",
                                  .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

void CommandCount(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(static_cast<int64_t>(TopLevel(*context.services.commands).size()));
}

constexpr CommandSpec kCommandCount = {.name = "count",
                                       .parent = "command",
                                       .arity = Exactly(2),
                                       .group = Group::kServer,
                                       .since = "2.8.13",
                                       .flags = kCommandFlags,
                                       .acl = kAclConnection,
                                       .complexity = "O(1)",
                                       .summary = "Answers how many commands there are."};

void CommandInfo(CommandContext& context, ArgCursor args) {
  if (args.AtEnd()) return DescribeAll(context);
  context.reply.Array(args.remaining());
  while (!args.AtEnd()) {
    const Command* command = context.services.commands->FindFull(args.Next());
    if (command == nullptr) {
      context.reply.Null();
    } else {
      ReplyDescription(context.reply, *command);
    }
  }
}

constexpr CommandSpec kCommandInfo = {.name = "info",
                                      .parent = "command",
                                      .arity = AtLeast(2),
                                      .group = Group::kServer,
                                      .since = "2.8.13",
                                      .flags = kCommandFlags,
                                      .acl = kAclConnection,
                                      .syntax = "[command-name [command-name ...]]",
                                      .complexity = "O(N) with N the number of commands asked for",
                                      .summary = "Describes some commands, or all.",
                                      .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

bool IsInCategory(const Command& command, std::string_view category) {
  for (const std::string_view name : AclCategoryNames(command.acl_categories)) {
    if (EqualsIgnoreCase(name.substr(1), category)) return true;  // names begin with '@'
  }
  return false;
}

void CommandList(CommandContext& context, ArgCursor args) {
  std::function<bool(const Command&)> wanted = [](const Command&) { return true; };
  if (!args.AtEnd()) {
    const bool filtered = args.remaining() == 3 && args.Take("FILTERBY");
    const std::string_view kind = filtered ? args.Next() : std::string_view();
    const std::string_view value = filtered ? args.Next() : std::string_view();
    if (EqualsIgnoreCase(kind, "PATTERN")) {
      wanted = [value](const Command& command) {
        return GlobMatch(value, command.full_name, GlobCase::kInsensitive);
      };
    } else if (EqualsIgnoreCase(kind, "ACLCAT")) {
      wanted = [value](const Command& command) { return IsInCategory(command, value); };
    } else if (EqualsIgnoreCase(kind, "MODULE")) {
      wanted = [](const Command&) { return false; };
    } else {
      return context.reply.Error(errors::kSyntax);
    }
  }
  const size_t mark = context.reply.ArrayLater();
  size_t count = 0;
  for (const Command& command : context.services.commands->all()) {
    if (command.hidden() || !wanted(command)) continue;
    context.reply.Bulk(command.full_name);
    ++count;
  }
  context.reply.CloseArray(mark, count);
}

constexpr CommandSpec kCommandList = {
    .name = "list",
    .parent = "command",
    .arity = AtLeast(2),
    .group = Group::kServer,
    .since = "7.0.0",
    .flags = kCommandFlags,
    .acl = kAclConnection,
    .syntax = "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
    .complexity = "O(N) with N the number of commands",
    .summary = "Answers the commands' names.",
    .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

}  // namespace

void RegisterCommandInfoCommands(CommandRegistry& registry) {
  registry.Add(kCommand, CommandAll);
  registry.Add(kCommandCount, CommandCount);
  registry.Add(kCommandInfo, CommandInfo);
  registry.Add(kCommandList, CommandList);
}

}  // namespace torc
