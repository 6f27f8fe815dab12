#pragma once

namespace torc {

class CommandRegistry;

void RegisterKeyBasicCommands(CommandRegistry& registry);   // DEL, EXISTS, TYPE, OBJECT, …
void RegisterKeyExpiryCommands(CommandRegistry& registry);  // EXPIRE, TTL, PERSIST, …
void RegisterKeyMoveCommands(CommandRegistry& registry);    // RENAME, COPY, MOVE
void RegisterKeyScanCommands(CommandRegistry& registry);    // SCAN, KEYS, RANDOMKEY

inline void RegisterKeyCommands(CommandRegistry& registry) {
  RegisterKeyBasicCommands(registry);
  RegisterKeyExpiryCommands(registry);
  RegisterKeyMoveCommands(registry);
  RegisterKeyScanCommands(registry);
}

}  // namespace torc
