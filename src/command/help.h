#pragma once

// HELP of a container command, made from its subcommands' specs.

#include "command/arg_cursor.h"
#include "torc/command.h"

namespace torc {

class CommandContext;
struct Command;

// Its ACL categories are those that all of the container's subcommands declare.
CommandSpec HelpSpec(const Command& container);
void HelpHandler(CommandContext& context, ArgCursor args);

}  // namespace torc
