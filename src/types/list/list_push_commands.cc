// LPUSH, RPUSH, LPUSHX, RPUSHX.

#include "types/list/list_access.h"
#include "types/list/list_commands.h"

namespace torc {
namespace {

enum class Absent : uint8_t { kMake, kLeave };

void PushElements(CommandContext& context, ArgCursor args, ListEnd end, Absent absent) {
  const KeyRef key = context.Key(args.Key());
  const Argv elements = args.Rest();
  if (!CheckElementSizes(context, elements)) return;
  WritableList place = WriteList(context, key);
  if (place.wrong_type) return;
  if (!place.found && absent == Absent::kLeave) return context.reply.Integer(0);
  List list = ListOrNew(context, &place);
  size_t added_bytes = 0;
  for (const std::string_view element : elements) added_bytes += element.size();
  list.MakeRoomFor(added_bytes, elements.size());
  for (const std::string_view element : elements) list.Push(end, element);
  context.Changed(EventClass::kList, PushEvent(end), key.text, elements.size());
  context.reply.Integer(static_cast<int64_t>(list.size()));
}

void Lpush(CommandContext& context, ArgCursor args) {
  PushElements(context, args, ListEnd::kHead, Absent::kMake);
}

constexpr CommandSpec kLpush = {
    .name = "lpush",
    .arity = AtLeast(3),
    .group = Group::kList,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
    .syntax = "key element [element ...]",
    .complexity = "O(N) with N the elements added",
    .summary = "Puts elements at the head of a list, which is made if there is none."};

void Rpush(CommandContext& context, ArgCursor args) {
  PushElements(context, args, ListEnd::kTail, Absent::kMake);
}

constexpr CommandSpec kRpush = {
    .name = "rpush",
    .arity = AtLeast(3),
    .group = Group::kList,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
    .syntax = "key element [element ...]",
    .complexity = "O(N) with N the elements added",
    .summary = "Puts elements at the tail of a list, which is made if there is none."};

void Lpushx(CommandContext& context, ArgCursor args) {
  PushElements(context, args, ListEnd::kHead, Absent::kLeave);
}

constexpr CommandSpec kLpushx = {.name = "lpushx",
                                 .arity = AtLeast(3),
                                 .group = Group::kList,
                                 .since = "2.2.0",
                                 .flags = kWrite | kDenyOom | kFast,
                                 .acl = kAclList,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                                 .syntax = "key element [element ...]",
                                 .complexity = "O(N) with N the elements added",
                                 .summary = "Puts elements at the head of a list that exists."};

void Rpushx(CommandContext& context, ArgCursor args) {
  PushElements(context, args, ListEnd::kTail, Absent::kLeave);
}

constexpr CommandSpec kRpushx = {.name = "rpushx",
                                 .arity = AtLeast(3),
                                 .group = Group::kList,
                                 .since = "2.2.0",
                                 .flags = kWrite | kDenyOom | kFast,
                                 .acl = kAclList,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                                 .syntax = "key element [element ...]",
                                 .complexity = "O(N) with N the elements added",
                                 .summary = "Puts elements at the tail of a list that exists."};

}  // namespace

void RegisterListPushCommands(CommandRegistry& registry) {
  registry.Add(kLpush, Lpush);
  registry.Add(kRpush, Rpush);
  registry.Add(kLpushx, Lpushx);
  registry.Add(kRpushx, Rpushx);
}

}  // namespace torc
