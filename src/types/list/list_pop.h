#pragma once

// What the commands that pop have in common, those that wait for an element included.

#include <cstdint>

#include "types/list/list_access.h"

namespace torc {

// Removes one element, or up to `count` of them, replies them (the latter as an array) and records
// the change. The list exists.
void PopOneElement(CommandContext& context, const WritableList& place, ListEnd end);
void PopElements(CommandContext& context, const WritableList& place, ListEnd end, uint64_t count);

// The arguments of LMPOP and BLMPOP from numkeys on. Views the command's arguments.
struct MultiPop {
  Argv keys;
  ListEnd end = ListEnd::kHead;
  int64_t count = 1;
};
MultiPop ParseMultiPop(ArgCursor& args);

// Pops from the first key that holds a list and replies; or finds that none does, and replies
// nothing.
enum class MultiPopResult : uint8_t { kReplied, kAllAbsent };
MultiPopResult PopFromFirst(CommandContext& context, const MultiPop& pop);

}  // namespace torc
