// ZPOPMIN, ZPOPMAX, ZMPOP.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "resp/errors.h"
#include "types/zset/zset_commands.h"
#include "types/zset/zset_errors.h"
#include "types/zset/zset_pop.h"
#include "types/zset/zset_range.h"

namespace torc {

constexpr int64_t kCountMax = std::numeric_limits<int64_t>::max();

void PopScored(CommandContext& context, const WritableZset& place, ZsetEnd end, uint64_t count,
               Pairs pairs) {
  Zset zset = place.zset(context);
  const bool lowest = end == ZsetEnd::kLowest;
  count = std::min(count, zset.size());
  const RankSpan span{lowest ? 0 : zset.size() - count, count};
  ForSpan(zset, span, lowest ? ZsetOrder::kAscending : ZsetOrder::kDescending,
          [&](const ZsetElement& element) { ReplyScored(context.reply, element, pairs); });
  SteadyPace pace;  // the reply is as large
  zset.EraseRanks(span.first, span.count, pace);
  context.Changed(EventClass::kSortedSet, lowest ? "zpopmin" : "zpopmax", place.key.text, count);
  RemoveIfEmpty(context, place);
}

ZsetMultiPop ParseZsetMultiPop(ArgCursor& args) {
  ZsetMultiPop pop;
  const int64_t key_count = args.IntegerIn(1, kCountMax, errors::kNoKeyCount);
  if (!args.ok()) return pop;
  if (static_cast<uint64_t>(key_count) >= args.remaining()) {
    args.FailSyntax();
    return pop;
  }
  const Argv rest = args.Rest();
  pop.keys = rest.first(static_cast<size_t>(key_count));
  args = ArgCursor(rest, static_cast<size_t>(key_count));
  if (args.Take("MAX")) {
    pop.end = ZsetEnd::kHighest;
  } else if (!args.Take("MIN")) {
    args.FailSyntax();
  }
  bool count_given = false;
  while (args.ok() && !args.AtEnd()) {
    if (count_given || !args.TakeWith("COUNT", 1)) {
      args.FailSyntax();
      break;
    }
    count_given = true;
    pop.count = args.IntegerIn(1, kCountMax, errors::kNoPopCount);
  }
  return pop;
}

ZsetMultiPopResult PopFromFirst(CommandContext& context, const ZsetMultiPop& pop) {
  for (const std::string_view text : pop.keys) {
    const WritableZset place = WriteZset(context, context.Key(text));
    if (place.wrong_type) return ZsetMultiPopResult::kReplied;
    if (!place.found) continue;
    const uint64_t count = std::min(static_cast<uint64_t>(pop.count), place.zset(context).size());
    context.reply.Array(2);
    context.reply.Bulk(text);
    context.reply.Array(count);
    PopScored(context, place, pop.end, count, Pairs::kNested);
    context.Replay({pop.end == ZsetEnd::kLowest ? "ZPOPMIN" : "ZPOPMAX", std::string(text),
                    std::to_string(count)});
    return ZsetMultiPopResult::kReplied;
  }
  return ZsetMultiPopResult::kAllAbsent;
}

namespace {

void Pop(CommandContext& context, ArgCursor args, ZsetEnd end) {
  const KeyRef key = context.Key(args.Key());
  if (args.remaining() > 1) return context.reply.Error(errors::kSyntax);
  std::optional<int64_t> given;
  if (!args.AtEnd()) given = args.IntegerIn(0, kCountMax, errors::kNotPositive);
  if (!args.Done(context.reply)) return;
  const WritableZset place = WriteZset(context, key);
  if (place.wrong_type) return;
  if (!place.found || given == 0) return context.reply.Array(0);
  const uint64_t count =
      std::min(static_cast<uint64_t>(given.value_or(1)), place.zset(context).size());
  const Pairs pairs = given ? PairsFor(context.reply) : Pairs::kFlat;
  BeginScored(context.reply, count, pairs);
  PopScored(context, place, end, count, pairs);
}

void Zpopmin(CommandContext& context, ArgCursor args) {
  Pop(context, args, ZsetEnd::kLowest);
}

constexpr CommandSpec kZpopmin = {
    .name = "zpopmin",
    .arity = AtLeast(2),
    .group = Group::kSortedSet,
    .since = "5.0.0",
    .flags = kWrite | kFast,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "key [count]",
    .complexity = "O(M log N) with M the members removed",
    .summary = "Removes the members with the lowest scores and answers them."};

void Zpopmax(CommandContext& context, ArgCursor args) {
  Pop(context, args, ZsetEnd::kHighest);
}

constexpr CommandSpec kZpopmax = {
    .name = "zpopmax",
    .arity = AtLeast(2),
    .group = Group::kSortedSet,
    .since = "5.0.0",
    .flags = kWrite | kFast,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "key [count]",
    .complexity = "O(M log N) with M the members removed",
    .summary = "Removes the members with the highest scores and answers them."};

void Zmpop(CommandContext& context, ArgCursor args) {
  const ZsetMultiPop pop = ParseZsetMultiPop(args);
  if (!args.Done(context.reply)) return;
  if (PopFromFirst(context, pop) == ZsetMultiPopResult::kAllAbsent) context.reply.NullArray();
}

constexpr CommandSpec kZmpop = {
    .name = "zmpop",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "7.0.0",
    .flags = kWrite | kMovableKeys,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "numkeys key [key ...] <MIN | MAX> [COUNT count]",
    .complexity = "O(K + M log N) with K the keys and M the members removed",
    .summary = "Removes members from the first of several sorted sets that has any."};

}  // namespace

void RegisterZsetPopCommands(CommandRegistry& registry) {
  registry.Add(kZpopmin, Zpopmin);
  registry.Add(kZpopmax, Zpopmax);
  registry.Add(kZmpop, Zmpop);
}

}  // namespace torc
