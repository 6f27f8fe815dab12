// HSET, HMSET, HSETNX, HDEL, HINCRBY, HINCRBYFLOAT.

#include <cmath>
#include <string>

#include "command/context.h"
#include "resp/errors.h"
#include "types/hash/hash_access.h"
#include "types/hash/hash_commands.h"

namespace torc {
namespace {

// Sets all pairs; returns how many fields are new, or nothing after an error.
std::optional<uint64_t> SetPairs(CommandContext& context, ArgCursor& args) {
  const KeyRef key = context.Key(args.Key());
  const Argv pairs = args.Rest();
  if (pairs.size() % 2 != 0) {
    context.reply.Error(errors::WrongArgumentCount(context.command.full_name));
    return std::nullopt;
  }
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type || !CheckHashWords(context, pairs)) return std::nullopt;
  HashEdit edit(context, hash);
  edit.value().PrepareFor(pairs.size() / 2, edit.limits());
  uint64_t created = 0;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    created +=
        edit.value().Set(CompactNeedle(pairs[i]), CompactNeedle(pairs[i + 1]), edit.limits());
  }
  edit.Finish();
  context.Changed(EventClass::kHash, "hset", key.text, pairs.size() / 2);
  return created;
}

void Hset(CommandContext& context, ArgCursor args) {
  const auto created = SetPairs(context, args);
  if (created) context.reply.Integer(static_cast<int64_t>(*created));
}

constexpr CommandSpec kHset = {.name = "hset",
                               .arity = AtLeast(4),
                               .group = Group::kHash,
                               .since = "2.0.0",
                               .flags = kWrite | kDenyOom | kFast,
                               .acl = kAclHash,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                               .part = 2,
                               .syntax = "key field value [field value ...]",
                               .complexity = "O(1) for each pair",
                               .summary = "Sets fields of a hash and counts the new ones."};

void Hmset(CommandContext& context, ArgCursor args) {
  if (SetPairs(context, args)) context.reply.Ok();
}

constexpr CommandSpec kHmset = {.name = "hmset",
                                .arity = AtLeast(4),
                                .group = Group::kHash,
                                .since = "2.0.0",
                                .flags = kWrite | kDenyOom | kFast,
                                .acl = kAclHash,
                                .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                                .part = 2,
                                .syntax = "key field value [field value ...]",
                                .complexity = "O(1) for each pair",
                                .summary = "Sets fields of a hash.",
                                .deprecated_since = "4.0.0",
                                .replaced_by = "`HSET` with multiple field-value pairs"};

void Hsetnx(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Argv pair = args.Rest();
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type || !CheckHashWords(context, pair)) return;
  const CompactNeedle field(pair[0]);
  if (hash.view().Find(field)) return context.reply.Integer(0);
  HashEdit edit(context, hash);
  edit.value().Set(field, CompactNeedle(pair[1]), edit.limits());
  edit.Finish();
  context.Changed(EventClass::kHash, "hset", key.text);
  context.reply.Integer(1);
}

constexpr CommandSpec kHsetnx = {.name = "hsetnx",
                                 .arity = Exactly(4),
                                 .group = Group::kHash,
                                 .since = "2.0.0",
                                 .flags = kWrite | kDenyOom | kFast,
                                 .acl = kAclHash,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                                 .part = 2,
                                 .syntax = "key field value",
                                 .complexity = "O(1)",
                                 .summary = "Sets a field of a hash that does not exist yet."};

void Hdel(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  if (!hash.found) return context.reply.Integer(0);
  HashEdit edit(context, hash);
  uint64_t removed = 0;
  for (const std::string_view field : args.Rest()) {
    if (field.size() > CompactBlock::kElementBytesMax) continue;
    removed += edit.value().Remove(CompactNeedle(field));
    if (edit.value().size() == 0) break;
  }
  edit.Finish();
  if (removed > 0) context.Changed(EventClass::kHash, "hdel", key.text, removed);
  edit.NotifyIfRemoved();
  context.reply.Integer(static_cast<int64_t>(removed));
}

constexpr CommandSpec kHdel = {.name = "hdel",
                               .arity = AtLeast(3),
                               .group = Group::kHash,
                               .since = "2.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclHash,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                               .part = 2,
                               .syntax = "key field [field ...]",
                               .complexity = "O(1) for each field",
                               .summary = "Removes fields of a hash."};

// --- Fields as numbers

void Hincrby(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view field_text = args.Next();
  const int64_t increment = args.Integer();
  if (!args.Done(context.reply)) return;
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type || !CheckHashWords(context, {&field_text, 1})) return;
  const CompactNeedle field(field_text);
  int64_t value = 0;
  if (const HashView::Field old = hash.view().Find(field)) {
    const CompactElement element = old.value();
    if (!element.is_integer) return context.reply.Error("ERR hash value is not an integer");
    value = element.integer;
  }
  if (__builtin_add_overflow(value, increment, &value)) {
    return context.reply.Error(errors::kIncrementOverflow);
  }
  HashEdit edit(context, hash);
  edit.value().Set(field, CompactNeedle(value), edit.limits(), HashValue::Deadline::kKeep);
  edit.Finish();
  context.Changed(EventClass::kHash, "hincrby", key.text);
  context.reply.Integer(value);
}

constexpr CommandSpec kHincrby = {
    .name = "hincrby",
    .arity = Exactly(4),
    .group = Group::kHash,
    .since = "2.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclHash,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .part = 2,
    .syntax = "key field increment",
    .complexity = "O(1)",
    .summary = "Adds a number to a field that is an integer; a missing one counts as 0."};

// The sum is replayed, not the addition: another machine's long double may round otherwise.
void ReplaySum(CommandContext& context, std::string_view key, std::string_view field,
               const std::string& sum, bool has_deadline) {
  if (!context.recording()) return;
  if (has_deadline) {
    context.Replay({"HSETEX", std::string(key), "KEEPTTL", "FIELDS", "1", std::string(field), sum});
  } else {
    context.Replay({"HSET", std::string(key), std::string(field), sum});
  }
}

void Hincrbyfloat(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view field_text = args.Next();
  const auto increment = ParseLongDouble(args.Next());
  if (!increment) return context.reply.Error(errors::kNotFloat);
  if (std::isinf(*increment)) return context.reply.Error("ERR value is NaN or Infinity");
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type || !CheckHashWords(context, {&field_text, 1})) return;
  const CompactNeedle field(field_text);
  long double value = 0;
  bool has_deadline = false;
  if (const HashView::Field old = hash.view().Find(field)) {
    const auto number = ParseLongDouble(CompactText(old.value()).view());
    if (!number) return context.reply.Error("ERR hash value is not a float");
    value = *number;
    has_deadline = old.rank() != kUnranked;
  }
  value += *increment;
  if (std::isnan(value) || std::isinf(value)) {
    return context.reply.Error(errors::kIncrementNotFinite);
  }
  const std::string sum = FormatLongDouble(value);
  HashEdit edit(context, hash);
  edit.value().Set(field, CompactNeedle(sum), edit.limits(), HashValue::Deadline::kKeep);
  edit.Finish();
  context.Changed(EventClass::kHash, "hincrbyfloat", key.text);
  ReplaySum(context, key.text, field_text, sum, has_deadline);
  context.reply.Bulk(sum);
}

constexpr CommandSpec kHincrbyfloat = {
    .name = "hincrbyfloat",
    .arity = Exactly(4),
    .group = Group::kHash,
    .since = "2.6.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclHash,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .part = 2,
    .syntax = "key field increment",
    .complexity = "O(1)",
    .summary = "Adds a number with decimals to a field; a missing one counts as 0."};

}  // namespace

void RegisterHashWriteCommands(CommandRegistry& registry) {
  registry.Add(kHset, Hset);
  registry.Add(kHmset, Hmset);
  registry.Add(kHsetnx, Hsetnx);
  registry.Add(kHdel, Hdel);
  registry.Add(kHincrby, Hincrby);
  registry.Add(kHincrbyfloat, Hincrbyfloat);
}

}  // namespace torc
