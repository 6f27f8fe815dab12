#include "types/set/set_access.h"

#include <utility>

#include "command/value_type.h"
#include "resp/errors.h"

namespace torc {

FoundSet ReadSet(CommandContext& context, const KeyRef& key) {
  const Entry* entry = context.Read(key);
  if (RefuseOtherType(context, entry, ValueType::kSet)) return {.wrong_type = true, .view = {}};
  if (entry == nullptr) return {};
  return {.exists = true, .view = SetView(*entry)};
}

WritableSet WriteSet(CommandContext& context, const KeyRef& key) {
  WritableSet out{.key = key, .found = context.Write(key)};
  out.wrong_type = RefuseOtherType(context, out.found.entry, ValueType::kSet);
  return out;
}

void PutSet(CommandContext& context, const KeyRef& key, Keyspace::Found found, SetValue value) {
  Keyspace& owner = context.Owner(key);
  Entry* entry = owner.Put(context.session.db, key, found,
                           {.type = ValueType::kSet,
                            .encoding = static_cast<uint8_t>(value.encoding()),
                            .boxed = true,
                            .inline_bytes = sizeof(void*),
                            .clock = owner.access_clock().Fresh()});
  value.StoreIn(entry);
}

bool RemoveIfEmpty(CommandContext& context, const WritableSet& set) {
  if (set.view().size() > 0) return false;
  context.Owner(set.key).Remove(context.session.db, set.key, set.found);
  context.Notify(context.session.db, EventClass::kGeneric, "del", set.key.text);
  return true;
}

void ReplySetMember(ReplyWriter& reply, const CompactElement& member) {
  member.is_integer ? reply.BulkInteger(member.integer) : reply.Bulk(member.text);
}

bool CheckMemberSizes(CommandContext& context, Argv members) {
  for (const std::string_view member : members) {
    if (member.size() <= CompactBlock::kElementBytesMax) continue;
    context.reply.Error(errors::kStringTooLong);
    return false;
  }
  return true;
}

}  // namespace torc
