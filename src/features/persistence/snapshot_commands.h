#pragma once

namespace torc {

class CommandRegistry;

// SAVE, BGSAVE, LASTSAVE.
void RegisterSnapshotCommands(CommandRegistry& registry);

}  // namespace torc
