// ZRANGE in all its forms, the older commands for each of them, and ZRANGESTORE.

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "command/breather.h"
#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_commands.h"
#include "types/zset/zset_errors.h"
#include "types/zset/zset_range.h"

namespace torc {
namespace {

enum class RangeBy : uint8_t { kIndex, kScore, kMember };

// What a command leaves to its options; nothing: they decide.
struct RangeForm {
  std::optional<RangeBy> by = std::nullopt;
  std::optional<ZsetOrder> order = std::nullopt;
  bool may_have_scores = true;
};

// A range as it was asked for. Views the command's arguments.
struct RangeQuery {
  RangeBy by = RangeBy::kIndex;
  ZsetOrder order = ZsetOrder::kAscending;
  ZsetLimit limit;
  bool with_scores = false;
  int64_t start = 0;
  int64_t stop = 0;
  ScoreRange scores;
  LexRange members;

  RankSpan SpanIn(const ZsetView& zset) const {
    if (by == RangeBy::kIndex) return SpanOfIndexes(zset.size(), start, stop, order);
    const RankSpan span =
        by == RangeBy::kScore ? SpanOfScores(zset, scores) : SpanOfMembers(zset, members, order);
    return Limited(span, limit, order);
  }
};

void TakeRangeOptions(ArgCursor& args, RangeForm form, RangeQuery* query) {
  while (args.ok() && !args.AtEnd()) {
    if (form.may_have_scores && args.Take("WITHSCORES")) {
      query->with_scores = true;
    } else if (args.TakeWith("LIMIT", 2)) {
      query->limit.offset = args.Integer();
      query->limit.count = args.Integer();
    } else if (!form.order && args.Take("REV")) {
      form.order = ZsetOrder::kDescending;
    } else if (!form.by && args.Take("BYLEX")) {
      form.by = RangeBy::kMember;
    } else if (!form.by && args.Take("BYSCORE")) {
      form.by = RangeBy::kScore;
    } else {
      args.FailSyntax();
    }
  }
  query->by = form.by.value_or(RangeBy::kIndex);
  query->order = form.order.value_or(ZsetOrder::kAscending);
}

void TakeBounds(ArgCursor& args, std::string_view low, std::string_view high, RangeQuery* query) {
  if (query->by == RangeBy::kIndex) {
    const auto start = ParseInt64(low);
    const auto stop = ParseInt64(high);
    if (!start || !stop) return args.Fail(errors::kNotInteger);
    query->start = *start;
    query->stop = *stop;
    return;
  }
  // From the far end they are given the other way round.
  if (query->order == ZsetOrder::kDescending) std::swap(low, high);
  if (query->by == RangeBy::kScore) {
    const auto range = ParseScoreRange(low, high);
    if (!range) return args.Fail(errors::kNotScoreRange);
    query->scores = *range;
    return;
  }
  const auto range = ParseLexRange(low, high);
  if (!range) return args.Fail(errors::kNotLexRange);
  query->members = *range;
}

RangeQuery ParseRange(ArgCursor& args, RangeForm form) {
  RangeQuery query;
  const std::string_view low = args.Next();
  const std::string_view high = args.Next();
  TakeRangeOptions(args, form, &query);
  if (!args.ok()) return query;
  if (query.limit.count != -1 && query.by == RangeBy::kIndex) {
    args.Fail(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  if (query.with_scores && query.by == RangeBy::kMember) {
    args.Fail("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  if (args.ok()) TakeBounds(args, low, high, &query);
  return query;
}

void ReplyRange(CommandContext& context, ArgCursor args, RangeForm form) {
  const KeyRef key = context.Key(args.Key());
  const RangeQuery query = ParseRange(args, form);
  if (!args.Done(context.reply)) return;
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return context.reply.Array(0);
  const ZsetView view(*zset.entry);
  const RankSpan span = query.SpanIn(view);
  ReplyWriter& reply = context.reply;
  if (!query.with_scores) {
    reply.Array(span.count);
    ForSpan(view, span, query.order, [&](const ZsetElement& e) { ReplyMember(reply, e.member); });
    return;
  }
  const Pairs pairs = PairsFor(reply);
  BeginScored(reply, span.count, pairs);
  ForSpan(view, span, query.order, [&](const ZsetElement& e) { ReplyScored(reply, e, pairs); });
}

void Zrange(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {});
}

constexpr CommandSpec kZrange = {
    .name = "zrange",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "1.2.0",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
    .complexity = "O(log N + M) with M the members answered",
    .summary = "Answers members of a sorted set in a range of ranks, scores or texts."};

void Zrevrange(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {RangeBy::kIndex, ZsetOrder::kDescending});
}

constexpr CommandSpec kZrevrange = {
    .name = "zrevrange",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "1.2.0",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key start stop [WITHSCORES]",
    .complexity = "O(log N + M) with M the members answered",
    .summary = "Answers members in a range of ranks, the highest score first.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`ZRANGE` with the `REV` argument"};

void Zrangebyscore(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {RangeBy::kScore, ZsetOrder::kAscending});
}

constexpr CommandSpec kZrangebyscore = {.name = "zrangebyscore",
                                        .arity = AtLeast(4),
                                        .group = Group::kSortedSet,
                                        .since = "1.0.5",
                                        .flags = kReadonly,
                                        .acl = kAclSortedSet,
                                        .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                        .syntax = "key min max [WITHSCORES] [LIMIT offset count]",
                                        .complexity = "O(log N + M) with M the members answered",
                                        .summary = "Answers members in a range of scores.",
                                        .deprecated_since = "6.2.0",
                                        .replaced_by = "`ZRANGE` with the `BYSCORE` argument"};

void Zrevrangebyscore(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {RangeBy::kScore, ZsetOrder::kDescending});
}

constexpr CommandSpec kZrevrangebyscore = {
    .name = "zrevrangebyscore",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "2.2.0",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key max min [WITHSCORES] [LIMIT offset count]",
    .complexity = "O(log N + M) with M the members answered",
    .summary = "Answers members in a range of scores, the highest first.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`ZRANGE` with the `REV` and `BYSCORE` arguments"};

void Zrangebylex(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {RangeBy::kMember, ZsetOrder::kAscending});
}

constexpr CommandSpec kZrangebylex = {
    .name = "zrangebylex",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "2.8.9",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key min max [LIMIT offset count]",
    .complexity = "O(log N + M) with M the members answered",
    .summary = "Answers members between two texts, of a set of one score.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`ZRANGE` with the `BYLEX` argument"};

void Zrevrangebylex(CommandContext& context, ArgCursor args) {
  ReplyRange(context, args, {RangeBy::kMember, ZsetOrder::kDescending});
}

constexpr CommandSpec kZrevrangebylex = {
    .name = "zrevrangebylex",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "2.8.9",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key max min [LIMIT offset count]",
    .complexity = "O(log N + M) with M the members answered",
    .summary = "Answers members between two texts, the last first, of a set of one score.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`ZRANGE` with the `REV` and `BYLEX` arguments"};

void Zrangestore(CommandContext& context, ArgCursor args) {
  const KeyRef target = context.Key(args.Key());
  const KeyRef source = context.Key(args.Key());
  const RangeQuery query = ParseRange(args, {.may_have_scores = false});
  if (!args.Done(context.reply)) return;
  const ZsetKey zset = ReadZset(context, source);
  if (zset.wrong_type) return;
  constexpr std::string_view kEvent = "zrangestore";
  if (zset.entry == nullptr) return StoreResult(context, target, {}, kEvent);
  const ZsetView view(*zset.entry);
  const RankSpan span = query.SpanIn(view);
  Breather breather(context);
  if (!breather.IsLong(span.count)) {
    std::vector<ScoredText> elements;
    ForSpan(view, span, ZsetOrder::kAscending, [&](const ZsetElement& e) {
      elements.push_back({std::string(CompactText(e.member).view()), e.score});
    });
    return StoreResult(context, target, elements, kEvent);
  }
  PrivateValue result = NewLargeZsetValue(&context.Owner(target));
  LargeZset& into = ZsetView(*result.entry()).large();
  ForSpan(view, span, ZsetOrder::kAscending, [&](const ZsetElement& e) {
    into.Append(CompactText(e.member).view(), e.score);
    breather.Step(kZsetChangeUnits);
  });
  StoreLargeResult(context, target, result, kEvent);
}

constexpr CommandSpec kZrangestore = {
    .name = "zrangestore",
    .arity = AtLeast(5),
    .group = Group::kSortedSet,
    .since = "6.2.0",
    .flags = kWrite | kDenyOom | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate), OneKey(2, kKeyReadOnly | kKeyAccess)},
    .syntax = "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
    .complexity = "O(log N + M log M) with M the members stored",
    .summary = "Stores members of a sorted set in a range of ranks, scores or texts."};

}  // namespace

void RegisterZsetRangeCommands(CommandRegistry& registry) {
  registry.Add(kZrange, Zrange);
  registry.Add(kZrevrange, Zrevrange);
  registry.Add(kZrangebyscore, Zrangebyscore);
  registry.Add(kZrevrangebyscore, Zrevrangebyscore);
  registry.Add(kZrangebylex, Zrangebylex);
  registry.Add(kZrevrangebylex, Zrevrangebylex);
  registry.Add(kZrangestore, Zrangestore);
}

}  // namespace torc
