// ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX.

#include "command/breather.h"
#include "command/working_copy.h"
#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_commands.h"
#include "types/zset/zset_errors.h"
#include "types/zset/zset_range.h"

namespace torc {
namespace {

// Removes what `span_in` says of the set under the key.
template <class SpanIn>
void RemoveSpan(CommandContext& context, const KeyRef& key, std::string_view event,
                SpanIn&& span_in) {
  WritableZset place = WriteZset(context, key);
  if (place.wrong_type) return;
  if (!place.found) return context.reply.Integer(0);
  const RankSpan span = span_in(ZsetView(*place.found.entry));
  if (span.count > 0) {
    Breather breather(context);
    WorkingCopy copy(context, breather, key, place.found);
    place.zset(context, copy.entry()).EraseRanks(span.first, span.count, copy.pace());
    place.found = copy.Commit();
    context.Changed(EventClass::kSortedSet, event, key.text, span.count);
    RemoveIfEmpty(context, place);
  }
  context.reply.Integer(static_cast<int64_t>(span.count));
}

void Zremrangebyrank(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t start = args.Integer();
  const int64_t stop = args.Integer();
  if (!args.Done(context.reply)) return;
  RemoveSpan(context, key, "zremrangebyrank", [&](const ZsetView& zset) {
    return SpanOfIndexes(zset.size(), start, stop, ZsetOrder::kAscending);
  });
}

constexpr CommandSpec kZremrangebyrank = {
    .name = "zremrangebyrank",
    .arity = Exactly(4),
    .group = Group::kSortedSet,
    .since = "2.0.0",
    .flags = kWrite | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .syntax = "key start stop",
    .complexity = "O(log N + M log N) with M the members removed",
    .summary = "Removes the members in a range of ranks."};

void Zremrangebyscore(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view min = args.Next();
  const auto range = ParseScoreRange(min, args.Next());
  if (!range) return context.reply.Error(errors::kNotScoreRange);
  RemoveSpan(context, key, "zremrangebyscore",
             [&](const ZsetView& zset) { return SpanOfScores(zset, *range); });
}

constexpr CommandSpec kZremrangebyscore = {
    .name = "zremrangebyscore",
    .arity = Exactly(4),
    .group = Group::kSortedSet,
    .since = "1.2.0",
    .flags = kWrite | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .syntax = "key min max",
    .complexity = "O(log N + M log N) with M the members removed",
    .summary = "Removes the members in a range of scores."};

void Zremrangebylex(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view min = args.Next();
  const auto range = ParseLexRange(min, args.Next());
  if (!range) return context.reply.Error(errors::kNotLexRange);
  RemoveSpan(context, key, "zremrangebylex", [&](const ZsetView& zset) {
    return SpanOfMembers(zset, *range, ZsetOrder::kAscending);
  });
}

constexpr CommandSpec kZremrangebylex = {
    .name = "zremrangebylex",
    .arity = Exactly(4),
    .group = Group::kSortedSet,
    .since = "2.8.9",
    .flags = kWrite | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .syntax = "key min max",
    .complexity = "O(log N + M log N) with M the members removed",
    .summary = "Removes the members between two texts, of a set of one score."};

}  // namespace

void RegisterZsetRemoveCommands(CommandRegistry& registry) {
  registry.Add(kZremrangebyrank, Zremrangebyrank);
  registry.Add(kZremrangebyscore, Zremrangebyscore);
  registry.Add(kZremrangebylex, Zremrangebylex);
}

}  // namespace torc
