#pragma once

namespace torc {

class CommandRegistry;

void RegisterHashWriteCommands(CommandRegistry& registry);     // HSET, HDEL, HINCRBY, …
void RegisterHashReadCommands(CommandRegistry& registry);      // HGET, HGETALL, HSCAN, …
void RegisterHashDeadlineCommands(CommandRegistry& registry);  // HEXPIRE, HTTL, HPERSIST, …
void RegisterHashGetSetCommands(CommandRegistry& registry);    // HGETEX, HSETEX, HGETDEL
void RegisterHashRandomCommands(CommandRegistry& registry);    // HRANDFIELD

inline void RegisterHashCommands(CommandRegistry& registry) {
  RegisterHashWriteCommands(registry);
  RegisterHashReadCommands(registry);
  RegisterHashRandomCommands(registry);
  RegisterHashDeadlineCommands(registry);
  RegisterHashGetSetCommands(registry);
}

}  // namespace torc
