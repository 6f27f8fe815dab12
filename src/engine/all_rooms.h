#pragma once

// The one list of the rooms that bring commands, types, settings and INFO sections.

#include "command/services.h"
#include "store/type_ops.h"

namespace torc {

class CommandRegistry;

// All commands of all rooms, with HELP for every container.
void RegisterAllCommands(CommandRegistry& registry);
// The data types by number.
TypeTable AllTypes();
// INFO's sections that the engine itself can fill. `services` must outlive them.
void RegisterAllInfo(InfoSections& info, const Services* services);

}  // namespace torc
