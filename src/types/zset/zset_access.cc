#include "types/zset/zset_access.h"

#include "command/value_type.h"
#include "resp/errors.h"

namespace torc {

ZsetKey ReadZset(CommandContext& context, const KeyRef& key) {
  const Entry* entry = context.Read(key);
  if (RefuseOtherType(context, entry, ValueType::kSortedSet)) return {.wrong_type = true};
  return {.entry = entry};
}

Zset WritableZset::zset(const CommandContext& context, Entry* entry) const {
  const KeyspaceOptions& options = context.Owner(key).options();
  return {entry, options.limits, options.hash_seed};
}

WritableZset WriteZset(CommandContext& context, const KeyRef& key) {
  const Keyspace::Found found = context.Write(key);
  return {.wrong_type = RefuseOtherType(context, found.entry, ValueType::kSortedSet),
          .key = key,
          .found = found};
}

Zset MakeZset(CommandContext& context, WritableZset* place, uint64_t member_count,
              size_t first_member_bytes) {
  Keyspace& owner = context.Owner(place->key);
  if (!place->found) {
    const bool small = BeginsSmall(owner.options().limits, member_count, first_member_bytes);
    NewZset(owner, context.session.db, place->key, {}, small ? ZsetSize::kSmall : ZsetSize::kLarge);
    place->found = context.Find(place->key);
  }
  return place->zset(context);
}

bool CheckMemberSize(CommandContext& context, std::string_view member) {
  if (member.size() <= kZsetMemberBytesMax) return true;
  context.reply.Error(errors::kStringTooLong);
  return false;
}

void RemoveIfEmpty(CommandContext& context, const WritableZset& place) {
  if (place.zset(context).size() > 0) return;
  context.Owner(place.key).Remove(context.session.db, place.key, place.found);
  context.Notify(context.session.db, EventClass::kGeneric, "del", place.key.text);
}

void StoreResult(CommandContext& context, const KeyRef& target,
                 std::span<const ScoredText> elements, std::string_view event) {
  const Keyspace::Found found = context.Find(target);
  Keyspace& owner = context.Owner(target);
  if (!elements.empty()) {
    StoreZset(owner, context.session.db, target, found, elements);
    context.Changed(EventClass::kSortedSet, event, target.text);
  } else if (found) {
    owner.Remove(context.session.db, target, found);
    context.Changed(EventClass::kGeneric, "del", target.text);
  }
  context.reply.Integer(static_cast<int64_t>(elements.size()));
}

void StoreLargeResult(CommandContext& context, const KeyRef& target, PrivateValue& result,
                      std::string_view event) {
  if (ZsetView(*result.entry()).size() == 0) return StoreResult(context, target, {}, event);
  const Entry* const stored = StoreLargeZset(context.Owner(target), context.session.db, target,
                                             context.Find(target), result);
  context.Changed(EventClass::kSortedSet, event, target.text);
  context.reply.Integer(static_cast<int64_t>(ZsetView(*stored).size()));
}

void ReplyMember(ReplyWriter& reply, const CompactElement& member) {
  if (member.is_integer) {
    reply.BulkInteger(member.integer);
  } else {
    reply.Bulk(member.text);
  }
}

void ReplyScored(ReplyWriter& reply, const ZsetElement& element, Pairs pairs) {
  if (pairs == Pairs::kNested) reply.Array(2);
  ReplyMember(reply, element.member);
  reply.Double(element.score);
}

Pairs PairsFor(const ReplyWriter& reply) {
  return reply.protocol() > 2 ? Pairs::kNested : Pairs::kFlat;
}

void BeginScored(ReplyWriter& reply, uint64_t count, Pairs pairs) {
  reply.Array(pairs == Pairs::kNested ? count : count * 2);
}

}  // namespace torc
