#pragma once

namespace torc {

class CommandRegistry;

// BGREWRITEAOF.
void RegisterLogCommands(CommandRegistry& registry);

}  // namespace torc
