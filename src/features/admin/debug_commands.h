#pragma once

// DEBUG's subcommands, by what they look at. Each gets its arguments behind the subcommand's name,
// in a number that its row in debug_commands.cc allows.

#include "command/arg_cursor.h"

namespace torc {

class CommandContext;

void DebugProtocol(CommandContext& context, ArgCursor args);

void DebugObject(CommandContext& context, ArgCursor args);
void DebugDigest(CommandContext& context, ArgCursor args);
void DebugDigestValue(CommandContext& context, ArgCursor args);
void DebugPopulate(CommandContext& context, ArgCursor args);
void DebugHtstats(CommandContext& context, ArgCursor args);
void DebugHtstatsKey(CommandContext& context, ArgCursor args);

}  // namespace torc
