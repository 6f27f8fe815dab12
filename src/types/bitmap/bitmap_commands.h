#pragma once

namespace torc {

class CommandRegistry;

void RegisterBitCommands(CommandRegistry& registry);  // SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP
void RegisterBitfieldCommands(CommandRegistry& registry);  // BITFIELD, BITFIELD_RO

inline void RegisterBitmapCommands(CommandRegistry& registry) {
  RegisterBitCommands(registry);
  RegisterBitfieldCommands(registry);
}

}  // namespace torc
