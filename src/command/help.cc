#include "command/help.h"

#include <string>
#include <vector>

#include "base/text.h"
#include "command/command_registry.h"
#include "command/context.h"

namespace torc {

CommandSpec HelpSpec(const Command& container) {
  CommandSpec spec;
  spec.name = "help";
  spec.parent = container.spec.name;
  spec.arity = Exactly(2);
  spec.group = container.spec.group;
  spec.since = container.spec.help_since;
  spec.flags = kLoading | kStale;
  spec.acl = ~uint32_t{0};
  for (const Command* sub : container.subcommands) spec.acl &= sub->spec.acl;
  spec.complexity = "O(1)";
  spec.summary = "Prints the subcommands and what each does.";
  return spec;
}

void HelpHandler(CommandContext& context, ArgCursor args) {
  (void)args;
  const Command& container = *context.command.container;
  std::vector<std::string> lines;
  const std::string name = Uppercase(context.argv[0]);
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
