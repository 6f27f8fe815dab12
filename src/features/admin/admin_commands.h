#pragma once

// Commands for whoever runs a server and for tools: settings, what commands there are, figures,
// whole databases, and DEBUG.

namespace torc {

class CommandRegistry;
class InfoSections;
struct Services;

void RegisterConfigCommands(CommandRegistry& registry);       // CONFIG
void RegisterCommandInfoCommands(CommandRegistry& registry);  // COMMAND, COUNT, LIST, INFO
void RegisterCommandDocsCommands(CommandRegistry& registry);  // COMMAND DOCS
void RegisterCommandKeysCommands(CommandRegistry& registry);  // COMMAND GETKEYS, GETKEYSANDFLAGS
void RegisterDatabaseCommands(CommandRegistry& registry);     // DBSIZE, FLUSHDB, FLUSHALL, SWAPDB
void RegisterServerCommands(CommandRegistry& registry);   // INFO, TIME, ROLE, LOLWUT, SHUTDOWN, …
void RegisterSlowlogCommands(CommandRegistry& registry);  // SLOWLOG
void RegisterLatencyCommands(CommandRegistry& registry);  // LATENCY
void RegisterMemoryCommands(CommandRegistry& registry);   // MEMORY
void RegisterHotkeysCommands(CommandRegistry& registry);  // HOTKEYS
void RegisterDebugCommands(CommandRegistry& registry);    // DEBUG

inline void RegisterAdminCommands(CommandRegistry& registry) {
  RegisterConfigCommands(registry);
  RegisterCommandInfoCommands(registry);
  RegisterCommandDocsCommands(registry);
  RegisterCommandKeysCommands(registry);
  RegisterDatabaseCommands(registry);
  RegisterServerCommands(registry);
  RegisterSlowlogCommands(registry);
  RegisterLatencyCommands(registry);
  RegisterMemoryCommands(registry);
  RegisterHotkeysCommands(registry);
  RegisterDebugCommands(registry);
}

// All of INFO's sections in Redis's order, with what the engine knows; the server adds to the same
// sections what only it can know. `services` must outlive them.
void RegisterAdminInfo(InfoSections& info, const Services* services);
void RegisterHotkeysInfo(InfoSections& info, const Services* services);

}  // namespace torc
