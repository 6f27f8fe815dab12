// EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST.

#include <algorithm>
#include <optional>
#include <string>

#include "command/context.h"
#include "command/expiry_args.h"
#include "features/keys/key_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

struct ExpireConditions {
  bool if_none = false;     // NX
  bool if_some = false;     // XX
  bool if_greater = false;  // GT
  bool if_less = false;     // LT
};

// Reads EXPIRE's conditions; replies and answers nothing if they do not go together.
std::optional<ExpireConditions> ParseConditions(CommandContext& context, ArgCursor& args) {
  ExpireConditions out;
  while (!args.AtEnd()) {
    if (args.Take("NX")) {
      out.if_none = true;
    } else if (args.Take("XX")) {
      out.if_some = true;
    } else if (args.Take("GT")) {
      out.if_greater = true;
    } else if (args.Take("LT")) {
      out.if_less = true;
    } else {
      context.reply.Error("ERR Unsupported option " + std::string(errors::ShownText(args.Next())));
      return std::nullopt;
    }
  }
  if (out.if_none && (out.if_some || out.if_greater || out.if_less)) {
    context.reply.Error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return std::nullopt;
  }
  if (out.if_greater && out.if_less) {
    context.reply.Error("ERR GT and LT options at the same time are not compatible");
    return std::nullopt;
  }
  return out;
}

// A key without expiry lives for ever: any deadline is less than its own.
bool ConditionsHold(const ExpireConditions& conditions, const Entry& entry, int64_t deadline_ms) {
  const bool some = entry.has_expiry();
  if (conditions.if_none && some) return false;
  if (conditions.if_some && !some) return false;
  if (conditions.if_greater && (!some || deadline_ms <= entry.expiry_ms())) return false;
  if (conditions.if_less && some && deadline_ms >= entry.expiry_ms()) return false;
  return true;
}

void ExpireAtOnce(CommandContext& context, const KeyRef& key, Keyspace::Found found) {
  context.Owner(key).Remove(context.session.db, key, found);
  context.Changed(EventClass::kGeneric, "del", key.text);
  if (context.recording()) context.Replay({"DEL", std::string(key.text)});
}

void ExpireKey(CommandContext& context, ArgCursor args, ExpiryUnit unit) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view time = args.Next();
  const auto conditions = ParseConditions(context, args);
  if (!conditions) return;
  const auto value = ParseInt64(time);
  if (!value) return context.reply.Error(errors::kNotInteger);
  const auto deadline_ms = DeadlineFrom(*value, unit, context.now);
  if (!deadline_ms) {
    return context.reply.Error(errors::InvalidExpireTime(context.command.spec.name));
  }
  const Keyspace::Found found = context.Write(key);
  if (!found || !ConditionsHold(*conditions, *found.entry, *deadline_ms)) {
    return context.reply.Integer(0);
  }
  if (*deadline_ms <= context.now.value()) {
    ExpireAtOnce(context, key, found);
  } else {
    context.Owner(key).SetExpiry(context.session.db, key, found, *deadline_ms);
    context.Changed(EventClass::kGeneric, "expire", key.text);
    if (context.recording()) {
      context.Replay({"PEXPIREAT", std::string(key.text), std::to_string(*deadline_ms)});
    }
  }
  context.reply.Integer(1);
}

void Expire(CommandContext& context, ArgCursor args) {
  ExpireKey(context, args, ExpiryUnit::kSecondsFromNow);
}
void Pexpire(CommandContext& context, ArgCursor args) {
  ExpireKey(context, args, ExpiryUnit::kMsFromNow);
}
void Expireat(CommandContext& context, ArgCursor args) {
  ExpireKey(context, args, ExpiryUnit::kUnixSeconds);
}
void Pexpireat(CommandContext& context, ArgCursor args) {
  ExpireKey(context, args, ExpiryUnit::kUnixMs);
}

constexpr CommandSpec ExpireSpec(std::string_view name, std::string_view since,
                                 std::string_view syntax, std::string_view summary) {
  return {.name = name,
          .arity = AtLeast(3),
          .group = Group::kGeneric,
          .since = since,
          .flags = kWrite | kFast,
          .acl = kAclKeyspace,
          .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
          .syntax = syntax,
          .complexity = "O(1)",
          .summary = summary};
}
constexpr CommandSpec kExpire = ExpireSpec("expire", "1.0.0", "key seconds [NX | XX | GT | LT]",
                                           "Lets a key expire after a number of seconds.");
constexpr CommandSpec kPexpire =
    ExpireSpec("pexpire", "2.6.0", "key milliseconds [NX | XX | GT | LT]",
               "Lets a key expire after a number of milliseconds.");
constexpr CommandSpec kExpireat =
    ExpireSpec("expireat", "1.2.0", "key unix-time-seconds [NX | XX | GT | LT]",
               "Lets a key expire at a Unix time in seconds.");
constexpr CommandSpec kPexpireat =
    ExpireSpec("pexpireat", "2.6.0", "key unix-time-milliseconds [NX | XX | GT | LT]",
               "Lets a key expire at a Unix time in milliseconds.");

enum class TtlForm : uint8_t { kRemaining, kUnixTime };

void ReplyTtl(CommandContext& context, ArgCursor args, TtlForm form, int64_t unit_ms) {
  const Entry* entry = context.Read(context.Key(args.Key()), CommandContext::Touch::kNo);
  if (entry == nullptr) return context.reply.Integer(-2);
  if (!entry->has_expiry()) return context.reply.Integer(-1);
  int64_t ms = entry->expiry_ms();
  if (form == TtlForm::kRemaining) ms = std::max<int64_t>(ms - context.now.value(), 0);
  // Rounded to the nearest unit, without overflow for a deadline at the end of time.
  context.reply.Integer(ms / unit_ms + (ms % unit_ms * 2 + 1) / (unit_ms + 1));
}

void Ttl(CommandContext& context, ArgCursor args) {
  ReplyTtl(context, args, TtlForm::kRemaining, 1000);
}
void Pttl(CommandContext& context, ArgCursor args) {
  ReplyTtl(context, args, TtlForm::kRemaining, 1);
}
void Expiretime(CommandContext& context, ArgCursor args) {
  ReplyTtl(context, args, TtlForm::kUnixTime, 1000);
}
void Pexpiretime(CommandContext& context, ArgCursor args) {
  ReplyTtl(context, args, TtlForm::kUnixTime, 1);
}

constexpr CommandSpec TtlSpec(std::string_view name, std::string_view since,
                              std::string_view summary, std::string_view tips = "") {
  return {.name = name,
          .arity = Exactly(2),
          .group = Group::kGeneric,
          .since = since,
          .flags = kReadonly | kFast,
          .acl = kAclKeyspace,
          .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
          .syntax = "key",
          .complexity = "O(1)",
          .summary = summary,
          .tips = tips};
}
constexpr CommandSpec kTtl =
    TtlSpec("ttl", "1.0.0", "Answers how many seconds a key has left.", "NONDETERMINISTIC_OUTPUT");
constexpr CommandSpec kPttl = TtlSpec(
    "pttl", "2.6.0", "Answers how many milliseconds a key has left.", "NONDETERMINISTIC_OUTPUT");
constexpr CommandSpec kExpiretime =
    TtlSpec("expiretime", "7.0.0", "Answers the Unix time in seconds at which a key expires.");
constexpr CommandSpec kPexpiretime = TtlSpec(
    "pexpiretime", "7.0.0", "Answers the Unix time in milliseconds at which a key expires.");

void Persist(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Keyspace::Found found = context.Write(key);
  if (!found || !found.entry->has_expiry()) return context.reply.Integer(0);
  context.Owner(key).SetExpiry(context.session.db, key, found, Entry::kNoExpiry);
  context.Changed(EventClass::kGeneric, "persist", key.text);
  context.reply.Integer(1);
}

constexpr CommandSpec kPersist = {.name = "persist",
                                  .arity = Exactly(2),
                                  .group = Group::kGeneric,
                                  .since = "2.2.0",
                                  .flags = kWrite | kFast,
                                  .acl = kAclKeyspace,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                                  .syntax = "key",
                                  .complexity = "O(1)",
                                  .summary = "Removes the deadline of a key."};

}  // namespace

void RegisterKeyExpiryCommands(CommandRegistry& registry) {
  registry.Add(kExpire, Expire);
  registry.Add(kPexpire, Pexpire);
  registry.Add(kExpireat, Expireat);
  registry.Add(kPexpireat, Pexpireat);
  registry.Add(kTtl, Ttl);
  registry.Add(kPttl, Pttl);
  registry.Add(kExpiretime, Expiretime);
  registry.Add(kPexpiretime, Pexpiretime);
  registry.Add(kPersist, Persist);
}

}  // namespace torc
