#pragma once

namespace torc {

class CommandRegistry;

void RegisterHyperLogLogCommands(CommandRegistry& registry);       // PFADD, PFCOUNT, PFMERGE
void RegisterHyperLogLogDebugCommands(CommandRegistry& registry);  // PFDEBUG, PFSELFTEST

}  // namespace torc
