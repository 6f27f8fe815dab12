// LSET, LINSERT, LREM, LTRIM.

#include <algorithm>

#include "command/breather.h"
#include "command/working_copy.h"
#include "resp/errors.h"
#include "types/list/list_access.h"
#include "types/list/list_commands.h"

namespace torc {
namespace {

void Lset(CommandContext& context, ArgCursor args) {
  const WritableList place = WriteList(context, context.Key(args.Key()));
  if (place.wrong_type) return;
  if (!place.found) return context.reply.Error(errors::kNoSuchKey);
  int64_t index = args.Integer();
  const std::string_view text = args.Next();
  if (!args.Done(context.reply) || !CheckElementSizes(context, {&text, 1})) return;
  List list = place.list(context);
  // As in Redis, the list may become large although there is no such index.
  list.MakeRoomFor(text.size(), 1);
  const auto size = static_cast<int64_t>(list.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return context.reply.Error(errors::kIndexOutOfRange);
  list.Set(static_cast<uint64_t>(index), text);
  list.ShrinkIfSmall();
  context.Changed(EventClass::kList, "lset", place.key.text);
  context.reply.Ok();
}

constexpr CommandSpec kLset = {.name = "lset",
                               .arity = Exactly(4),
                               .group = Group::kList,
                               .since = "1.0.0",
                               .flags = kWrite | kDenyOom,
                               .acl = kAclList,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                               .syntax = "key index element",
                               .complexity = "O(log N) and the elements of one block",
                               .summary = "Puts another element in the place of one."};

void Linsert(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  List::Side side = List::Side::kBefore;
  if (args.Take("AFTER")) {
    side = List::Side::kAfter;
  } else if (!args.Take("BEFORE")) {
    return context.reply.Error(errors::kSyntax);
  }
  const std::string_view pivot = args.Next();
  const std::string_view text = args.Next();
  if (!CheckElementSizes(context, {&text, 1})) return;
  WritableList place = WriteList(context, key);
  if (place.wrong_type) return;
  if (!place.found) return context.reply.Integer(0);
  List list = place.list(context);
  // As in Redis, the list may become large although the pivot is not found.
  list.MakeRoomFor(text.size(), 1);
  Breather breather(context);
  const PackedForm form(pivot.substr(0, kListElementBytesMax + 1));
  uint64_t index = 0;
  ListWalk walk(list, 0, ListWalk::Direction::kForward);
  for (; !walk.AtEnd() && !walk.Is(form); walk.Next()) {
    ++index;
    breather.Step(1);
  }
  if (walk.AtEnd()) return context.reply.Integer(-1);
  place.found = context.Write(key);  // others may have run: a snapshot may have begun
  list.InsertBeside(index, side, text);
  context.Changed(EventClass::kList, "linsert", key.text);
  context.reply.Integer(static_cast<int64_t>(list.size()));
}

constexpr CommandSpec kLinsert = {.name = "linsert",
                                  .arity = Exactly(5),
                                  .group = Group::kList,
                                  .since = "2.2.0",
                                  .flags = kWrite | kDenyOom | kMayPause,
                                  .acl = kAclList,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                                  .syntax = "key <BEFORE | AFTER> pivot element",
                                  .complexity = "O(N) with N the elements before the pivot",
                                  .summary = "Puts an element before or behind another."};

void Lrem(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t count = args.Integer();
  const std::string_view text = args.Next();
  if (!args.Done(context.reply)) return;
  WritableList place = WriteList(context, key);
  if (place.wrong_type) return;
  if (!place.found || text.size() > kListElementBytesMax) return context.reply.Integer(0);
  const uint64_t removed_max = count == 0  ? UINT64_MAX
                               : count < 0 ? 0 - static_cast<uint64_t>(count)
                                           : static_cast<uint64_t>(count);
  const ListEnd from = count < 0 ? ListEnd::kTail : ListEnd::kHead;
  Breather breather(context);
  WorkingCopy copy(context, breather, key, place.found);
  List list(copy.entry(), place.list(context).limit());
  const uint64_t removed = list.RemoveEqual(from, removed_max, text, copy.pace());
  if (removed > 0) {
    place.found = copy.Commit();
    context.Changed(EventClass::kList, "lrem", key.text, removed);
    AfterRemoval(context, place);
  }
  context.reply.Integer(static_cast<int64_t>(removed));
}

constexpr CommandSpec kLrem = {.name = "lrem",
                               .arity = Exactly(4),
                               .group = Group::kList,
                               .since = "1.0.0",
                               .flags = kWrite | kMayPause,
                               .acl = kAclList,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                               .syntax = "key count element",
                               .complexity = "O(N)",
                               .summary = "Removes elements equal to one given."};

void Ltrim(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  int64_t start = args.Integer();
  int64_t stop = args.Integer();
  if (!args.Done(context.reply)) return;
  WritableList place = WriteList(context, key);
  if (place.wrong_type) return;
  if (!place.found) return context.reply.Ok();
  Breather breather(context);
  WorkingCopy copy(context, breather, key, place.found);
  List list(copy.entry(), place.list(context).limit());
  const auto size = static_cast<int64_t>(list.size());
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (stop < 0) stop += size;
  stop = std::min(stop, size - 1);
  const bool none = start > stop;
  const auto from_head = static_cast<uint64_t>(none ? size : start);
  const auto from_tail = static_cast<uint64_t>(none ? 0 : size - 1 - stop);
  if (from_head > 0) list.Drop(ListEnd::kHead, from_head, copy.pace());
  if (from_tail > 0) list.Drop(ListEnd::kTail, from_tail, copy.pace());
  place.found = copy.Commit();
  context.Changed(EventClass::kList, "ltrim", key.text, from_head + from_tail);
  AfterRemoval(context, place);
  context.reply.Ok();
}

constexpr CommandSpec kLtrim = {.name = "ltrim",
                                .arity = Exactly(4),
                                .group = Group::kList,
                                .since = "1.0.0",
                                .flags = kWrite | kMayPause,
                                .acl = kAclList,
                                .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                                .syntax = "key start stop",
                                .complexity = "O(N) with N the elements removed",
                                .summary = "Keeps a range of a list and removes the rest."};

}  // namespace

void RegisterListEditCommands(CommandRegistry& registry) {
  registry.Add(kLset, Lset);
  registry.Add(kLinsert, Linsert);
  registry.Add(kLrem, Lrem);
  registry.Add(kLtrim, Ltrim);
}

}  // namespace torc
