#pragma once

namespace torc {

class CommandRegistry;

void RegisterClusterCommands(CommandRegistry& registry);

}  // namespace torc
