#pragma once

namespace torc {

class CommandRegistry;

void RegisterKeyBasicCommands(CommandRegistry& registry);   // DEL, EXISTS, TYPE, OBJECT, …
void RegisterKeyExpiryCommands(CommandRegistry& registry);  // EXPIRE, TTL, PERSIST, …
void RegisterKeyMoveCommands(CommandRegistry& registry);    // RENAME, COPY, MOVE
void RegisterKeyScanCommands(CommandRegistry& registry);    // SCAN, KEYS, RANDOMKEY
void RegisterKeyDumpCommands(CommandRegistry& registry);    // DUMP, RESTORE

inline void RegisterKeyCommands(CommandRegistry& registry) {
  RegisterKeyBasicCommands(registry);
  RegisterKeyExpiryCommands(registry);
  RegisterKeyMoveCommands(registry);
  RegisterKeyScanCommands(registry);
  RegisterKeyDumpCommands(registry);
}

}  // namespace torc
