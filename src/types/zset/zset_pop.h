#pragma once

// What the commands that pop have in common, those that wait for a member included.

#include <cstdint>

#include "types/zset/zset_access.h"

namespace torc {

enum class ZsetEnd : uint8_t { kLowest, kHighest };

// Removes up to `count` elements, replies them one after the other (the caller has begun the array)
// and records the change. The set exists.
void PopScored(CommandContext& context, const WritableZset& place, ZsetEnd end, uint64_t count,
               Pairs pairs);

// The arguments of ZMPOP and BZMPOP from numkeys on. Views the command's arguments.
struct ZsetMultiPop {
  Argv keys;
  ZsetEnd end = ZsetEnd::kLowest;
  int64_t count = 1;
};
ZsetMultiPop ParseZsetMultiPop(ArgCursor& args);

// Pops from the first key that holds a sorted set and replies; or finds that none does, and replies
// nothing.
enum class ZsetMultiPopResult : uint8_t { kReplied, kAllAbsent };
ZsetMultiPopResult PopFromFirst(CommandContext& context, const ZsetMultiPop& pop);

}  // namespace torc
