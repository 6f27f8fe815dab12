#pragma once

namespace torc {

class CommandRegistry;

void RegisterListPushCommands(CommandRegistry& registry);  // LPUSH, RPUSH, LPUSHX, RPUSHX
void RegisterListPopCommands(CommandRegistry& registry);   // LPOP, RPOP, LMPOP
void RegisterListReadCommands(CommandRegistry& registry);  // LLEN, LINDEX, LRANGE, LPOS
void RegisterListEditCommands(CommandRegistry& registry);  // LSET, LINSERT, LREM, LTRIM
void RegisterListMoveCommands(CommandRegistry& registry);  // LMOVE, RPOPLPUSH

inline void RegisterListCommands(CommandRegistry& registry) {
  RegisterListPushCommands(registry);
  RegisterListPopCommands(registry);
  RegisterListReadCommands(registry);
  RegisterListEditCommands(registry);
  RegisterListMoveCommands(registry);
}

}  // namespace torc
