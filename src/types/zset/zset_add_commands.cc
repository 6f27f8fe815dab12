// ZADD, ZINCRBY, ZREM.

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_commands.h"

namespace torc {
namespace {

struct AddOptions {
  bool only_new = false;       // NX
  bool only_present = false;   // XX
  bool only_greater = false;   // GT
  bool only_less = false;      // LT
  bool count_changed = false;  // CH
  bool increment = false;      // INCR
};

void TakeAddOptions(ArgCursor& args, AddOptions* options) {
  for (;;) {
    if (args.Take("NX")) {
      options->only_new = true;
    } else if (args.Take("XX")) {
      options->only_present = true;
    } else if (args.Take("GT")) {
      options->only_greater = true;
    } else if (args.Take("LT")) {
      options->only_less = true;
    } else if (args.Take("CH")) {
      options->count_changed = true;
    } else if (args.Take("INCR")) {
      options->increment = true;
    } else {
      return;
    }
  }
}

// What is wrong with options and pairs together; empty if nothing is.
std::string_view Objection(const AddOptions& options, size_t argument_count) {
  if (argument_count % 2 != 0 || argument_count == 0) return errors::kSyntax;
  if (options.only_new && options.only_present) {
    return "ERR XX and NX options at the same time are not compatible";
  }
  const int bounds = (options.only_greater ? 1 : 0) + (options.only_less ? 1 : 0);
  if (bounds > 1 || (bounds == 1 && options.only_new)) {
    return "ERR GT, LT, and/or NX options at the same time are not compatible";
  }
  if (options.increment && argument_count > 2) {
    return "ERR INCR option supports a single increment-element pair";
  }
  return {};
}

struct Pair {
  double score;
  std::string_view member;
};

struct AddTotals {
  uint64_t added = 0;
  uint64_t updated = 0;
};

enum class Added : uint8_t { kNothing, kSame, kUpdated, kNew, kNotANumber };

// Adds or updates one member; `score` becomes what it then has.
Added AddOne(Zset& zset, const AddOptions& options, std::string_view member, double* score) {
  const Zset::Slot slot = zset.Find(member);
  if (!slot.score) {
    if (options.only_present) return Added::kNothing;
    zset.Put(slot, member, *score);
    return Added::kNew;
  }
  if (options.only_new) return Added::kNothing;
  const double current = *slot.score;
  if (options.increment) {
    *score += current;
    if (std::isnan(*score)) return Added::kNotANumber;
  }
  if ((options.only_less && *score >= current) || (options.only_greater && *score <= current)) {
    return Added::kNothing;
  }
  if (*score == current) return Added::kSame;
  zset.Put(slot, member, *score);
  return Added::kUpdated;
}

void ReplyAdded(CommandContext& context, const AddOptions& options, const AddTotals& totals,
                std::optional<double> incremented) {
  if (!options.increment) {
    const uint64_t count = totals.added + (options.count_changed ? totals.updated : 0);
    return context.reply.Integer(static_cast<int64_t>(count));
  }
  if (incremented) return context.reply.Double(*incremented);
  context.reply.Null();
}

bool TakePairs(CommandContext& context, ArgCursor& args, std::vector<Pair>* pairs) {
  pairs->reserve(args.remaining() / 2);
  while (!args.AtEnd() && args.ok()) {
    const double score = args.Double();
    pairs->push_back({score, args.Next()});
  }
  if (!args.Done(context.reply)) return false;
  return std::all_of(pairs->begin(), pairs->end(),
                     [&](const Pair& pair) { return CheckMemberSize(context, pair.member); });
}

void AddPairs(CommandContext& context, ArgCursor args, AddOptions options) {
  const KeyRef key = context.Key(args.Key());
  TakeAddOptions(args, &options);
  const std::string_view objection = Objection(options, args.remaining());
  if (!objection.empty()) return context.reply.Error(objection);
  std::vector<Pair> pairs;
  if (!TakePairs(context, args, &pairs)) return;
  WritableZset place = WriteZset(context, key);
  if (place.wrong_type) return;
  AddTotals totals;
  std::optional<double> incremented;
  if (!place.found && options.only_present)
    return ReplyAdded(context, options, totals, incremented);
  // As in Redis, the first member decides: a longer one behind it makes the set large on its way.
  Zset zset = MakeZset(context, &place, pairs.size(), pairs[0].member.size());
  for (Pair& pair : pairs) {
    const Added added = AddOne(zset, options, pair.member, &pair.score);
    if (added == Added::kNotANumber) {
      return context.reply.Error("ERR resulting score is not a number (NaN)");
    }
    if (added == Added::kNew) ++totals.added;
    if (added == Added::kUpdated) ++totals.updated;
    if (added != Added::kNothing) incremented = pair.score;
  }
  const uint64_t changed = totals.added + totals.updated;
  if (changed > 0) {
    context.Changed(EventClass::kSortedSet, options.increment ? "zincr" : "zadd", key.text,
                    changed);
  }
  ReplyAdded(context, options, totals, incremented);
}

void Zadd(CommandContext& context, ArgCursor args) {
  AddPairs(context, args, {});
}

constexpr CommandSpec kZadd = {
    .name = "zadd",
    .arity = AtLeast(4),
    .group = Group::kSortedSet,
    .since = "1.2.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax = "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
    .complexity = "O(log N) for each member",
    .summary = "Adds members with scores to a sorted set, or gives them other scores."};

void Zincrby(CommandContext& context, ArgCursor args) {
  AddPairs(context, args, {.increment = true});
}

constexpr CommandSpec kZincrby = {.name = "zincrby",
                                  .arity = Exactly(4),
                                  .group = Group::kSortedSet,
                                  .since = "1.2.0",
                                  .flags = kWrite | kDenyOom | kFast,
                                  .acl = kAclSortedSet,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                                  .syntax = "key increment member",
                                  .complexity = "O(log N)",
                                  .summary = "Adds to the score of a member."};

void Zrem(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableZset place = WriteZset(context, key);
  if (place.wrong_type) return;
  if (!place.found) return context.reply.Integer(0);
  Zset zset = place.zset(context);
  uint64_t removed = 0;
  for (const std::string_view member : args.Rest()) {
    if (zset.size() == 0) break;
    const Zset::Slot slot = zset.Find(member);
    if (!slot.score) continue;
    zset.Erase(slot);
    ++removed;
  }
  if (removed > 0) {
    context.Changed(EventClass::kSortedSet, "zrem", key.text, removed);
    RemoveIfEmpty(context, place);
  }
  context.reply.Integer(static_cast<int64_t>(removed));
}

constexpr CommandSpec kZrem = {.name = "zrem",
                               .arity = AtLeast(3),
                               .group = Group::kSortedSet,
                               .since = "1.2.0",
                               .flags = kWrite | kFast,
                               .acl = kAclSortedSet,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                               .syntax = "key member [member ...]",
                               .complexity = "O(log N) for each member",
                               .summary = "Removes members from a sorted set."};

}  // namespace

void RegisterZsetAddCommands(CommandRegistry& registry) {
  registry.Add(kZadd, Zadd);
  registry.Add(kZincrby, Zincrby);
  registry.Add(kZrem, Zrem);
}

}  // namespace torc
