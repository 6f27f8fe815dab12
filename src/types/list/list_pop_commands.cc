// LPOP, RPOP, LMPOP.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "resp/errors.h"
#include "types/list/list_access.h"
#include "types/list/list_commands.h"
#include "types/list/list_pop.h"

namespace torc {

constexpr int64_t kCountMax = std::numeric_limits<int64_t>::max();

void PopElements(CommandContext& context, const WritableList& place, ListEnd end, uint64_t count) {
  List list = place.list(context);
  const bool from_head = end == ListEnd::kHead;
  count = std::min(count, list.size());
  context.reply.Array(count);
  ListWalk walk(list, from_head ? 0 : list.size() - 1,
                from_head ? ListWalk::Direction::kForward : ListWalk::Direction::kBackward);
  for (uint64_t i = 0; i < count; ++i, walk.Next()) ReplyElement(context.reply, walk.element());
  list.Drop(end, count);
  AfterPop(context, place, end, count);
}

void PopOneElement(CommandContext& context, const WritableList& place, ListEnd end) {
  List list = place.list(context);
  const uint64_t index = end == ListEnd::kHead ? 0 : list.size() - 1;
  ReplyElement(context.reply, ListWalk(list, index, ListWalk::Direction::kForward).element());
  list.Drop(end, 1);
  AfterPop(context, place, end, 1);
}

MultiPop ParseMultiPop(ArgCursor& args) {
  MultiPop pop;
  const int64_t key_count = args.IntegerIn(1, kCountMax, "ERR numkeys should be greater than 0");
  if (!args.ok()) return pop;
  if (static_cast<uint64_t>(key_count) >= args.remaining()) {
    args.FailSyntax();
    return pop;
  }
  pop.keys = args.Rest();
  args = ArgCursor(pop.keys, static_cast<size_t>(key_count));
  pop.keys = pop.keys.first(static_cast<size_t>(key_count));
  pop.end = TakeListEnd(args);
  bool count_given = false;
  while (args.ok() && !args.AtEnd()) {
    if (count_given || !args.TakeWith("COUNT", 1)) {
      args.FailSyntax();
      break;
    }
    count_given = true;
    pop.count = args.IntegerIn(1, kCountMax, "ERR count should be greater than 0");
  }
  return pop;
}

MultiPopResult PopFromFirst(CommandContext& context, const MultiPop& pop) {
  for (const std::string_view text : pop.keys) {
    const WritableList place = WriteList(context, context.Key(text));
    if (place.wrong_type) return MultiPopResult::kReplied;
    if (!place.found) continue;
    context.reply.Array(2);
    context.reply.Bulk(text);
    const uint64_t size = place.list(context).size();
    const uint64_t count = std::min(static_cast<uint64_t>(pop.count), size);
    PopElements(context, place, pop.end, count);
    context.Replay(
        {pop.end == ListEnd::kHead ? "LPOP" : "RPOP", std::string(text), std::to_string(count)});
    return MultiPopResult::kReplied;
  }
  return MultiPopResult::kAllAbsent;
}

namespace {

void Pop(CommandContext& context, ArgCursor args, ListEnd end) {
  const KeyRef key = context.Key(args.Key());
  if (args.remaining() > 1) {
    return context.reply.Error(errors::WrongArgumentCount(context.command.full_name));
  }
  std::optional<int64_t> count;
  if (!args.AtEnd()) count = args.IntegerIn(0, kCountMax, errors::kNotPositive);
  if (!args.Done(context.reply)) return;
  const WritableList place = WriteList(context, key);
  if (place.wrong_type) return;
  if (!place.found) return count ? context.reply.NullArray() : context.reply.Null();
  if (!count) return PopOneElement(context, place, end);
  if (*count == 0) return context.reply.Array(0);
  PopElements(context, place, end, static_cast<uint64_t>(*count));
}

void Lpop(CommandContext& context, ArgCursor args) {
  Pop(context, args, ListEnd::kHead);
}

constexpr CommandSpec kLpop = {
    .name = "lpop",
    .arity = AtLeast(2),
    .group = Group::kList,
    .since = "1.0.0",
    .flags = kWrite | kFast,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "key [count]",
    .complexity = "O(N) with N the elements removed",
    .summary = "Removes elements from the head of a list and answers them."};

void Rpop(CommandContext& context, ArgCursor args) {
  Pop(context, args, ListEnd::kTail);
}

constexpr CommandSpec kRpop = {
    .name = "rpop",
    .arity = AtLeast(2),
    .group = Group::kList,
    .since = "1.0.0",
    .flags = kWrite | kFast,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "key [count]",
    .complexity = "O(N) with N the elements removed",
    .summary = "Removes elements from the tail of a list and answers them."};

void Lmpop(CommandContext& context, ArgCursor args) {
  const MultiPop pop = ParseMultiPop(args);
  if (!args.Done(context.reply)) return;
  if (PopFromFirst(context, pop) == MultiPopResult::kAllAbsent) context.reply.NullArray();
}

constexpr CommandSpec kLmpop = {
    .name = "lmpop",
    .arity = AtLeast(4),
    .group = Group::kList,
    .since = "7.0.0",
    .flags = kWrite | kMovableKeys,
    .acl = kAclList,
    .keys = {CountedKeys(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
    .complexity = "O(N+M) with N the keys and M the elements removed",
    .summary = "Removes elements from the first of several lists that has any."};

}  // namespace

void RegisterListPopCommands(CommandRegistry& registry) {
  registry.Add(kLpop, Lpop);
  registry.Add(kRpop, Rpop);
  registry.Add(kLmpop, Lmpop);
}

}  // namespace torc
