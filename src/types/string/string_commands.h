#pragma once

namespace torc {

class CommandRegistry;

void RegisterStringSetCommands(CommandRegistry& registry);      // SET and its kin
void RegisterStringGetCommands(CommandRegistry& registry);      // GET, MGET, GETRANGE, LCS, …
void RegisterStringCompareCommands(CommandRegistry& registry);  // DELEX, DELIFEQ, DIGEST
void RegisterStringNumberCommands(CommandRegistry& registry);   // INCR and its kin
void RegisterStringMultiCommands(CommandRegistry& registry);    // MSET, MSETNX, MSETEX

inline void RegisterStringCommands(CommandRegistry& registry) {
  RegisterStringSetCommands(registry);
  RegisterStringGetCommands(registry);
  RegisterStringCompareCommands(registry);
  RegisterStringNumberCommands(registry);
  RegisterStringMultiCommands(registry);
}

}  // namespace torc
