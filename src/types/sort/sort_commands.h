#pragma once

namespace torc {

class CommandRegistry;

void RegisterSortCommands(CommandRegistry& registry);  // SORT, SORT_RO

}  // namespace torc
