#pragma once

// Sorted sets by key, as the commands look them up, and what their replies have in common.

#include <cstdint>
#include <span>
#include <string_view>

#include "command/context.h"
#include "store/private_value.h"
#include "types/zset/zset.h"

namespace torc {

// A key looked up for a command that reads sorted sets.
struct ZsetKey {
  bool wrong_type = false;       // already replied
  const Entry* entry = nullptr;  // null: absent
};
ZsetKey ReadZset(CommandContext& context, const KeyRef& key);

// A key looked up for a command that writes sorted sets.
struct WritableZset {
  bool wrong_type = false;  // already replied
  KeyRef key;
  Keyspace::Found found;  // empty: absent
  Zset zset(const CommandContext& context) const { return zset(context, found.entry); }
  // The same set as another entry holds it.
  Zset zset(const CommandContext& context, Entry* entry) const;
};
WritableZset WriteZset(CommandContext& context, const KeyRef& key);
// Gives an absent key an empty set that will have so many members, the first of this size.
Zset MakeZset(CommandContext& context, WritableZset* place, uint64_t member_count,
              size_t first_member_bytes);

// Replies the error and returns false if a member is too large to be kept.
bool CheckMemberSize(CommandContext& context, std::string_view member);

// Removes the key if its set has become empty.
void RemoveIfEmpty(CommandContext& context, const WritableZset& place);

// Puts elements, which are in order, into a key in place of whatever it holds; without any, the key
// is removed. Replies how many they are.
void StoreResult(CommandContext& context, const KeyRef& target,
                 std::span<const ScoredText> elements, std::string_view event);
// The same for much, put together bit by bit in a large set that was nobody's.
void StoreLargeResult(CommandContext& context, const KeyRef& target, PrivateValue& result,
                      std::string_view event);

void ReplyMember(ReplyWriter& reply, const CompactElement& member);
// A member, then its score; in RESP3 as a pair if `Pairs` says so.
enum class Pairs : uint8_t { kFlat, kNested };
void ReplyScored(ReplyWriter& reply, const ZsetElement& element, Pairs pairs);
// How a reply of members with scores is nested under the client's protocol, and how long it is.
Pairs PairsFor(const ReplyWriter& reply);
void BeginScored(ReplyWriter& reply, uint64_t count, Pairs pairs);

}  // namespace torc
