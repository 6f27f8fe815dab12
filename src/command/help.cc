#include "command/help.h"

#include <string>
#include <vector>

#include "base/text.h"
#include "command/context.h"

namespace torc {

CommandSpec HelpSpec(const CommandSpec& container) {
  // Redis declares its HELPs with the flags LOADING and STALE and with the category of the
  // container's group.
  CommandSpec spec{.name = "help", .parent = container.name, .arity = Exactly(2)};
  spec.group = container.group;
  spec.since = "5.0.0";
  spec.flags = kLoading | kStale;
  spec.complexity = "O(1)";
  spec.summary = "Returns helpful text about the different subcommands.";
  if (container.group == Group::kGeneric) spec.acl = kAclKeyspace;
  if (container.group == Group::kConnection) spec.acl = kAclConnection;
  if (container.group == Group::kStream) spec.acl = kAclStream;
  if (container.group == Group::kScripting) spec.acl = kAclScripting;
  return spec;
}

void HelpHandler(CommandContext& context, ArgCursor args) {
  (void)args;
  const Command& container = *context.command.container;
  std::vector<std::string> lines;
  const std::string name = Uppercase(container.spec.name);
  lines.push_back(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const Command* sub : container.subcommands) {
    std::string line = Uppercase(sub->spec.name);
    if (!sub->spec.syntax.empty()) line += " " + std::string(sub->spec.syntax);
    lines.push_back(line);
    lines.push_back("    " + std::string(sub->spec.summary));
  }
  context.reply.Array(lines.size());
  for (const std::string& line : lines) context.reply.SimpleString(line);
}

}  // namespace torc
