#pragma once

// Sets by key, for commands: look-ups that reply WRONGTYPE themselves, and what every change ends
// with.

#include <string_view>

#include "command/context.h"
#include "types/set/set.h"

namespace torc {

struct FoundSet {
  bool wrong_type = false;  // already replied
  bool exists = false;
  SetView view;
};

// Counts a hit or a miss. The view outlives reads of other keys.
FoundSet ReadSet(CommandContext& context, const KeyRef& key);

// A key looked up for writing a set.
struct WritableSet {
  bool wrong_type = false;  // already replied
  KeyRef key;
  Keyspace::Found found;  // empty: the key does not exist
  SetView view() const { return SetView(*found.entry); }
};

WritableSet WriteSet(CommandContext& context, const KeyRef& key);

// Stores a new set under the key, in place of whatever was there; it has no expiry. Not empty.
void PutSet(CommandContext& context, const KeyRef& key, Keyspace::Found found, SetValue value);
// Removes the key if its set is empty now, with its event; returns whether it did.
bool RemoveIfEmpty(CommandContext& context, const WritableSet& set);

inline const ValueLimits& LimitsOf(CommandContext& context, const KeyRef& key) {
  return context.Owner(key).options().limits;
}
void ReplySetMember(ReplyWriter& reply, const CompactElement& member);
// Replies the error and returns false if one of the members is longer than any may be.
bool CheckMemberSizes(CommandContext& context, Argv members);

}  // namespace torc
