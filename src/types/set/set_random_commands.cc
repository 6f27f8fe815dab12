// SPOP and SRANDMEMBER: members by chance, each as likely as any other.

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "command/context.h"
#include "resp/errors.h"
#include "types/set/set_access.h"
#include "types/set/set_commands.h"

namespace torc {
namespace {

constexpr std::string_view kCountRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

// Members with repetitions in one reply: some gigabyte of it.
constexpr int64_t kRepeatsMax = int64_t{1} << 26;

void ReplyAll(CommandContext& context, const SetView& set) {
  context.reply.Set(set.size());
  set.ForEach([&](const CompactElement& member) {
    ReplySetMember(context.reply, member);
    return true;
  });
}

// --- SPOP

// What was popped, spelled out for those who replay it.
void ReplayRemoval(CommandContext& context, std::string_view key,
                   std::vector<std::string> members) {
  constexpr size_t kMembersMax = 1024;
  for (size_t i = 0; i < members.size(); i += kMembersMax) {
    ReplayForm form = {"SREM", std::string(key)};
    const size_t end = std::min(members.size(), i + kMembersMax);
    for (size_t j = i; j < end; ++j) form.push_back(std::move(members[j]));
    context.Replay(std::move(form));
  }
}

void PopWhole(CommandContext& context, const WritableSet& set) {
  ReplyAll(context, set.view());
  context.Changed(EventClass::kSet, "spop", set.key.text, set.view().size());
  context.Owner(set.key).Remove(context.session.db, set.key, set.found);
  context.Notify(context.session.db, EventClass::kGeneric, "del", set.key.text);
  if (context.recording()) context.Replay({"DEL", std::string(set.key.text)});
}

// Redis builds what is left anew when that is the smaller part: its encoding shows.
void Rebuild(SetValue* set, const ValueLimits& limits) {
  const CompactText first(set->view().At(0));
  SetValue rebuilt(CompactNeedle(first.view()), set->size(), limits);
  set->view().ForEach([&](const CompactElement& member) {
    rebuilt.Add(CompactNeedle(member), limits);
    return true;
  });
  *set = std::move(rebuilt);
}

void PopSome(CommandContext& context, const WritableSet& set, uint64_t count) {
  constexpr uint64_t kRebuildRatio = 5;
  Rng& rng = context.Owner(set.key).rng();
  SetValue value = SetValue::TakeFrom(set.found.entry);
  std::vector<std::string> popped;
  context.reply.Set(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t position = rng.Below(value.size());
    const CompactElement member = value.view().At(position);
    ReplySetMember(context.reply, member);
    if (context.recording()) popped.emplace_back(CompactText(member).view());
    value.RemoveAt(position);
  }
  if (value.size() * kRebuildRatio <= count && value.encoding() != SetEncoding::kListpack) {
    Rebuild(&value, LimitsOf(context, set.key));
  }
  value.StoreIn(set.found.entry);
  context.Changed(EventClass::kSet, "spop", set.key.text, count);
  ReplayRemoval(context, set.key.text, std::move(popped));
}

void PopCount(CommandContext& context, const KeyRef& key, std::string_view count_text) {
  const auto count = ParseInt64(count_text);
  if (!count || *count < 0) {
    return context.reply.Error(errors::kNotPositive);
  }
  const WritableSet set = WriteSet(context, key);
  if (set.wrong_type) return;
  if (!set.found || *count == 0) return context.reply.Set(0);
  if (static_cast<uint64_t>(*count) >= set.view().size()) return PopWhole(context, set);
  PopSome(context, set, static_cast<uint64_t>(*count));
}

void Spop(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  if (args.remaining() == 1) return PopCount(context, key, args.Next());
  if (!args.Done(context.reply)) return;
  const WritableSet set = WriteSet(context, key);
  if (set.wrong_type) return;
  if (!set.found) return context.reply.Null();
  SetValue value = SetValue::TakeFrom(set.found.entry);
  const uint64_t position = context.Owner(key).rng().Below(value.size());
  const CompactElement member = value.view().At(position);
  ReplySetMember(context.reply, member);
  context.Changed(EventClass::kSet, "spop", key.text);
  if (context.recording()) {
    context.Replay({"SREM", std::string(key.text), std::string(CompactText(member).view())});
  }
  value.RemoveAt(position);
  value.StoreIn(set.found.entry);
  RemoveIfEmpty(context, set);
}

constexpr CommandSpec kSpop = {.name = "spop",
                               .arity = AtLeast(2),
                               .group = Group::kSet,
                               .since = "1.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclSet,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
                               .syntax = "key [count]",
                               .complexity = "O(1), with a count O(N) with N the count",
                               .summary = "Removes random members of a set and answers them.",
                               .tips = "NONDETERMINISTIC_OUTPUT"};

// --- SRANDMEMBER

void ReplyWithRepeats(CommandContext& context, const SetView& set, uint64_t count, Rng& rng) {
  context.reply.Array(count);
  for (uint64_t i = 0; i < count; ++i) {
    ReplySetMember(context.reply, set.At(rng.Below(set.size())));
  }
}

// `count` distinct ones, at most as many as there are.
void ReplyDistinct(CommandContext& context, const SetView& set, uint64_t count, Rng& rng) {
  context.reply.Array(count);
  const uint64_t size = set.size();
  if (set.encoding() != SetEncoding::kHashtable || count > size / 4) {
    // One walk that takes each member with the chance that makes it come out even (Knuth's S).
    uint64_t left = size;
    uint64_t wanted = count;
    set.ForEach([&](const CompactElement& member) {
      if (rng.Below(left--) < wanted) {
        ReplySetMember(context.reply, member);
        --wanted;
      }
      return wanted > 0;
    });
    return;
  }
  // Floyd's choice of distinct positions.
  std::unordered_set<uint64_t> chosen;
  for (uint64_t last = size - count; last < size; ++last) {
    uint64_t position = rng.Below(last + 1);
    if (!chosen.insert(position).second) chosen.insert(position = last);
    ReplySetMember(context.reply, set.At(position));
  }
}

void RandomCount(CommandContext& context, const KeyRef& key, std::string_view count_text) {
  const auto count = ParseInt64(count_text);
  if (!count) return context.reply.Error(errors::kNotInteger);
  if (*count == std::numeric_limits<int64_t>::min()) return context.reply.Error(kCountRange);
  const FoundSet set = ReadSet(context, key);
  if (set.wrong_type) return;
  if (!set.exists || *count == 0) return context.reply.Array(0);
  Rng& rng = context.Owner(key).rng();
  if (*count < -kRepeatsMax) return context.reply.Error(errors::kValueOutOfRange);
  if (*count < 0) {
    return ReplyWithRepeats(context, set.view, static_cast<uint64_t>(-*count), rng);
  }
  const auto wanted = static_cast<uint64_t>(*count);
  ReplyDistinct(context, set.view, std::min(wanted, set.view.size()), rng);
}

void Srandmember(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  if (args.remaining() == 1) return RandomCount(context, key, args.Next());
  if (!args.Done(context.reply)) return;
  const FoundSet set = ReadSet(context, key);
  if (set.wrong_type) return;
  if (!set.exists) return context.reply.Null();
  ReplySetMember(context.reply, set.view.At(context.Owner(key).rng().Below(set.view.size())));
}

constexpr CommandSpec kSrandmember = {.name = "srandmember",
                                      .arity = AtLeast(2),
                                      .group = Group::kSet,
                                      .since = "1.0.0",
                                      .flags = kReadonly,
                                      .acl = kAclSet,
                                      .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                      .syntax = "key [count]",
                                      .complexity = "O(1), with a count O(N) with N the count",
                                      .summary = "Answers random members of a set.",
                                      .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterSetRandomCommands(CommandRegistry& registry) {
  registry.Add(kSpop, Spop);
  registry.Add(kSrandmember, Srandmember);
}

}  // namespace torc
