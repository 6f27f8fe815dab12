#pragma once

namespace torc {

class CommandRegistry;

void RegisterSetMemberCommands(CommandRegistry& registry);   // SADD, SREM, SMOVE, SMEMBERS, …
void RegisterSetRandomCommands(CommandRegistry& registry);   // SPOP, SRANDMEMBER
void RegisterSetAlgebraCommands(CommandRegistry& registry);  // SINTER, SUNION, SDIFF and kin

inline void RegisterSetCommands(CommandRegistry& registry) {
  RegisterSetMemberCommands(registry);
  RegisterSetRandomCommands(registry);
  RegisterSetAlgebraCommands(registry);
}

}  // namespace torc
