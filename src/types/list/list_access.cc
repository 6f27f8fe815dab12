#include "types/list/list_access.h"

#include "command/value_type.h"

namespace torc {

ListKey ReadList(CommandContext& context, const KeyRef& key) {
  const Entry* entry = context.Read(key);
  if (RefuseOtherType(context, entry, ValueType::kList)) return {.wrong_type = true};
  return {.entry = entry};
}

List WritableList::list(const CommandContext& context) const {
  return {found.entry, {context.Owner(key).options().limits.list_listpack_size}};
}

WritableList WriteList(CommandContext& context, const KeyRef& key) {
  const Keyspace::Found found = context.Write(key);
  return {.wrong_type = RefuseOtherType(context, found.entry, ValueType::kList),
          .key = key,
          .found = found};
}

List ListOrNew(CommandContext& context, WritableList* place) {
  if (!place->found) {
    NewList(context.Owner(place->key), context.session.db, place->key);
    place->found = context.Find(place->key);
  }
  return place->list(context);
}

bool CheckElementSizes(CommandContext& context, Argv elements) {
  for (const std::string_view element : elements) {
    if (element.size() <= kListElementBytesMax) continue;
    context.reply.Error("ERR Element too large");
    return false;
  }
  return true;
}

std::string_view PopEvent(ListEnd end) {
  return end == ListEnd::kHead ? "lpop" : "rpop";
}

std::string_view PushEvent(ListEnd end) {
  return end == ListEnd::kHead ? "lpush" : "rpush";
}

void AfterPop(CommandContext& context, const WritableList& place, ListEnd end, uint64_t count) {
  context.Changed(EventClass::kList, PopEvent(end), place.key.text, count);
  AfterRemoval(context, place);
}

void AfterRemoval(CommandContext& context, const WritableList& place) {
  List list = place.list(context);
  if (list.size() > 0) return list.ShrinkIfSmall();
  context.Owner(place.key).Remove(context.session.db, place.key, place.found);
  context.Notify(context.session.db, EventClass::kGeneric, "del", place.key.text);
}

void ReplyElement(ReplyWriter& reply, const PackedElement& element) {
  if (element.text == nullptr) {
    reply.BulkInteger(element.integer);
  } else {
    reply.Bulk({element.text, element.size_bytes});
  }
}

ListEnd TakeListEnd(ArgCursor& args) {
  if (args.Take("LEFT")) return ListEnd::kHead;
  if (!args.Take("RIGHT")) args.FailSyntax();
  return ListEnd::kTail;
}

}  // namespace torc
