#pragma once

// Lists by key, as the list commands look them up.

#include <cstdint>
#include <string_view>

#include "command/context.h"
#include "types/list/list.h"

namespace torc {

// A key looked up for a command that reads lists.
struct ListKey {
  bool wrong_type = false;       // already replied
  const Entry* entry = nullptr;  // null: absent
};
ListKey ReadList(CommandContext& context, const KeyRef& key);

// A key looked up for a command that writes lists.
struct WritableList {
  bool wrong_type = false;  // already replied
  KeyRef key;
  Keyspace::Found found;  // empty: absent
  List list(const CommandContext& context) const;
};
WritableList WriteList(CommandContext& context, const KeyRef& key);
// The same list, which is given to the key if it is absent.
List ListOrNew(CommandContext& context, WritableList* place);

// Replies the error and returns false if an element is too large to be kept.
bool CheckElementSizes(CommandContext& context, Argv elements);

std::string_view PopEvent(ListEnd end);
std::string_view PushEvent(ListEnd end);
// `count` elements left the list at `end`: the event; then the key goes if the list is empty, or
// the list becomes small again if it can.
void AfterPop(CommandContext& context, const WritableList& place, ListEnd end, uint64_t count);
// After any other removal, whose own event is out: the same without it.
void AfterRemoval(CommandContext& context, const WritableList& place);

void ReplyElement(ReplyWriter& reply, const PackedElement& element);
// LEFT or RIGHT; anything else is a syntax error.
ListEnd TakeListEnd(ArgCursor& args);

}  // namespace torc
