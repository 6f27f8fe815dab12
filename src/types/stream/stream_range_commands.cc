// XLEN, XRANGE, XREVRANGE.

#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"

namespace torc {
namespace {

void Xlen(CommandContext& context, ArgCursor args) {
  const StreamKey found = ReadStream(context, context.Key(args.Key()));
  if (found.wrong_type) return;
  context.reply.Integer(found.stream == nullptr ? 0 : static_cast<int64_t>(found.stream->length()));
}

constexpr CommandSpec kXlen = {.name = "xlen",
                               .arity = Exactly(2),
                               .group = Group::kStream,
                               .since = "5.0.0",
                               .flags = kReadonly | kFast,
                               .acl = kAclStream,
                               .keys = {OneKey(1, kKeyReadOnly)},
                               .syntax = "key",
                               .complexity = "O(1)",
                               .summary = "Answers how many entries a stream has."};

void Range(CommandContext& context, ArgCursor args, StreamWalk::Direction direction) {
  const KeyRef key = context.Key(args.Key());
  const bool forward = direction == StreamWalk::Direction::kForward;
  const std::string_view one = args.Next();
  const std::string_view other = args.Next();
  const StreamId start = RangeStart(args, forward ? one : other);
  const StreamId end = RangeEnd(args, forward ? other : one);
  std::optional<int64_t> count;
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("COUNT", 1)) {
      count = args.Integer();
    } else {
      args.FailSyntax();
    }
  }
  if (!args.Done(context.reply)) return;
  const StreamKey found = ReadStream(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr) return context.reply.Array(0);
  if (count && *count <= 0) return context.reply.NullArray();
  const size_t mark = context.reply.ArrayLater();
  size_t shown = 0;
  const auto shown_max = static_cast<uint64_t>(count.value_or(INT64_MAX));
  for (StreamWalk walk(*found.stream, start, end, direction); !walk.AtEnd() && shown < shown_max;
       walk.Next()) {
    ReplyStreamEntry(context.reply, walk.entry());
    ++shown;
  }
  context.reply.CloseArray(mark, shown);
}

void Xrange(CommandContext& context, ArgCursor args) {
  Range(context, args, StreamWalk::Direction::kForward);
}

constexpr CommandSpec kXrange = {.name = "xrange",
                                 .arity = AtLeast(4),
                                 .group = Group::kStream,
                                 .since = "5.0.0",
                                 .flags = kReadonly,
                                 .acl = kAclStream,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key start end [COUNT count]",
                                 .complexity = "O(log N + M) with M the entries answered",
                                 .summary = "Answers a stream's entries in a range of ids."};

void Xrevrange(CommandContext& context, ArgCursor args) {
  Range(context, args, StreamWalk::Direction::kBackward);
}

constexpr CommandSpec kXrevrange = {
    .name = "xrevrange",
    .arity = AtLeast(4),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kReadonly,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key end start [COUNT count]",
    .complexity = "O(log N + M) with M the entries answered",
    .summary = "Answers a stream's entries in a range of ids, the last one first."};

}  // namespace

void RegisterStreamRangeCommands(CommandRegistry& registry) {
  registry.Add(kXlen, Xlen);
  registry.Add(kXrange, Xrange);
  registry.Add(kXrevrange, Xrevrange);
}

}  // namespace torc
