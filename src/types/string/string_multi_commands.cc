// MSET, MSETNX, MSETEX: several strings at once, all or nothing.

#include <optional>
#include <string>

#include "command/context.h"
#include "command/expiry_args.h"
#include "resp/errors.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"

namespace torc {
namespace {

bool AnyExists(CommandContext& context, Argv pairs) {
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (context.Find(context.Key(pairs[i]))) return true;
  }
  return false;
}

void StoreOne(CommandContext& context, std::string_view key_text, std::string_view value,
              int64_t expiry_ms) {
  const KeyRef key = context.Key(key_text);
  SetString({&context.Owner(key), context.session.db, key, context.Find(key)}, value, expiry_ms);
  context.Changed(EventClass::kString, "set", key.text);
}

void StorePairs(CommandContext& context, Argv pairs) {
  for (size_t i = 0; i < pairs.size(); i += 2) {
    StoreOne(context, pairs[i], pairs[i + 1], Entry::kNoExpiry);
  }
}

void Mset(CommandContext& context, ArgCursor args) {
  const Argv pairs = args.Rest();
  if (pairs.size() % 2 != 0) return context.reply.Error(errors::WrongArgumentCount("mset"));
  StorePairs(context, pairs);
  context.reply.Ok();
}

constexpr CommandSpec kMset = {.name = "mset",
                               .arity = AtLeast(3),
                               .group = Group::kString,
                               .since = "1.0.1",
                               .flags = kWrite | kDenyOom,
                               .acl = kAclString,
                               .keys = {KeyRange(1, -1, 2, kKeyOverwrite | kKeyUpdate)},
                               .syntax = "key value [key value ...]",
                               .complexity = "O(N) with N the number of keys",
                               .summary = "Stores several strings at once.",
                               .tips = "REQUEST_POLICY:MULTI_SHARD,RESPONSE_POLICY:ALL_SUCCEEDED"};

void Msetnx(CommandContext& context, ArgCursor args) {
  const Argv pairs = args.Rest();
  if (pairs.size() % 2 != 0) return context.reply.Error(errors::WrongArgumentCount("msetnx"));
  if (AnyExists(context, pairs)) return context.reply.Integer(0);
  StorePairs(context, pairs);
  context.reply.Integer(1);
}

constexpr CommandSpec kMsetnx = {
    .name = "msetnx",
    .arity = AtLeast(3),
    .group = Group::kString,
    .since = "1.0.1",
    .flags = kWrite | kDenyOom,
    .acl = kAclString,
    .keys = {KeyRange(1, -1, 2, kKeyOverwrite | kKeyInsert)},
    .syntax = "key value [key value ...]",
    .complexity = "O(N) with N the number of keys",
    .summary = "Stores several strings at once if none of the keys exists."};

struct MsetexOptions {
  enum class Condition : uint8_t { kAlways, kNoneExists, kAllExist };
  Condition condition = Condition::kAlways;
  bool keep_ttl = false;
  std::optional<ExpiryArg> expiry;
};

MsetexOptions ParseMsetexOptions(ArgCursor& args) {
  using Condition = MsetexOptions::Condition;
  MsetexOptions options;
  while (!args.AtEnd() && args.ok()) {
    const Condition before = options.condition;
    if (args.Take("NX")) {
      options.condition = Condition::kNoneExists;
    } else if (args.Take("XX")) {
      options.condition = Condition::kAllExist;
    } else if (args.Take("KEEPTTL")) {
      if (options.expiry) args.FailSyntax();
      options.keep_ttl = true;
    } else if (const auto expiry = TakeExpiry(args)) {
      if (options.expiry || options.keep_ttl) args.FailSyntax();
      options.expiry = expiry;
    } else {
      args.FailSyntax();
    }
    if (before != Condition::kAlways && before != options.condition) args.FailSyntax();
  }
  return options;
}

bool MsetexConditionHolds(CommandContext& context, const MsetexOptions& options, Argv pairs) {
  using Condition = MsetexOptions::Condition;
  if (options.condition == Condition::kNoneExists) return !AnyExists(context, pairs);
  if (options.condition == Condition::kAllExist) {
    for (size_t i = 0; i < pairs.size(); i += 2) {
      if (!context.Find(context.Key(pairs[i]))) return false;
    }
  }
  return true;
}

void Msetex(CommandContext& context, ArgCursor args) {
  const int64_t key_count = args.Integer();
  if (!args.ok() || key_count <= 0) {
    return context.reply.Error("ERR invalid numkeys value");
  }
  if (static_cast<uint64_t>(key_count) > args.remaining() / 2) {
    return context.reply.Error("ERR wrong number of key-value pairs");
  }
  const size_t pair_args = static_cast<size_t>(key_count) * 2;
  const Argv pairs = context.argv.subspan(2, pair_args);
  ArgCursor rest(context.argv, 2 + pair_args);
  const MsetexOptions options = ParseMsetexOptions(rest);
  int64_t expiry_ms = Entry::kNoExpiry;
  if (options.expiry && rest.ok()) {
    expiry_ms = DeadlineMs(*options.expiry, context.now, "msetex", rest);
  }
  if (!rest.Done(context.reply)) return;
  if (!MsetexConditionHolds(context, options, pairs)) return context.reply.Integer(0);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    int64_t key_expiry_ms = expiry_ms;
    if (options.keep_ttl) {
      const Keyspace::Found found = context.Find(context.Key(pairs[i]));
      if (found) key_expiry_ms = found.entry->expiry_ms();
    }
    StoreOne(context, pairs[i], pairs[i + 1], key_expiry_ms);
    if (!context.recording()) continue;
    ReplayForm form{"SET", std::string(pairs[i]), std::string(pairs[i + 1])};
    if (key_expiry_ms != Entry::kNoExpiry) {
      form.insert(form.end(), {"PXAT", std::to_string(key_expiry_ms)});
    }
    context.Replay(std::move(form));
  }
  context.reply.Integer(1);
}

constexpr CommandSpec kMsetex = {
    .name = "msetex",
    .arity = AtLeast(4),
    .group = Group::kString,
    .since = "9.0.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclString,
    .keys = {KeySpec{.begin = KeySpec::Begin::kIndex,
                     .find = KeySpec::Find::kKeyNum,
                     .use = kKeyOverwrite | kKeyUpdate,
                     .index = 1,
                     .step = 2,
                     .key_count_at = 0,
                     .first_key_at = 1}},
    .syntax =
        "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | "
        "EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
    .complexity = "O(N) with N the number of keys",
    .summary = "Stores several strings at once with one condition and one time to live."};

}  // namespace

void RegisterStringMultiCommands(CommandRegistry& registry) {
  registry.Add(kMset, Mset);
  registry.Add(kMsetnx, Msetnx);
  registry.Add(kMsetex, Msetex);
}

}  // namespace torc
