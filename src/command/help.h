#pragma once

// HELP of a container command, made from its subcommands' specs.

#include "command/arg_cursor.h"
#include "torc/command.h"

namespace torc {

class CommandContext;

CommandSpec HelpSpec(const CommandSpec& container);
void HelpHandler(CommandContext& context, ArgCursor args);

}  // namespace torc
