#pragma once

namespace torc {

class CommandRegistry;

void RegisterStreamAddCommands(CommandRegistry& registry);      // XADD
void RegisterStreamEditCommands(CommandRegistry& registry);     // XDEL, XTRIM, XSETID
void RegisterStreamRangeCommands(CommandRegistry& registry);    // XLEN, XRANGE, XREVRANGE
void RegisterStreamReadCommands(CommandRegistry& registry);     // XREAD, XREADGROUP
void RegisterStreamGroupCommands(CommandRegistry& registry);    // XGROUP
void RegisterStreamPendingCommands(CommandRegistry& registry);  // XACK, XPENDING
void RegisterStreamClaimCommands(CommandRegistry& registry);    // XCLAIM, XAUTOCLAIM
void RegisterStreamInfoCommands(CommandRegistry& registry);     // XINFO

inline void RegisterStreamCommands(CommandRegistry& registry) {
  RegisterStreamAddCommands(registry);
  RegisterStreamEditCommands(registry);
  RegisterStreamRangeCommands(registry);
  RegisterStreamReadCommands(registry);
  RegisterStreamGroupCommands(registry);
  RegisterStreamPendingCommands(registry);
  RegisterStreamClaimCommands(registry);
  RegisterStreamInfoCommands(registry);
}

}  // namespace torc
