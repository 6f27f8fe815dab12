// SINTER, SINTERCARD, SUNION, SDIFF and their STORE forms.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command/breather.h"
#include "command/context.h"
#include "resp/errors.h"
#include "types/set/set_access.h"
#include "types/set/set_commands.h"

namespace torc {
namespace {

// What it takes to add a member to a large set, as Pace counts.
constexpr uint64_t kUnitsOfInsertion = 24;

enum class Operation : uint8_t { kIntersect, kUnite, kSubtract };

// The sets of the given keys in order, a missing one as an empty view; nothing, and the error is
// replied, if a key holds something else.
std::optional<std::vector<SetView>> ReadAll(CommandContext& context, Argv keys) {
  std::vector<SetView> sets;
  sets.reserve(keys.size());
  for (const std::string_view key : keys) {
    const FoundSet set = ReadSet(context, context.Key(key));
    if (set.wrong_type) return std::nullopt;
    sets.push_back(set.view);
  }
  return sets;
}

bool InAll(std::span<const SetView> sets, const CompactNeedle& member) {
  return std::all_of(sets.begin(), sets.end(),
                     [&](const SetView& set) { return set.Contains(member); });
}

bool InAny(std::span<const SetView> sets, const CompactNeedle& member) {
  return std::any_of(sets.begin(), sets.end(),
                     [&](const SetView& set) { return set.Contains(member); });
}

// Calls fn(const CompactElement&) -> bool for each member of the result, until it returns false.
// The smallest set of an intersection is walked; a union gives each member where it comes first.
template <class Fn>
void Combine(Operation operation, std::vector<SetView> sets, Pace& pace, Fn&& fn) {
  constexpr uint64_t kUnitsPerSet = 16;
  const auto walk = [&](const SetView& set, const auto& wanted) {
    bool go_on = true;
    set.ForEach([&](const CompactElement& member) {
      pace.Step(kUnitsPerSet * sets.size());
      if (wanted(CompactNeedle(member))) go_on = fn(member);
      return go_on;
    });
    return go_on;
  };
  const std::span<const SetView> all(sets);
  if (operation == Operation::kIntersect) {
    std::stable_sort(sets.begin(), sets.end(),
                     [](const SetView& a, const SetView& b) { return a.size() < b.size(); });
    if (all[0].size() == 0) return;
    walk(all[0], [&](const CompactNeedle& member) { return InAll(all.subspan(1), member); });
  } else if (operation == Operation::kSubtract) {
    walk(all[0], [&](const CompactNeedle& member) { return !InAny(all.subspan(1), member); });
  } else {
    for (size_t i = 0; i < all.size(); ++i) {
      if (!walk(all[i],
                [&](const CompactNeedle& member) { return !InAny(all.first(i), member); })) {
        return;
      }
    }
  }
}

void ReplyCombined(CommandContext& context, Operation operation, Argv keys) {
  auto sets = ReadAll(context, keys);
  if (!sets) return;
  const size_t mark = context.reply.SetLater();
  size_t count = 0;
  Breather breather(context);
  Combine(operation, *std::move(sets), breather, [&](const CompactElement& member) {
    ReplySetMember(context.reply, member);
    ++count;
    return true;
  });
  context.reply.CloseSet(mark, count);
}

// Nothing of the result is in the data set before it is complete.
SetValue CombinedSet(CommandContext& context, Operation operation, const KeyRef& target,
                     std::vector<SetView> sets) {
  const ValueLimits& limits = LimitsOf(context, target);
  SetValue result(SetEncoding::kListpack, limits);
  bool only_integers = true;
  if (operation == Operation::kIntersect) {
    // As Redis does it: the smallest set says how the result begins, but never large.
    const auto smallest =
        std::min_element(sets.begin(), sets.end(),
                         [](const SetView& a, const SetView& b) { return a.size() < b.size(); });
    if (smallest->encoding() == SetEncoding::kIntset) {
      result = SetValue(SetEncoding::kIntset, limits);
    }
  }
  Breather breather(context);
  Combine(operation, std::move(sets), breather, [&](const CompactElement& member) {
    breather.Step(kUnitsOfInsertion);
    result.Add(CompactNeedle(member), limits);
    only_integers &= member.is_integer;
    return true;
  });
  if (!only_integers || result.size() == 0) return result;
  result.BecomeIntsetIfPossible(limits);
  // Redis adds what it unites or subtracts to a set of integers: too many make that large at once.
  const bool grown = operation != Operation::kIntersect;
  if (grown && result.encoding() != SetEncoding::kIntset) result.PrepareFor(SIZE_MAX, limits);
  return result;
}

void StoreCombined(CommandContext& context, ArgCursor args, Operation operation,
                   std::string_view event) {
  const KeyRef target = context.Key(args.Key());
  auto sets = ReadAll(context, args.Rest());
  if (!sets) return;
  SetValue result = CombinedSet(context, operation, target, *std::move(sets));
  const uint64_t count = result.size();
  const Keyspace::Found old = context.Find(target);
  if (count > 0) {
    PutSet(context, target, old, std::move(result));
    context.Changed(EventClass::kSet, event, target.text);
  } else if (old) {
    context.Owner(target).Remove(context.session.db, target, old);
    context.Changed(EventClass::kGeneric, "del", target.text);
    if (context.recording()) context.Replay({"DEL", std::string(target.text)});
  }
  context.reply.Integer(static_cast<int64_t>(count));
}

constexpr CommandSpec CombineSpec(std::string_view name, std::string_view complexity,
                                  std::string_view summary) {
  return {.name = name,
          .arity = AtLeast(2),
          .group = Group::kSet,
          .since = "1.0.0",
          .flags = kReadonly | kMayPause,
          .acl = kAclSet,
          .keys = {KeyRange(1, -1, 1, kKeyReadOnly | kKeyAccess)},
          .syntax = "key [key ...]",
          .complexity = complexity,
          .summary = summary,
          .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};
}

constexpr CommandSpec StoreSpec(std::string_view name, int target_use, std::string_view complexity,
                                std::string_view summary) {
  return {.name = name,
          .arity = AtLeast(3),
          .group = Group::kSet,
          .since = "1.0.0",
          .flags = kWrite | kDenyOom | kMayPause,
          .acl = kAclSet,
          .keys = {OneKey(1, target_use), KeyRange(2, -1, 1, kKeyReadOnly | kKeyAccess)},
          .syntax = "destination key [key ...]",
          .complexity = complexity,
          .summary = summary};
}

constexpr std::string_view kIntersectCost =
    "O(N*M) at worst, with N the members of the smallest set and M the number of sets";
constexpr std::string_view kUniteCost = "O(N) with N the members of all sets";

void Sinter(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, Operation::kIntersect, args.Rest());
}
constexpr CommandSpec kSinter =
    CombineSpec("sinter", kIntersectCost, "Answers the members that all sets have.");

void Sinterstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Operation::kIntersect, "sinterstore");
}
constexpr CommandSpec kSinterstore =
    StoreSpec("sinterstore", kKeyReadWrite | kKeyUpdate, kIntersectCost,
              "Stores the members that all sets have.");

void Sunion(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, Operation::kUnite, args.Rest());
}
constexpr CommandSpec kSunion =
    CombineSpec("sunion", kUniteCost, "Answers the members that any of the sets has.");

void Sunionstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Operation::kUnite, "sunionstore");
}
constexpr CommandSpec kSunionstore =
    StoreSpec("sunionstore", kKeyOverwrite | kKeyUpdate, kUniteCost,
              "Stores the members that any of the sets has.");

void Sdiff(CommandContext& context, ArgCursor args) {
  ReplyCombined(context, Operation::kSubtract, args.Rest());
}
constexpr CommandSpec kSdiff =
    CombineSpec("sdiff", kUniteCost, "Answers the members of the first set that no other has.");

void Sdiffstore(CommandContext& context, ArgCursor args) {
  StoreCombined(context, args, Operation::kSubtract, "sdiffstore");
}
constexpr CommandSpec kSdiffstore =
    StoreSpec("sdiffstore", kKeyOverwrite | kKeyUpdate, kUniteCost,
              "Stores the members of the first set that no other has.");

// The keys behind a count of them, or nothing and a latched error.
Argv TakeCountedKeys(ArgCursor& args) {
  const int64_t count = args.IntegerIn(1, std::numeric_limits<int64_t>::max(),
                                       "ERR numkeys should be greater than 0");
  if (!args.ok()) return {};
  if (static_cast<uint64_t>(count) > args.remaining()) {
    args.Fail("ERR Number of keys can't be greater than number of args");
    return {};
  }
  const Argv rest = args.Rest();
  return rest.first(static_cast<size_t>(count));
}

void Sintercard(CommandContext& context, ArgCursor args) {
  const Argv keys = TakeCountedKeys(args);
  if (!args.Done(context.reply)) return;
  ArgCursor options(context.argv, 2 + keys.size());
  int64_t limit = 0;
  while (!options.AtEnd() && options.ok()) {
    if (options.TakeWith("LIMIT", 1)) {
      limit =
          options.IntegerIn(0, std::numeric_limits<int64_t>::max(), "ERR LIMIT can't be negative");
    } else {
      options.FailSyntax();
    }
  }
  if (!options.Done(context.reply)) return;
  auto sets = ReadAll(context, keys);
  if (!sets) return;
  int64_t count = 0;
  Breather breather(context);
  Combine(Operation::kIntersect, *std::move(sets), breather, [&](const CompactElement&) {
    ++count;
    return count != limit;
  });
  context.reply.Integer(count);
}

constexpr CommandSpec kSintercard = {.name = "sintercard",
                                     .arity = AtLeast(3),
                                     .group = Group::kSet,
                                     .since = "7.0.0",
                                     .flags = kReadonly | kMovableKeys | kMayPause,
                                     .acl = kAclSet,
                                     .keys = {CountedKeys(1, kKeyReadOnly | kKeyAccess)},
                                     .syntax = "numkeys key [key ...] [LIMIT limit]",
                                     .complexity = kIntersectCost,
                                     .summary = "Counts the members that all sets have."};

}  // namespace

void RegisterSetAlgebraCommands(CommandRegistry& registry) {
  registry.Add(kSinter, Sinter);
  registry.Add(kSinterstore, Sinterstore);
  registry.Add(kSintercard, Sintercard);
  registry.Add(kSunion, Sunion);
  registry.Add(kSunionstore, Sunionstore);
  registry.Add(kSdiff, Sdiff);
  registry.Add(kSdiffstore, Sdiffstore);
}

}  // namespace torc
