// INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT: strings as numbers.

#include <cmath>
#include <limits>
#include <string>

#include "command/context.h"
#include "resp/errors.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"

namespace torc {
namespace {

void IncrementBy(CommandContext& context, const KeyRef& key, int64_t increment) {
  const WritableString string = WriteString(context, key);
  if (string.wrong_type) return;
  int64_t value = 0;
  if (string.entry() != nullptr) {
    const auto old = IntegerOf(*string.entry());
    if (!old) return context.reply.Error(errors::kNotInteger);
    value = *old;
  }
  if (__builtin_add_overflow(value, increment, &value)) {
    return context.reply.Error(errors::kIncrementOverflow);
  }
  SetInteger(string.place, value, string.expiry_ms());
  context.Changed(EventClass::kString, "incrby", key.text);
  context.reply.Integer(value);
}

void Incr(CommandContext& context, ArgCursor args) {
  IncrementBy(context, context.Key(args.Key()), 1);
}

constexpr CommandSpec kIncr = {.name = "incr",
                               .arity = Exactly(2),
                               .group = Group::kString,
                               .since = "1.0.0",
                               .flags = kWrite | kDenyOom | kFast,
                               .acl = kAclString,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                               .syntax = "key",
                               .complexity = "O(1)",
                               .summary = "Adds one to an integer; a missing key counts as 0."};

void Decr(CommandContext& context, ArgCursor args) {
  IncrementBy(context, context.Key(args.Key()), -1);
}

constexpr CommandSpec kDecr = {.name = "decr",
                               .arity = Exactly(2),
                               .group = Group::kString,
                               .since = "1.0.0",
                               .flags = kWrite | kDenyOom | kFast,
                               .acl = kAclString,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                               .syntax = "key",
                               .complexity = "O(1)",
                               .summary = "Takes one from an integer; a missing key counts as 0."};

void Incrby(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t increment = args.Integer();
  if (args.Done(context.reply)) IncrementBy(context, key, increment);
}

constexpr CommandSpec kIncrby = {
    .name = "incrby",
    .arity = Exactly(3),
    .group = Group::kString,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .syntax = "key increment",
    .complexity = "O(1)",
    .summary = "Adds a number to an integer; a missing key counts as 0."};

void Decrby(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t decrement = args.Integer();
  if (!args.Done(context.reply)) return;
  if (decrement == std::numeric_limits<int64_t>::min()) {
    return context.reply.Error(errors::kDecrementOverflow);
  }
  IncrementBy(context, key, -decrement);
}

constexpr CommandSpec kDecrby = {
    .name = "decrby",
    .arity = Exactly(3),
    .group = Group::kString,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .syntax = "key decrement",
    .complexity = "O(1)",
    .summary = "Takes a number from an integer; a missing key counts as 0."};

void Incrbyfloat(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view increment_text = args.Next();
  const WritableString string = WriteString(context, key);
  if (string.wrong_type) return;
  long double value = 0;
  if (string.entry() != nullptr) {
    const auto old = ParseLongDouble(StringView(*string.entry()).text());
    if (!old) return context.reply.Error(errors::kNotFloat);
    value = *old;
  }
  const auto increment = ParseLongDouble(increment_text);
  if (!increment) return context.reply.Error(errors::kNotFloat);
  value += *increment;
  if (std::isnan(value) || std::isinf(value)) {
    return context.reply.Error(errors::kIncrementNotFinite);
  }
  const std::string text = FormatLongDouble(value);
  const int64_t expiry_ms = string.expiry_ms();
  SetString(string.place, text, expiry_ms, StringForm::kText);
  context.Changed(EventClass::kString, "incrbyfloat", key.text);
  // The sum is replayed, not the addition: another machine's long double may round otherwise.
  if (context.recording()) {
    context.Replay({"SET", std::string(key.text), text, "KEEPTTL"});
  }
  context.reply.Bulk(text);
}

constexpr CommandSpec kIncrbyfloat = {
    .name = "incrbyfloat",
    .arity = Exactly(3),
    .group = Group::kString,
    .since = "2.6.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .syntax = "key increment",
    .complexity = "O(1)",
    .summary = "Adds a number with decimals to a number; a missing key counts as 0."};

}  // namespace

void RegisterStringNumberCommands(CommandRegistry& registry) {
  registry.Add(kIncr, Incr);
  registry.Add(kDecr, Decr);
  registry.Add(kIncrby, Incrby);
  registry.Add(kDecrby, Decrby);
  registry.Add(kIncrbyfloat, Incrbyfloat);
}

}  // namespace torc
