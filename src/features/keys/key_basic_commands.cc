// DEL, UNLINK, EXISTS, TOUCH, TYPE, OBJECT: commands on keys of any type.

#include <string>

#include "command/context.h"
#include "features/keys/key_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

using Touch = CommandContext::Touch;

void Del(CommandContext& context, ArgCursor args) {
  int64_t removed = 0;
  for (const std::string_view text : args.Rest()) {
    const KeyRef key = context.Key(text);
    const Keyspace::Found found = context.Find(key);
    if (!found) continue;
    context.Owner(key).Remove(context.session.db, key, found);
    context.Changed(EventClass::kGeneric, "del", text);
    ++removed;
  }
  context.reply.Integer(removed);
}

constexpr CommandSpec kDel = {
    .name = "del",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "1.0.0",
    .flags = kWrite,
    .acl = kAclKeyspace,
    .keys = {KeyRange(1, -1, 1, kKeyRemove | kKeyDelete)},
    .syntax = "key [key ...]",
    .complexity = "O(N) with N the number of keys, plus the elements of what they hold",
    .summary = "Deletes keys.",
    .tips = "REQUEST_POLICY:MULTI_SHARD,RESPONSE_POLICY:AGG_SUM"};

constexpr CommandSpec kUnlink = {
    .name = "unlink",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "4.0.0",
    .flags = kWrite | kFast,
    .acl = kAclKeyspace,
    .keys = {KeyRange(1, -1, 1, kKeyRemove | kKeyDelete)},
    .syntax = "key [key ...]",
    .complexity = "O(1) for each key; memory is freed afterwards",
    .summary = "Deletes keys and frees large values in the background.",
    .tips = "REQUEST_POLICY:MULTI_SHARD,RESPONSE_POLICY:AGG_SUM"};

void CountPresent(CommandContext& context, ArgCursor args, Touch touch) {
  int64_t present = 0;
  for (const std::string_view key : args.Rest()) {
    if (context.Read(context.Key(key), touch) != nullptr) ++present;
  }
  context.reply.Integer(present);
}

void Exists(CommandContext& context, ArgCursor args) {
  CountPresent(context, args, Touch::kNo);
}

constexpr CommandSpec kExists = {.name = "exists",
                                 .arity = AtLeast(2),
                                 .group = Group::kGeneric,
                                 .since = "1.0.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclKeyspace,
                                 .keys = {KeyRange(1, -1, 1, kKeyReadOnly)},
                                 .syntax = "key [key ...]",
                                 .complexity = "O(N) with N the number of keys",
                                 .summary = "Counts how many of the given keys exist.",
                                 .tips = "REQUEST_POLICY:MULTI_SHARD,RESPONSE_POLICY:AGG_SUM"};

void TouchKeys(CommandContext& context, ArgCursor args) {
  CountPresent(context, args, Touch::kAlways);
}

constexpr CommandSpec kTouch = {.name = "touch",
                                .arity = AtLeast(2),
                                .group = Group::kGeneric,
                                .since = "3.2.1",
                                .flags = kReadonly | kFast,
                                .acl = kAclKeyspace,
                                .keys = {KeyRange(1, -1, 1, kKeyReadOnly)},
                                .syntax = "key [key ...]",
                                .complexity = "O(N) with N the number of keys",
                                .summary = "Marks keys as used now and counts those that exist.",
                                .tips = "REQUEST_POLICY:MULTI_SHARD,RESPONSE_POLICY:AGG_SUM"};

void Type(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = context.Read(key, Touch::kNo);
  context.reply.SimpleString(entry == nullptr ? "none" : context.Owner(key).ops(*entry).name);
}

constexpr CommandSpec kType = {.name = "type",
                               .arity = Exactly(2),
                               .group = Group::kGeneric,
                               .since = "1.0.0",
                               .flags = kReadonly | kFast,
                               .acl = kAclKeyspace,
                               .keys = {OneKey(1, kKeyReadOnly)},
                               .syntax = "key",
                               .complexity = "O(1)",
                               .summary = "Answers the type of what a key holds."};

constexpr CommandSpec kObject = {
    .name = "object",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "2.2.3",
    .help_since = "6.2.0",
    .complexity = "Depends on the subcommand",
    .summary = "A container for commands that look at how a value is kept."};

// The entry behind OBJECT's key; a missing one answers null, and nobody hears of a miss.
const Entry* ObjectEntry(CommandContext& context, const KeyRef& key) {
  const Entry* const entry = context.Find(key).entry;
  KeyspaceStats& stats = context.Owner(key).stats();
  ++(entry == nullptr ? stats.misses : stats.hits);
  if (entry == nullptr) context.reply.Null();
  return entry;
}

void ObjectEncoding(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = ObjectEntry(context, key);
  if (entry != nullptr) context.reply.Bulk(context.Owner(key).ops(*entry).encoding(*entry));
}

constexpr CommandSpec kObjectEncoding = {.name = "encoding",
                                         .parent = "object",
                                         .arity = Exactly(3),
                                         .group = Group::kGeneric,
                                         .since = "2.2.3",
                                         .flags = kReadonly,
                                         .acl = kAclKeyspace,
                                         .keys = {OneKey(2, kKeyReadOnly)},
                                         .syntax = "key",
                                         .complexity = "O(1)",
                                         .summary = "Answers the encoding of a value.",
                                         .tips = "NONDETERMINISTIC_OUTPUT"};

void ObjectRefcount(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = ObjectEntry(context, key);
  if (entry != nullptr) {
    context.reply.Integer(context.Owner(key).ops(*entry).reference_count(*entry));
  }
}

constexpr CommandSpec kObjectRefcount = {.name = "refcount",
                                         .parent = "object",
                                         .arity = Exactly(3),
                                         .group = Group::kGeneric,
                                         .since = "2.2.3",
                                         .flags = kReadonly,
                                         .acl = kAclKeyspace,
                                         .keys = {OneKey(2, kKeyReadOnly)},
                                         .syntax = "key",
                                         .complexity = "O(1)",
                                         .summary = "Answers how often a value is referred to.",
                                         .tips = "NONDETERMINISTIC_OUTPUT"};

void ObjectIdletime(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = ObjectEntry(context, key);
  if (entry == nullptr) return;
  AccessClock& clock = context.Owner(key).access_clock();
  if (clock.kind() == ClockKind::kLfu || clock.kind() == ClockKind::kS3Fifo) {
    return context.reply.Error(errors::kLfuSelected);
  }
  context.reply.Integer(clock.IdleMs(*entry) / 1000);
}

constexpr CommandSpec kObjectIdletime = {
    .name = "idletime",
    .parent = "object",
    .arity = Exactly(3),
    .group = Group::kGeneric,
    .since = "2.2.3",
    .flags = kReadonly,
    .acl = kAclKeyspace,
    .keys = {OneKey(2, kKeyReadOnly)},
    .syntax = "key",
    .complexity = "O(1)",
    .summary = "Answers for how many seconds a key was not used.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

void ObjectFreq(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = ObjectEntry(context, key);
  if (entry == nullptr) return;
  AccessClock& clock = context.Owner(key).access_clock();
  if (clock.kind() != ClockKind::kLfu) {
    return context.reply.Error(errors::kLfuNotSelected);
  }
  context.reply.Integer(clock.DecayedCount(*entry));
}

constexpr CommandSpec kObjectFreq = {.name = "freq",
                                     .parent = "object",
                                     .arity = Exactly(3),
                                     .group = Group::kGeneric,
                                     .since = "4.0.0",
                                     .flags = kReadonly,
                                     .acl = kAclKeyspace,
                                     .keys = {OneKey(2, kKeyReadOnly)},
                                     .syntax = "key",
                                     .complexity = "O(1)",
                                     .summary = "Answers the logarithmic count of a key's uses.",
                                     .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterKeyBasicCommands(CommandRegistry& registry) {
  registry.Add(kDel, Del);
  registry.Add(kUnlink, Del);
  registry.Add(kExists, Exists);
  registry.Add(kTouch, TouchKeys);
  registry.Add(kType, Type);
  registry.Add(kObject, nullptr);
  registry.Add(kObjectEncoding, ObjectEncoding);
  registry.Add(kObjectRefcount, ObjectRefcount);
  registry.Add(kObjectIdletime, ObjectIdletime);
  registry.Add(kObjectFreq, ObjectFreq);
}

}  // namespace torc
