#pragma once

namespace torc {

class CommandRegistry;

void RegisterZsetAddCommands(CommandRegistry& registry);      // ZADD, ZINCRBY, ZREM
void RegisterZsetReadCommands(CommandRegistry& registry);     // ZCARD, ZSCORE, ZRANK, …
void RegisterZsetRangeCommands(CommandRegistry& registry);    // ZRANGE in all its forms
void RegisterZsetRemoveCommands(CommandRegistry& registry);   // ZREMRANGEBY…
void RegisterZsetPopCommands(CommandRegistry& registry);      // ZPOPMIN, ZPOPMAX, ZMPOP
void RegisterZsetRandomCommands(CommandRegistry& registry);   // ZRANDMEMBER, ZSCAN
void RegisterZsetCombineCommands(CommandRegistry& registry);  // ZUNION, ZINTER, ZDIFF and kin

inline void RegisterZsetCommands(CommandRegistry& registry) {
  RegisterZsetAddCommands(registry);
  RegisterZsetReadCommands(registry);
  RegisterZsetRangeCommands(registry);
  RegisterZsetRemoveCommands(registry);
  RegisterZsetPopCommands(registry);
  RegisterZsetRandomCommands(registry);
  RegisterZsetCombineCommands(registry);
}

}  // namespace torc
