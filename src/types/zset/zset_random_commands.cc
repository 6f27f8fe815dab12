// ZRANDMEMBER and ZSCAN.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "command/scan_args.h"
#include "resp/double_text.h"
#include "resp/errors.h"
#include "types/zset/zset_access.h"
#include "types/zset/zset_commands.h"

namespace torc {
namespace {

constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

// Different ranks, each set of them equally likely. In no order.
std::vector<uint64_t> ChooseRanks(uint64_t size, uint64_t count, Rng& rng) {
  std::vector<uint64_t> ranks;
  ranks.reserve(count);
  if (count * 3 > size) {
    // Each rank in turn, with the chance that is left for it.
    for (uint64_t rank = 0; rank < size && ranks.size() < count; ++rank) {
      if (rng.Below(size - rank) < count - ranks.size()) ranks.push_back(rank);
    }
    return ranks;
  }
  std::unordered_set<uint64_t> chosen;
  while (ranks.size() < count) {
    const uint64_t rank = rng.Below(size);
    if (chosen.insert(rank).second) ranks.push_back(rank);
  }
  return ranks;
}

struct RandomQuery {
  int64_t count = 0;
  bool with_scores = false;
};

RandomQuery ParseRandomQuery(ArgCursor& args) {
  RandomQuery query;
  query.count = args.Integer();
  if (args.ok() && query.count < -kInt64Max) {
    args.Fail(
        "ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  }
  if (args.AtEnd() || !args.ok()) return query;
  query.with_scores = args.Take("WITHSCORES");
  if (!query.with_scores || !args.AtEnd()) args.FailSyntax();
  if (args.ok() && (query.count < -kInt64Max / 2 || query.count > kInt64Max / 2)) {
    args.Fail(errors::kValueOutOfRange);
  }
  return query;
}

void ReplyRandom(CommandContext& context, const ZsetView& zset, const RandomQuery& query,
                 Rng& rng) {
  ReplyWriter& reply = context.reply;
  const uint64_t size = zset.size();
  const bool repeats = query.count < 0;
  const uint64_t count = repeats ? static_cast<uint64_t>(-query.count)
                                 : std::min(static_cast<uint64_t>(query.count), size);
  const Pairs pairs = PairsFor(reply);
  const auto one = [&](uint64_t rank) {
    const ZsetWalk at(zset, rank, ZsetWalk::Direction::kForward);
    if (query.with_scores) {
      ReplyScored(reply, at.element(), pairs);
    } else {
      ReplyMember(reply, at.element().member);
    }
  };
  if (query.with_scores) {
    BeginScored(reply, count, pairs);
  } else {
    reply.Array(count);
  }
  if (repeats) {
    for (uint64_t i = 0; i < count; ++i) one(rng.Below(size));
    return;
  }
  for (const uint64_t rank : ChooseRanks(size, count, rng)) one(rank);
}

void Zrandmember(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  std::optional<RandomQuery> query;
  if (!args.AtEnd()) query = ParseRandomQuery(args);
  if (!args.Done(context.reply)) return;
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return query ? context.reply.Array(0) : context.reply.Null();
  const ZsetView view(*zset.entry);
  Rng& rng = context.Owner(key).rng();
  if (query) return ReplyRandom(context, view, *query, rng);
  const ZsetWalk at(view, rng.Below(view.size()), ZsetWalk::Direction::kForward);
  ReplyMember(context.reply, at.element().member);
}

constexpr CommandSpec kZrandmember = {.name = "zrandmember",
                                      .arity = AtLeast(2),
                                      .group = Group::kSortedSet,
                                      .since = "6.2.0",
                                      .flags = kReadonly,
                                      .acl = kAclSortedSet,
                                      .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                      .syntax = "key [count [WITHSCORES]]",
                                      .complexity = "O(M log N) with M the members answered",
                                      .summary = "Answers random members of a sorted set.",
                                      .tips = "NONDETERMINISTIC_OUTPUT"};

using ScannedText = std::pair<std::string, std::string>;

void ScanSmall(const ZsetView& zset, const ScanOptions& options, std::vector<ScannedText>* out) {
  ZsetWalk walk(zset, 0, ZsetWalk::Direction::kForward);
  for (; !walk.AtEnd(); walk.Next()) {
    const ZsetElement element = walk.element();
    const CompactText member(element.member);
    if (!options.Matches(member.view())) continue;
    out->emplace_back(member.view(), DoubleText(element.score).view());
  }
}

// A cursor is a tag: members go in the order of their tags, all of one tag together.
uint64_t ScanLarge(const LargeZset& zset, uint64_t cursor, const ScanOptions& options,
                   std::vector<ScannedText>* out) {
  if (cursor >= LargeZset::kTagCount) return 0;
  TagTree::Cursor at = zset.by_member.LowerBound(
      [cursor](const TagTreeTraits::Item& item) { return item.tag() < cursor; });
  int64_t seen = 0;
  uint64_t tag = cursor;
  for (; !at.at_end(); zset.by_member.Next(at)) {
    const TagTreeTraits::Item& item = at.item();
    if (seen >= options.count && item.tag() != tag) return item.tag();
    tag = item.tag();
    ++seen;
    const ZsetMember& member = *item.member();
    if (options.Matches(member.text()))
      out->emplace_back(member.text(), FormatDouble(member.score));
  }
  return 0;
}

void Zscan(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const auto cursor = ParseScanCursor(args.Next());
  if (!cursor) return context.reply.Error(errors::kInvalidCursor);
  const ZsetKey zset = ReadZset(context, key);
  if (zset.wrong_type) return;
  if (zset.entry == nullptr) return ReplyEmptyScan(context.reply);
  const ScanOptions options = ParseScanOptions(args, ScanKind::kMembers);
  if (!args.Done(context.reply)) return;
  std::vector<ScannedText> elements;
  const ZsetView view(*zset.entry);
  uint64_t next = 0;
  if (view.small()) {
    ScanSmall(view, options, &elements);
  } else {
    next = ScanLarge(view.large(), *cursor, options, &elements);
  }
  context.reply.Array(2);
  context.reply.Bulk(DecimalText::Unsigned(next).view());
  context.reply.Array(elements.size() * 2);
  for (const auto& [member, score] : elements) {
    context.reply.Bulk(member);
    context.reply.Bulk(score);
  }
}

constexpr CommandSpec kZscan = {
    .name = "zscan",
    .arity = AtLeast(3),
    .group = Group::kSortedSet,
    .since = "2.8.0",
    .flags = kReadonly,
    .acl = kAclSortedSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key cursor [MATCH pattern] [COUNT count]",
    .complexity = "O(1) for each call, O(N) for a whole walk over N members",
    .summary = "Walks over the members of a sorted set and their scores in steps.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterZsetRandomCommands(CommandRegistry& registry) {
  registry.Add(kZrandmember, Zrandmember);
  registry.Add(kZscan, Zscan);
}

}  // namespace torc
