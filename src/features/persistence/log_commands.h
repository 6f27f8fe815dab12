#pragma once

namespace torc {

class CommandRegistry;

// BGREWRITEAOF.
void RegisterLogCommands(CommandRegistry& registry);
// WAIT, WAITAOF.
void RegisterWaitCommands(CommandRegistry& registry);

}  // namespace torc
