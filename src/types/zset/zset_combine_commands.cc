// ZUNION, ZINTER, ZDIFF, their STORE forms and ZINTERCARD.

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "command/breather.h"
#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_combine.h"
#include "types/zset/zset_commands.h"

namespace torc {
namespace {

enum class ResultUse : uint8_t { kReply, kStore, kCount };

struct CombineQuery {
  std::vector<ScoredSource> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  int64_t limit = 0;  // 0: none
};

// Reads numkeys and looks the keys up; false if an error was replied.
bool TakeSources(CommandContext& context, ArgCursor& args, std::vector<ScoredSource>* sources) {
  const int64_t count = args.Integer();
  if (args.ok() && count < 1) {
    args.Fail("ERR at least 1 input key is needed for '" + context.command.full_name + "' command");
  }
  if (args.ok() && static_cast<uint64_t>(count) > args.remaining()) args.FailSyntax();
  if (!args.ok()) {
    context.reply.Error(args.error());
    return false;
  }
  for (int64_t i = 0; i < count; ++i) {
    const Entry* entry = context.Read(context.Key(args.Key()));
    if (entry != nullptr && !ScoredSource::Takes(*entry)) {
      context.reply.Error(errors::kWrongType);
      return false;
    }
    sources->push_back({entry});
  }
  return true;
}

void TakeAggregate(ArgCursor& args, Aggregate* aggregate) {
  if (args.Take("SUM")) {
    *aggregate = Aggregate::kSum;
  } else if (args.Take("MIN")) {
    *aggregate = Aggregate::kMin;
  } else if (args.Take("MAX")) {
    *aggregate = Aggregate::kMax;
  } else {
    args.FailSyntax();
  }
}

void TakeCombineOptions(ArgCursor& args, Combination combination, ResultUse use,
                        CombineQuery* query) {
  const bool may_weigh = combination != Combination::kDifference && use != ResultUse::kCount;
  while (args.ok() && !args.AtEnd()) {
    if (may_weigh && args.TakeWith("WEIGHTS", query->sources.size())) {
      for (ScoredSource& source : query->sources) {
        source.weight = args.Double("ERR weight value is not a float");
      }
    } else if (may_weigh && args.TakeWith("AGGREGATE", 1)) {
      TakeAggregate(args, &query->aggregate);
    } else if (use == ResultUse::kReply && args.Take("WITHSCORES")) {
      query->with_scores = true;
    } else if (use == ResultUse::kCount && args.TakeWith("LIMIT", 1)) {
      query->limit =
          args.IntegerIn(0, std::numeric_limits<int64_t>::max(), "ERR LIMIT can't be negative");
    } else {
      args.FailSyntax();
    }
  }
}

std::optional<CombineQuery> ParseCombine(CommandContext& context, ArgCursor& args,
                                         Combination combination, ResultUse use) {
  CombineQuery query;
  if (!TakeSources(context, args, &query.sources)) return std::nullopt;
  TakeCombineOptions(args, combination, use, &query);
  if (!args.Done(context.reply)) return std::nullopt;
  return query;
}

void ReplyCombined(CommandContext& context, ArgCursor args, Combination combination) {
  auto query = ParseCombine(context, args, combination, ResultUse::kReply);
  if (!query) return;
  Breather breather(context);
  const std::vector<ScoredText> elements =
      Combine(std::move(query->sources), combination, query->aggregate, breather);
  ReplyWriter& reply = context.reply;
  const Pairs pairs = PairsFor(reply);
  if (query->with_scores) {
    BeginScored(reply, elements.size(), pairs);
  } else {
    reply.Array(elements.size());
  }
  for (const ScoredText& element : elements) {
    if (query->with_scores) {
      ReplyScored(reply, {{.text = element.member}, element.score}, pairs);
    } else {
      reply.Bulk(element.member);
    }
  }
}

void StoreCombined(CommandContext& context, ArgCursor args, Combination combination,
                   std::string_view event) {
  const KeyRef target = context.Key(args.Key());
  auto query = ParseCombine(context, args, combination, ResultUse::kStore);
  if (!query) return;
  uint64_t member_count = 0;
  for (const ScoredSource& source : query->sources) member_count += source.size();
  Breather breather(context);
  if (!breather.IsLong(member_count)) {
    const std::vector<ScoredText> elements =
        Combine(std::move(query->sources), combination, query->aggregate, breather);
    return StoreResult(context, target, elements, event);
  }
  PrivateValue result = NewLargeZsetValue(&context.Owner(target));
  CombineInto(&ZsetView(*result.entry()).large(), std::move(query->sources), combination,
              query->aggregate, breather);
  StoreLargeResult(context, target, result, event);
}

void Zunion(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, args, Combination::kUnion);
}

constexpr CommandSpec kZunion = {
    .name = "zunion",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "6.2.0",
    .flags = kReadonly | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(1, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] "
        "[WITHSCORES]",
    .complexity = "O(N + M log M) with N the members of all sets and M those of the result",
    .summary = "Answers the members of any of several sorted sets."};

void Zunionstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Combination::kUnion, "zunionstore");
}

constexpr CommandSpec kZunionstore = {
    .name = "zunionstore",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "2.0.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate), CountedKeys(2, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | "
        "MAX>]",
    .complexity = "O(N + M log M) with N the members of all sets and M those of the result",
    .summary = "Stores the members of any of several sorted sets."};

void Zinter(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, args, Combination::kIntersection);
}

constexpr CommandSpec kZinter = {
    .name = "zinter",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "6.2.0",
    .flags = kReadonly | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(1, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] "
        "[WITHSCORES]",
    .complexity =
        "O(N K log N + M log M) with N the members of the smallest of K sets and M those of the "
        "result",
    .summary = "Answers the members that are in all of several sorted sets."};

void Zinterstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Combination::kIntersection, "zinterstore");
}

constexpr CommandSpec kZinterstore = {
    .name = "zinterstore",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "2.0.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate), CountedKeys(2, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | "
        "MAX>]",
    .complexity =
        "O(N K log N + M log M) with N the members of the smallest of K sets and M those of the "
        "result",
    .summary = "Stores the members that are in all of several sorted sets."};

void Zdiff(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, args, Combination::kDifference);
}

constexpr CommandSpec kZdiff = {
    .name = "zdiff",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "6.2.0",
    .flags = kReadonly | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "numkeys key [key ...] [WITHSCORES]",
    .complexity = "O(N K log N) with N the members of the first of K sets",
    .summary = "Answers the members of a sorted set that no other one has."};

void Zdiffstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Combination::kDifference, "zdiffstore");
}

constexpr CommandSpec kZdiffstore = {
    .name = "zdiffstore",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "6.2.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate), CountedKeys(2, kKeyReadOnly | kKeyAccess)},
    .syntax = "destination numkeys key [key ...]",
    .complexity = "O(N K log N) with N the members of the first of K sets",
    .summary = "Stores the members of a sorted set that no other one has."};

void Zintercard(CommandContext& context, ArgCursor args) {
  auto query = ParseCombine(context, args, Combination::kIntersection, ResultUse::kCount);
  if (!query) return;
  const uint64_t limit = query->limit == 0 ? UINT64_MAX : static_cast<uint64_t>(query->limit);
  Breather breather(context);
  context.reply.Integer(
      static_cast<int64_t>(CountCommon(std::move(query->sources), limit, breather)));
}

constexpr CommandSpec kZintercard = {
    .name = "zintercard",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "7.0.0",
    .flags = kReadonly | kMovableKeys | kMayPause,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "numkeys key [key ...] [LIMIT limit]",
    .complexity = "O(N K log N) with N the members of the smallest of K sets",
    .summary = "Counts the members that are in all of several sorted sets."};

}  // namespace

void RegisterZsetCombineCommands(CommandRegistry& registry) {
  registry.Add(kZunion, Zunion);
  registry.Add(kZunionstore, Zunionstore);
  registry.Add(kZinter, Zinter);
  registry.Add(kZinterstore, Zinterstore);
  registry.Add(kZdiff, Zdiff);
  registry.Add(kZdiffstore, Zdiffstore);
  registry.Add(kZintercard, Zintercard);
}

}  // namespace torc
