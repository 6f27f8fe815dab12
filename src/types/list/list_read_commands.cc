// LLEN, LINDEX, LRANGE, LPOS.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "command/breather.h"
#include "resp/errors.h"
#include "types/list/list_access.h"
#include "types/list/list_commands.h"

namespace torc {
namespace {

constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

void Llen(CommandContext& context, ArgCursor args) {
  const ListKey list = ReadList(context, context.Key(args.Key()));
  if (list.wrong_type) return;
  context.reply.Integer(list.entry == nullptr ? 0
                                              : static_cast<int64_t>(ListView(*list.entry).size()));
}

constexpr CommandSpec kLlen = {.name = "llen",
                               .arity = Exactly(2),
                               .group = Group::kList,
                               .since = "1.0.0",
                               .flags = kReadonly | kFast,
                               .acl = kAclList,
                               .keys = {OneKey(1, kKeyReadOnly)},
                               .syntax = "key",
                               .complexity = "O(1)",
                               .summary = "Answers how many elements a list has."};

void Lindex(CommandContext& context, ArgCursor args) {
  const ListKey list = ReadList(context, context.Key(args.Key()));
  if (list.wrong_type) return;
  if (list.entry == nullptr) return context.reply.Null();
  int64_t index = args.Integer();
  if (!args.Done(context.reply)) return;
  const ListView view(*list.entry);
  const auto size = static_cast<int64_t>(view.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return context.reply.Null();
  const ListWalk at(view, static_cast<uint64_t>(index), ListWalk::Direction::kForward);
  ReplyElement(context.reply, at.element());
}

constexpr CommandSpec kLindex = {.name = "lindex",
                                 .arity = Exactly(3),
                                 .group = Group::kList,
                                 .since = "1.0.0",
                                 .flags = kReadonly,
                                 .acl = kAclList,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key index",
                                 .complexity = "O(log N) and the elements of one block",
                                 .summary = "Answers an element by its index."};

void Lrange(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  int64_t start = args.Integer();
  int64_t stop = args.Integer();
  if (!args.Done(context.reply)) return;
  const ListKey list = ReadList(context, key);
  if (list.wrong_type) return;
  if (list.entry == nullptr) return context.reply.Array(0);
  const ListView view(*list.entry);
  const auto size = static_cast<int64_t>(view.size());
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (stop < 0) stop += size;
  stop = std::min(stop, size - 1);
  if (start > stop) return context.reply.Array(0);
  const int64_t count = stop - start + 1;
  context.reply.Array(static_cast<size_t>(count));
  ListWalk walk(view, static_cast<uint64_t>(start), ListWalk::Direction::kForward);
  for (int64_t i = 0; i < count; ++i, walk.Next()) ReplyElement(context.reply, walk.element());
}

constexpr CommandSpec kLrange = {.name = "lrange",
                                 .arity = Exactly(4),
                                 .group = Group::kList,
                                 .since = "1.0.0",
                                 .flags = kReadonly,
                                 .acl = kAclList,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key start stop",
                                 .complexity = "O(log N + M) with M the elements answered",
                                 .summary = "Answers a range of a list."};

// An integer that has an absolute value.
int64_t TakeRank(ArgCursor& args) {
  const int64_t value = args.Integer();
  if (value == std::numeric_limits<int64_t>::min()) {
    args.Fail(
        "ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  }
  return value;
}

struct LposOptions {
  int64_t rank = 1;
  std::optional<int64_t> count;
  int64_t compared_max = 0;  // 0: all
};

LposOptions ParseLposOptions(ArgCursor& args) {
  LposOptions options;
  while (args.ok() && !args.AtEnd()) {
    if (args.TakeWith("RANK", 1)) {
      options.rank = TakeRank(args);
      if (args.ok() && options.rank == 0) {
        args.Fail(
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
            "use negative to start from the end of the list");
      }
    } else if (args.TakeWith("COUNT", 1)) {
      options.count = args.IntegerIn(0, kInt64Max, "ERR COUNT can't be negative");
    } else if (args.TakeWith("MAXLEN", 1)) {
      options.compared_max = args.IntegerIn(0, kInt64Max, "ERR MAXLEN can't be negative");
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

// The indexes of the elements that LPOS is asked for.
std::vector<uint64_t> FindPositions(const ListView& view, std::string_view text,
                                    const LposOptions& options, Pace& pace) {
  const PackedForm form(text);
  const bool forward = options.rank > 0;
  const uint64_t size = view.size();
  auto to_skip = static_cast<uint64_t>(forward ? options.rank : -options.rank) - 1;
  const uint64_t found_max = !options.count        ? 1
                             : *options.count == 0 ? UINT64_MAX
                                                   : static_cast<uint64_t>(*options.count);
  const uint64_t compared_max =
      options.compared_max == 0 ? UINT64_MAX : static_cast<uint64_t>(options.compared_max);
  ListWalk walk(view, forward ? 0 : size - 1,
                forward ? ListWalk::Direction::kForward : ListWalk::Direction::kBackward);
  std::vector<uint64_t> found;
  for (uint64_t i = 0; !walk.AtEnd() && i < compared_max; ++i, walk.Next()) {
    pace.Step(1);
    if (!walk.Is(form)) continue;
    if (to_skip > 0) {
      --to_skip;
      continue;
    }
    found.push_back(forward ? i : size - 1 - i);
    if (found.size() == found_max) break;
  }
  return found;
}

void Lpos(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view text = args.Next();
  const LposOptions options = ParseLposOptions(args);
  if (!args.Done(context.reply)) return;
  const ListKey list = ReadList(context, key);
  if (list.wrong_type) return;
  std::vector<uint64_t> found;
  if (list.entry != nullptr && text.size() <= kListElementBytesMax) {
    Breather breather(context);
    found = FindPositions(ListView(*list.entry), text, options, breather);
  }
  if (!options.count) {
    if (found.empty()) return context.reply.Null();
    return context.reply.Integer(static_cast<int64_t>(found[0]));
  }
  context.reply.Array(found.size());
  for (const uint64_t index : found) context.reply.Integer(static_cast<int64_t>(index));
}

constexpr CommandSpec kLpos = {.name = "lpos",
                               .arity = AtLeast(3),
                               .group = Group::kList,
                               .since = "6.0.6",
                               .flags = kReadonly | kMayPause,
                               .acl = kAclList,
                               .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                               .syntax = "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
                               .complexity = "O(N) with N the elements compared",
                               .summary = "Finds where an element lies in a list."};

}  // namespace

void RegisterListReadCommands(CommandRegistry& registry) {
  registry.Add(kLlen, Llen);
  registry.Add(kLindex, Lindex);
  registry.Add(kLrange, Lrange);
  registry.Add(kLpos, Lpos);
}

}  // namespace torc
