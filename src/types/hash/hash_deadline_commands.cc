// HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME, HPERSIST: the
// deadlines of fields, as Redis 7.4 has them.

#include <algorithm>
#include <string>
#include <vector>

#include "command/context.h"
#include "resp/errors.h"
#include "types/hash/hash_access.h"
#include "types/hash/hash_commands.h"
#include "types/hash/hash_fields.h"

namespace torc {
namespace {

// What is answered for each field.
constexpr int64_t kNoField = -2;
constexpr int64_t kNoDeadline = -1;
constexpr int64_t kConditionNotMet = 0;
constexpr int64_t kDeadlineSet = 1;
constexpr int64_t kDeleted = 2;

enum class Condition : uint8_t { kNone, kIfNone, kIfSome, kIfGreater, kIfLess };

Condition TakeCondition(ArgCursor& args) {
  if (args.Take("NX")) return Condition::kIfNone;
  if (args.Take("XX")) return Condition::kIfSome;
  if (args.Take("GT")) return Condition::kIfGreater;
  return args.Take("LT") ? Condition::kIfLess : Condition::kNone;
}

// A field without a deadline lives for ever: any deadline is less than its own.
bool Holds(Condition condition, int64_t old_ms, int64_t deadline_ms) {
  const bool some = old_ms != kUnranked;
  switch (condition) {
    case Condition::kNone:
      return true;
    case Condition::kIfNone:
      return !some;
    case Condition::kIfSome:
      return some;
    case Condition::kIfGreater:
      return some && deadline_ms > old_ms;
    case Condition::kIfLess:
      return !some || deadline_ms < old_ms;
  }
  return true;
}

void ReplyNoFields(CommandContext& context, size_t count) {
  context.reply.Array(count);
  for (size_t i = 0; i < count; ++i) context.reply.Integer(kNoField);
}

// --- Setting deadlines

struct DeadlineOrder {
  int64_t deadline_ms = 0;
  Condition condition = Condition::kNone;
  Argv fields;
};

int64_t Apply(CommandContext& context, const DeadlineOrder& order, std::string_view field,
              HashValue* hash) {
  if (field.size() > CompactBlock::kElementBytesMax) return kNoField;
  const CompactNeedle needle(field);
  const HashView::Field found = hash->view().Find(needle);
  if (!found) return kNoField;
  if (!Holds(order.condition, found.rank(), order.deadline_ms)) return kConditionNotMet;
  if (IsPast(context, order.deadline_ms)) {
    hash->Remove(needle);
    return kDeleted;
  }
  hash->SetDeadline(needle, order.deadline_ms);
  return kDeadlineSet;
}

void SetDeadlines(CommandContext& context, const WritableHash& hash, const DeadlineOrder& order) {
  HashEdit edit(context, hash);
  std::vector<std::string_view> changed;
  std::vector<std::string_view> deleted;
  context.reply.Array(order.fields.size());
  for (const std::string_view field : order.fields) {
    const int64_t result = Apply(context, order, field, &edit.value());
    if (result == kDeadlineSet) changed.push_back(field);
    if (result == kDeleted) deleted.push_back(field);
    context.reply.Integer(result);
  }
  edit.Finish();
  const std::string_view key = hash.key.text;
  if (!changed.empty()) context.Changed(EventClass::kHash, "hexpire", key, changed.size());
  if (!deleted.empty()) context.Changed(EventClass::kHash, "hdel", key, deleted.size());
  edit.NotifyIfRemoved();
  ReplayDeadline(context, key, order.deadline_ms, changed);
  ReplayDelete(context, key, deleted);
}

void ExpireFields(CommandContext& context, ArgCursor args, ExpiryUnit unit) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  DeadlineOrder order;
  order.deadline_ms =
      FieldDeadline(args.Next(), unit, context.now, context.command.spec.name, args);
  order.condition = TakeCondition(args);
  order.fields = TakeFields(args);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!hash.found) return ReplyNoFields(context, order.fields.size());
  SetDeadlines(context, hash, order);
}

constexpr CommandSpec ExpireSpec(std::string_view name, std::string_view syntax,
                                 std::string_view summary) {
  return {.name = name,
          .arity = AtLeast(6),
          .group = Group::kHash,
          .since = "7.4.0",
          .flags = kWrite | kDenyOom | kFast,
          .acl = kAclHash,
          .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
          .syntax = syntax,
          .complexity = "O(1) for each field",
          .summary = summary};
}

void Hexpire(CommandContext& context, ArgCursor args) {
  ExpireFields(context, args, ExpiryUnit::kSecondsFromNow);
}
constexpr CommandSpec kHexpire =
    ExpireSpec("hexpire", "key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
               "Lets fields expire after a number of seconds.");

void Hpexpire(CommandContext& context, ArgCursor args) {
  ExpireFields(context, args, ExpiryUnit::kMsFromNow);
}
constexpr CommandSpec kHpexpire = ExpireSpec(
    "hpexpire", "key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
    "Lets fields expire after a number of milliseconds.");

void Hexpireat(CommandContext& context, ArgCursor args) {
  ExpireFields(context, args, ExpiryUnit::kUnixSeconds);
}
constexpr CommandSpec kHexpireat = ExpireSpec(
    "hexpireat", "key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
    "Lets fields expire at a Unix time in seconds.");

void Hpexpireat(CommandContext& context, ArgCursor args) {
  ExpireFields(context, args, ExpiryUnit::kUnixMs);
}
constexpr CommandSpec kHpexpireat =
    ExpireSpec("hpexpireat",
               "key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
               "Lets fields expire at a Unix time in milliseconds.");

// --- Asking for them

enum class TtlForm : uint8_t { kRemaining, kUnixTime };

void ReplyDeadlines(CommandContext& context, ArgCursor args, TtlForm form, int64_t unit_ms) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  const Argv fields = TakeFields(args, 1, kFieldCountNotPositive);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!hash.exists) return ReplyNoFields(context, fields.size());
  context.reply.Array(fields.size());
  for (const std::string_view name : fields) {
    const HashView::Field field = hash.Find(name);
    int64_t answer = kNoField;
    if (field) answer = field.rank() == kUnranked ? kNoDeadline : field.rank();
    if (answer >= 0) {
      if (form == TtlForm::kRemaining) {
        answer = std::max<int64_t>(answer - context.now.value(), 0);
      }
      answer = (answer + unit_ms - 1) / unit_ms;
    }
    context.reply.Integer(answer);
  }
}

constexpr CommandSpec TtlSpec(std::string_view name, std::string_view summary,
                              std::string_view tips = "") {
  return {.name = name,
          .arity = AtLeast(5),
          .group = Group::kHash,
          .since = "7.4.0",
          .flags = kReadonly | kFast,
          .acl = kAclHash,
          .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
          .syntax = "key FIELDS numfields field [field ...]",
          .complexity = "O(1) for each field",
          .summary = summary,
          .tips = tips};
}

void Httl(CommandContext& context, ArgCursor args) {
  ReplyDeadlines(context, args, TtlForm::kRemaining, 1000);
}
constexpr CommandSpec kHttl =
    TtlSpec("httl", "Answers how many seconds fields have left.", "NONDETERMINISTIC_OUTPUT");

void Hpttl(CommandContext& context, ArgCursor args) {
  ReplyDeadlines(context, args, TtlForm::kRemaining, 1);
}
constexpr CommandSpec kHpttl =
    TtlSpec("hpttl", "Answers how many milliseconds fields have left.", "NONDETERMINISTIC_OUTPUT");

void Hexpiretime(CommandContext& context, ArgCursor args) {
  ReplyDeadlines(context, args, TtlForm::kUnixTime, 1000);
}
constexpr CommandSpec kHexpiretime =
    TtlSpec("hexpiretime", "Answers the Unix time in seconds at which fields expire.");

void Hpexpiretime(CommandContext& context, ArgCursor args) {
  ReplyDeadlines(context, args, TtlForm::kUnixTime, 1);
}
constexpr CommandSpec kHpexpiretime =
    TtlSpec("hpexpiretime", "Answers the Unix time in milliseconds at which fields expire.");

// --- Taking them away

void Hpersist(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  const Argv fields = TakeFields(args, 1, kFieldCountNotPositive);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!hash.found) return ReplyNoFields(context, fields.size());
  HashEdit edit(context, hash);
  uint64_t changed = 0;
  context.reply.Array(fields.size());
  for (const std::string_view name : fields) {
    if (name.size() > CompactBlock::kElementBytesMax) {
      context.reply.Integer(kNoField);
      continue;
    }
    const CompactNeedle needle(name);
    const HashView::Field field = edit.value().view().Find(needle);
    if (!field || field.rank() == kUnranked) {
      context.reply.Integer(field ? kNoDeadline : kNoField);
      continue;
    }
    edit.value().SetDeadline(needle, kUnranked);
    ++changed;
    context.reply.Integer(kDeadlineSet);
  }
  edit.Finish();
  if (changed > 0) context.Changed(EventClass::kHash, "hpersist", key.text, changed);
}

constexpr CommandSpec kHpersist = {.name = "hpersist",
                                   .arity = AtLeast(5),
                                   .group = Group::kHash,
                                   .since = "7.4.0",
                                   .flags = kWrite | kFast,
                                   .acl = kAclHash,
                                   .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                                   .syntax = "key FIELDS numfields field [field ...]",
                                   .complexity = "O(1) for each field",
                                   .summary = "Removes the deadlines of fields."};

}  // namespace

void RegisterHashDeadlineCommands(CommandRegistry& registry) {
  registry.Add(kHexpire, Hexpire);
  registry.Add(kHpexpire, Hpexpire);
  registry.Add(kHexpireat, Hexpireat);
  registry.Add(kHpexpireat, Hpexpireat);
  registry.Add(kHttl, Httl);
  registry.Add(kHpttl, Hpttl);
  registry.Add(kHexpiretime, Hexpiretime);
  registry.Add(kHpexpiretime, Hpexpiretime);
  registry.Add(kHpersist, Hpersist);
}

}  // namespace torc
