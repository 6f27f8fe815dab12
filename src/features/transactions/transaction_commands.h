#pragma once

// MULTI, EXEC, DISCARD, WATCH, UNWATCH.

namespace torc {

class CommandRegistry;

void RegisterTransactionCommands(CommandRegistry& registry);

}  // namespace torc
