// SADD, SREM, SMOVE, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS, SSCAN: sets by their members.

#include <string>
#include <utility>
#include <vector>

#include "command/context.h"
#include "command/scan_args.h"
#include "resp/errors.h"
#include "types/set/set_access.h"
#include "types/set/set_commands.h"

namespace torc {
namespace {

uint64_t AddAll(SetValue* set, Argv members, const ValueLimits& limits) {
  uint64_t added = 0;
  for (const std::string_view member : members) added += set->Add(CompactNeedle(member), limits);
  return added;
}

void Sadd(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Argv members = args.Rest();
  const WritableSet set = WriteSet(context, key);
  if (set.wrong_type || !CheckMemberSizes(context, members)) return;
  const ValueLimits& limits = LimitsOf(context, key);
  uint64_t added;
  if (set.found) {
    SetValue value = SetValue::TakeFrom(set.found.entry);
    value.PrepareFor(members.size(), limits);
    added = AddAll(&value, members, limits);
    value.StoreIn(set.found.entry);
  } else {
    SetValue value(CompactNeedle(members[0]), members.size(), limits);
    added = AddAll(&value, members, limits);
    PutSet(context, key, set.found, std::move(value));
  }
  if (added > 0) context.Changed(EventClass::kSet, "sadd", key.text, added);
  context.reply.Integer(static_cast<int64_t>(added));
}

constexpr CommandSpec kSadd = {.name = "sadd",
                               .arity = AtLeast(3),
                               .group = Group::kSet,
                               .since = "1.0.0",
                               .flags = kWrite | kDenyOom | kFast,
                               .acl = kAclSet,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                               .part = 2,
                               .syntax = "key member [member ...]",
                               .complexity = "O(1) for each member",
                               .summary = "Adds members to a set; a missing key is an empty set."};

void Srem(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableSet set = WriteSet(context, key);
  if (set.wrong_type) return;
  if (!set.found) return context.reply.Integer(0);
  SetValue value = SetValue::TakeFrom(set.found.entry);
  uint64_t removed = 0;
  for (const std::string_view member : args.Rest()) {
    if (member.size() > CompactBlock::kElementBytesMax) continue;
    removed += value.Remove(CompactNeedle(member));
    if (value.size() == 0) break;
  }
  value.StoreIn(set.found.entry);
  if (removed > 0) {
    context.Changed(EventClass::kSet, "srem", key.text, removed);
    RemoveIfEmpty(context, set);
  }
  context.reply.Integer(static_cast<int64_t>(removed));
}

constexpr CommandSpec kSrem = {.name = "srem",
                               .arity = AtLeast(3),
                               .group = Group::kSet,
                               .since = "1.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclSet,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                               .part = 2,
                               .syntax = "key member [member ...]",
                               .complexity = "O(1) for each member",
                               .summary = "Removes members from a set."};

// The source has the member, and another set shall get it.
void MoveMember(CommandContext& context, const WritableSet& source, const KeyRef& target_key,
                const CompactNeedle& member) {
  SetValue from = SetValue::TakeFrom(source.found.entry);
  from.Remove(member);
  from.StoreIn(source.found.entry);
  context.Changed(EventClass::kSet, "srem", source.key.text);
  RemoveIfEmpty(context, source);
  const Keyspace::Found target = context.Find(target_key);
  const ValueLimits& limits = LimitsOf(context, target_key);
  if (!target) {
    SetValue to(member, 1, limits);
    to.Add(member, limits);
    PutSet(context, target_key, target, std::move(to));
  } else {
    SetValue to = SetValue::TakeFrom(target.entry);
    const bool added = to.Add(member, limits);
    to.StoreIn(target.entry);
    if (!added) return;
  }
  context.Changed(EventClass::kSet, "sadd", target_key.text);
}

void Smove(CommandContext& context, ArgCursor args) {
  const KeyRef source_key = context.Key(args.Key());
  const KeyRef target_key = context.Key(args.Key());
  const std::string_view member = args.Next();
  context.Find(target_key);  // an expired one is gone before the source is held
  const WritableSet source = WriteSet(context, source_key);
  if (source.wrong_type) return;
  if (!source.found) return context.reply.Integer(0);
  if (WriteSet(context, target_key).wrong_type) return;
  const bool has = member.size() <= CompactBlock::kElementBytesMax &&
                   source.view().Contains(CompactNeedle(member));
  if (has && source_key.text != target_key.text) {
    MoveMember(context, source, target_key, CompactNeedle(member));
  }
  context.reply.Integer(has ? 1 : 0);
}

constexpr CommandSpec kSmove = {.name = "smove",
                                .arity = Exactly(4),
                                .group = Group::kSet,
                                .since = "1.0.0",
                                .flags = kWrite | kFast,
                                .acl = kAclSet,
                                .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
                                         OneKey(2, kKeyReadWrite | kKeyInsert)},
                                .part = 3,
                                .syntax = "source destination member",
                                .complexity = "O(1)",
                                .summary = "Moves a member from one set to another."};

bool IsMember(const FoundSet& set, std::string_view member) {
  return set.exists && member.size() <= CompactBlock::kElementBytesMax &&
         set.view.Contains(CompactNeedle(member));
}

void Sismember(CommandContext& context, ArgCursor args) {
  const FoundSet set = ReadSet(context, context.Key(args.Key()));
  if (!set.wrong_type) context.reply.Integer(IsMember(set, args.Next()) ? 1 : 0);
}

constexpr CommandSpec kSismember = {.name = "sismember",
                                    .arity = Exactly(3),
                                    .group = Group::kSet,
                                    .since = "1.0.0",
                                    .flags = kReadonly | kFast,
                                    .acl = kAclSet,
                                    .keys = {OneKey(1, kKeyReadOnly)},
                                    .part = 2,
                                    .syntax = "key member",
                                    .complexity = "O(1)",
                                    .summary = "Tells whether a set has a member."};

void Smismember(CommandContext& context, ArgCursor args) {
  const FoundSet set = ReadSet(context, context.Key(args.Key()));
  if (set.wrong_type) return;
  context.reply.Array(args.remaining());
  for (const std::string_view member : args.Rest()) {
    context.reply.Integer(IsMember(set, member) ? 1 : 0);
  }
}

constexpr CommandSpec kSmismember = {.name = "smismember",
                                     .arity = AtLeast(3),
                                     .group = Group::kSet,
                                     .since = "6.2.0",
                                     .flags = kReadonly | kFast,
                                     .acl = kAclSet,
                                     .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                     .part = 2,
                                     .syntax = "key member [member ...]",
                                     .complexity = "O(1) for each member",
                                     .summary = "Tells of several members whether a set has them."};

void Scard(CommandContext& context, ArgCursor args) {
  const FoundSet set = ReadSet(context, context.Key(args.Key()));
  if (set.wrong_type) return;
  context.reply.Integer(set.exists ? static_cast<int64_t>(set.view.size()) : 0);
}

constexpr CommandSpec kScard = {.name = "scard",
                                .arity = Exactly(2),
                                .group = Group::kSet,
                                .since = "1.0.0",
                                .flags = kReadonly | kFast,
                                .acl = kAclSet,
                                .keys = {OneKey(1, kKeyReadOnly)},
                                .syntax = "key",
                                .complexity = "O(1)",
                                .summary = "Counts the members of a set."};

void Smembers(CommandContext& context, ArgCursor args) {
  const FoundSet set = ReadSet(context, context.Key(args.Key()));
  if (set.wrong_type) return;
  if (!set.exists) return context.reply.Set(0);
  context.reply.Set(set.view.size());
  set.view.ForEach([&](const CompactElement& member) {
    ReplySetMember(context.reply, member);
    return true;
  });
}

constexpr CommandSpec kSmembers = {.name = "smembers",
                                   .arity = Exactly(2),
                                   .group = Group::kSet,
                                   .since = "1.0.0",
                                   .flags = kReadonly,
                                   .acl = kAclSet,
                                   .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                   .syntax = "key",
                                   .complexity = "O(N) with N the members",
                                   .summary = "Answers all members of a set.",
                                   .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

void Sscan(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  auto cursor = ParseScanCursor(args.Next());
  if (!cursor) return context.reply.Error(errors::kInvalidCursor);
  const FoundSet set = ReadSet(context, key);
  if (set.wrong_type) return;
  if (!set.exists) return ReplyEmptyScan(context.reply);
  const ScanOptions options = ParseScanOptions(args, ScanKind::kMembers);
  if (!args.Done(context.reply)) return;
  std::vector<std::string> members;
  int64_t seen = 0;
  do {
    cursor = set.view.Scan(*cursor, [&](const CompactElement& member) {
      ++seen;
      const CompactText text(member);
      if (options.Matches(text.view())) members.emplace_back(text.view());
      return true;
    });
  } while (*cursor != 0 && seen < options.count);
  context.reply.Array(2);
  context.reply.Bulk(DecimalText::Unsigned(*cursor).view());
  context.reply.Array(members.size());
  for (const std::string& member : members) context.reply.Bulk(member);
}

constexpr CommandSpec kSscan = {
    .name = "sscan",
    .arity = AtLeast(3),
    .group = Group::kSet,
    .since = "2.8.0",
    .flags = kReadonly,
    .acl = kAclSet,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key cursor [MATCH pattern] [COUNT count]",
    .complexity = "O(1) for each call, O(N) for a whole walk over N members",
    .summary = "Walks over the members of a set in steps.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterSetMemberCommands(CommandRegistry& registry) {
  registry.Add(kSadd, Sadd);
  registry.Add(kSrem, Srem);
  registry.Add(kSmove, Smove);
  registry.Add(kSismember, Sismember);
  registry.Add(kSmismember, Smismember);
  registry.Add(kScard, Scard);
  registry.Add(kSmembers, Smembers);
  registry.Add(kSscan, Sscan);
}

}  // namespace torc
