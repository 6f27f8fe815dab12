// ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZCOUNT, ZLEXCOUNT.

#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_commands.h"
#include "types/zset/zset_errors.h"
#include "types/zset/zset_range.h"

namespace torc {
namespace {

void Zcard(CommandContext& context, ArgCursor args) {
  const ZsetKey zset = ReadZset(context, context.Key(args.Key()));
  if (zset.wrong_type) return;
  context.reply.Integer(zset.entry == nullptr ? 0
                                              : static_cast<int64_t>(ZsetView(*zset.entry).size()));
}

constexpr CommandSpec kZcard = {.name = "zcard",
                                .arity = Exactly(2),
                                .group = Group::kSortedSet,
                                .since = "1.2.0",
                                .flags = kReadonly | kFast,
                                .acl = kAclSortedSet,
                                .keys = {OneKey(1, kKeyReadOnly)},
                                .syntax = "key",
                                .complexity = "O(1)",
                                .summary = "Answers how many members a sorted set has."};

void ReplyScore(ReplyWriter& reply, std::optional<double> score) {
  if (score) return reply.Double(*score);
  reply.Null();
}

void Zscore(CommandContext& context, ArgCursor args) {
  const ZsetKey zset = ReadZset(context, context.Key(args.Key()));
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return context.reply.Null();
  ReplyScore(context.reply, ZsetView(*zset.entry).Score(args.Next()));
}

constexpr CommandSpec kZscore = {.name = "zscore",
                                 .arity = Exactly(3),
                                 .group = Group::kSortedSet,
                                 .since = "1.2.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclSortedSet,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key member",
                                 .complexity = "O(log N)",
                                 .summary = "Answers the score of a member."};

void Zmscore(CommandContext& context, ArgCursor args) {
  const ZsetKey zset = ReadZset(context, context.Key(args.Key()));
  if (zset.wrong_type) return;
  const Argv members = args.Rest();
  context.reply.Array(members.size());
  for (const std::string_view member : members) {
    ReplyScore(context.reply,
               zset.entry == nullptr ? std::nullopt : ZsetView(*zset.entry).Score(member));
  }
}

constexpr CommandSpec kZmscore = {.name = "zmscore",
                                  .arity = AtLeast(3),
                                  .group = Group::kSortedSet,
                                  .since = "6.2.0",
                                  .flags = kReadonly | kFast,
                                  .acl = kAclSortedSet,
                                  .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                  .syntax = "key member [member ...]",
                                  .complexity = "O(log N) for each member",
                                  .summary = "Answers the scores of several members."};

void ReplyRank(CommandContext& context, ArgCursor args, ZsetOrder order) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view member = args.Next();
  if (args.remaining() > 1) {
    return context.reply.Error(errors::WrongArgumentCount(context.command.full_name));
  }
  const bool with_score = args.Take("WITHSCORE");
  if (!args.Done(context.reply)) return;
  const auto absent = [&] { return with_score ? context.reply.NullArray() : context.reply.Null(); };
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return absent();
  const ZsetView view(*zset.entry);
  const auto found = view.Rank(member);
  if (!found) return absent();
  const uint64_t rank =
      order == ZsetOrder::kAscending ? found->rank : view.size() - 1 - found->rank;
  if (with_score) context.reply.Array(2);
  context.reply.Integer(static_cast<int64_t>(rank));
  if (with_score) context.reply.Double(found->score);
}

void Zrank(CommandContext& context, ArgCursor args) {
  ReplyRank(context, args, ZsetOrder::kAscending);
}

constexpr CommandSpec kZrank = {
    .name = "zrank",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "2.0.0",
    .flags = kReadonly | kFast,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key member [WITHSCORE]",
    .complexity = "O(log N)",
    .summary = "Answers the rank of a member, counted from the lowest score."};

void Zrevrank(CommandContext& context, ArgCursor args) {
  ReplyRank(context, args, ZsetOrder::kDescending);
}

constexpr CommandSpec kZrevrank = {
    .name = "zrevrank",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "2.0.0",
    .flags = kReadonly | kFast,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key member [WITHSCORE]",
    .complexity = "O(log N)",
    .summary = "Answers the rank of a member, counted from the highest score."};

void Zcount(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view min = args.Next();
  const auto range = ParseScoreRange(min, args.Next());
  if (!range) return context.reply.Error(errors::kNotScoreRange);
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return context.reply.Integer(0);
  context.reply.Integer(static_cast<int64_t>(SpanOfScores(ZsetView(*zset.entry), *range).count));
}

constexpr CommandSpec kZcount = {.name = "zcount",
                                 .arity = Exactly(4),
                                 .group = Group::kSortedSet,
                                 .since = "2.0.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclSortedSet,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key min max",
                                 .complexity = "O(log N)",
                                 .summary = "Counts the members with a score in a range."};

void Zlexcount(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view min = args.Next();
  const auto range = ParseLexRange(min, args.Next());
  if (!range) return context.reply.Error(errors::kNotLexRange);
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return context.reply.Integer(0);
  const RankSpan span = SpanOfMembers(ZsetView(*zset.entry), *range, ZsetOrder::kAscending);
  context.reply.Integer(static_cast<int64_t>(span.count));
}

constexpr CommandSpec kZlexcount = {.name = "zlexcount",
                                    .arity = Exactly(4),
                                    .group = Group::kSortedSet,
                                    .since = "2.8.9",
                                    .flags = kReadonly | kFast,
                                    .acl = kAclSortedSet,
                                    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                    .syntax = "key min max",
                                    .complexity = "O(log N)",
                                    .summary = "Counts the members between two texts."};

}  // namespace

void RegisterZsetReadCommands(CommandRegistry& registry) {
  registry.Add(kZcard, Zcard);
  registry.Add(kZscore, Zscore);
  registry.Add(kZmscore, Zmscore);
  registry.Add(kZrank, Zrank);
  registry.Add(kZrevrank, Zrevrank);
  registry.Add(kZcount, Zcount);
  registry.Add(kZlexcount, Zlexcount);
}

}  // namespace torc
