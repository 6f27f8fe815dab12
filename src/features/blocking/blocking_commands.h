#pragma once

// Commands that wait for lists and sorted sets, and CLIENT UNBLOCK.

namespace torc {

class CommandRegistry;

void RegisterListBlockingCommands(CommandRegistry& registry);  // BLPOP, BRPOP, BLMOVE, …
void RegisterZsetBlockingCommands(CommandRegistry& registry);  // BZPOPMIN, BZPOPMAX, BZMPOP
void RegisterUnblockCommand(CommandRegistry& registry);        // CLIENT UNBLOCK

// Behind CLIENT and the types: a command that waits runs the plain one, so it is there where that
// is.
void RegisterBlockingCommands(CommandRegistry& registry);

}  // namespace torc
