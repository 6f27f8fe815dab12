// LMOVE, RPOPLPUSH: an element from one list to another.

#include <string>

#include "resp/errors.h"
#include "types/list/list_access.h"
#include "types/list/list_commands.h"

namespace torc {
namespace {

struct ListMove {
  KeyRef from;
  KeyRef to;
  ListEnd from_end;
  ListEnd to_end;
};

void MoveElement(CommandContext& context, const ListMove& move) {
  WritableList from = WriteList(context, move.from);
  if (from.wrong_type) return;
  if (!from.found) return context.reply.Null();
  WritableList to = WriteList(context, move.to);
  if (to.wrong_type) return;
  List source = from.list(context);
  const uint64_t index = move.from_end == ListEnd::kHead ? 0 : source.size() - 1;
  const PackedElement element = ListWalk(source, index, ListWalk::Direction::kForward).element();
  const std::string text(PackedText(element).view());
  // An integer is no text to Redis here, and does not count.
  const size_t added_bytes = element.text == nullptr ? 0 : text.size();
  source.Drop(move.from_end, 1);
  List target = ListOrNew(context, &to);
  target.MakeRoomFor(added_bytes, 1);
  target.Push(move.to_end, text);
  context.Notify(context.session.db, EventClass::kList, PushEvent(move.to_end), move.to.text);
  // A new key may have moved the other one's slot.
  from.found = context.Find(move.from);
  AfterPop(context, from, move.from_end, 1);
  context.reply.Bulk(text);
}

void Lmove(CommandContext& context, ArgCursor args) {
  const KeyRef from = context.Key(args.Key());
  const KeyRef to = context.Key(args.Key());
  const ListEnd from_end = TakeListEnd(args);
  const ListEnd to_end = TakeListEnd(args);
  if (!args.Done(context.reply)) return;
  MoveElement(context, {from, to, from_end, to_end});
}

constexpr CommandSpec kLmove = {
    .name = "lmove",
    .arity = Exactly(5),
    .group = Group::kList,
    .since = "6.2.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
             OneKey(2, kKeyReadWrite | kKeyInsert)},
    .syntax = "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
    .complexity = "O(1)",
    .summary = "Moves an element from an end of a list to an end of another."};

void Rpoplpush(CommandContext& context, ArgCursor args) {
  const KeyRef from = context.Key(args.Key());
  const KeyRef to = context.Key(args.Key());
  MoveElement(context, {from, to, ListEnd::kTail, ListEnd::kHead});
}

constexpr CommandSpec kRpoplpush = {
    .name = "rpoplpush",
    .arity = Exactly(3),
    .group = Group::kList,
    .since = "1.2.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
             OneKey(2, kKeyReadWrite | kKeyInsert)},
    .syntax = "source destination",
    .complexity = "O(1)",
    .summary = "Moves the last element of a list to the head of another.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`LMOVE` with the `RIGHT` and `LEFT` arguments"};

}  // namespace

void RegisterListMoveCommands(CommandRegistry& registry) {
  registry.Add(kLmove, Lmove);
  registry.Add(kRpoplpush, Rpoplpush);
}

}  // namespace torc
