// SET, SETNX, SETEX, PSETEX, GETSET, GETDEL, GETEX, APPEND, SETRANGE: commands that write one
// string.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "command/context.h"
#include "command/expiry_args.h"
#include "command/value_type.h"
#include "resp/errors.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"
#include "types/string/string_condition.h"

namespace torc {
namespace {

enum class SetCondition : uint8_t { kAlways, kIfAbsent, kIfPresent, kCompared };

struct SetOptions {
  SetCondition condition = SetCondition::kAlways;
  StringCondition comparison;  // kCompared
  bool get = false;
  bool keep_ttl = false;
  std::optional<ExpiryArg> expiry;
};

bool TakeCondition(ArgCursor& args, SetOptions* options) {
  SetCondition condition = SetCondition::kAlways;
  if (args.Take("NX")) {
    condition = SetCondition::kIfAbsent;
  } else if (args.Take("XX")) {
    condition = SetCondition::kIfPresent;
  } else {
    const StringCondition::Kind before = options->comparison.kind;
    if (!TakeStringCondition(args, &options->comparison)) return false;
    condition = SetCondition::kCompared;
    if (before != StringCondition::Kind::kNone) args.FailSyntax();
  }
  if (options->condition != SetCondition::kAlways && options->condition != condition) {
    args.FailSyntax();
  }
  options->condition = condition;
  return true;
}

SetOptions ParseSetOptions(ArgCursor& args) {
  SetOptions options;
  while (!args.AtEnd() && args.ok()) {
    if (TakeCondition(args, &options)) continue;
    if (args.Take("GET")) {
      options.get = true;
    } else if (args.Take("KEEPTTL")) {
      if (options.expiry) args.FailSyntax();
      options.keep_ttl = true;
    } else if (const auto expiry = TakeExpiry(args)) {
      // The same unit twice is taken, and the last one counts, as in Redis.
      const bool other_unit = options.expiry && options.expiry->unit != expiry->unit;
      if (other_unit || options.keep_ttl) args.FailSyntax();
      options.expiry = expiry;
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

void ReplyString(ReplyWriter& reply, const Entry* entry) {
  if (entry == nullptr) {
    reply.Null();
  } else {
    reply.Bulk(StringView(*entry).text());
  }
}

void ReplaySet(CommandContext& context, std::string_view key, std::string_view value,
               int64_t expiry_ms) {
  if (!context.recording()) return;
  ReplayForm form{"SET", std::string(key), std::string(value)};
  if (expiry_ms != Entry::kNoExpiry) {
    form.insert(form.end(), {"PXAT", std::to_string(expiry_ms)});
  }
  context.Replay(std::move(form));
}

// Writes the value and records the change.
void Store(CommandContext& context, const KeyRef& key, Keyspace::Found found,
           std::string_view value, int64_t expiry_ms, bool expiry_is_new) {
  SetString({&context.Owner(key), context.session.db, key, found}, value, expiry_ms);
  context.Changed(EventClass::kString, "set", key.text);
  if (expiry_is_new) {
    context.Notify(context.session.db, EventClass::kGeneric, "expire", key.text);
  }
  if (expiry_ms != Entry::kNoExpiry || context.command.spec.name != "set" ||
      context.argv.size() > 3) {
    ReplaySet(context, key.text, value, expiry_ms);
  }
}

bool ConditionHolds(const SetOptions& options, const Entry* entry) {
  switch (options.condition) {
    case SetCondition::kAlways:
      return true;
    case SetCondition::kIfAbsent:
      return entry == nullptr;
    case SetCondition::kIfPresent:
      return entry != nullptr;
    case SetCondition::kCompared:
      return options.comparison.Holds(entry);
  }
  return false;
}

// SET with GET or a comparison looks at the old value, which must then be a string.
bool OldValueFits(CommandContext& context, const SetOptions& options, const Entry* entry) {
  const bool looks = options.get || options.comparison.any();
  return !looks || !RefuseOtherType(context, entry, ValueType::kString);
}

void Set(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view value = args.Next();
  int64_t expiry_ms = Entry::kNoExpiry;
  SetOptions options;
  if (!args.AtEnd()) {
    options = ParseSetOptions(args);
    if (options.expiry && args.ok()) {
      expiry_ms = DeadlineMs(*options.expiry, context.now, "set", args);
    }
    if (!args.Done(context.reply)) return;
  }
  if (options.get) context.Read(key);
  const Keyspace::Found found = context.Find(key);
  if (!OldValueFits(context, options, found.entry)) return;
  if (options.get) ReplyString(context.reply, found.entry);
  if (!ConditionHolds(options, found.entry)) {
    if (!options.get) context.reply.Null();
    return;
  }
  if (options.keep_ttl && found) expiry_ms = found.entry->expiry_ms();
  Store(context, key, found, value, expiry_ms, options.expiry.has_value());
  if (!options.get) context.reply.Ok();
}

// A SET that looks at the old value needs more than the right to overwrite it.
uint16_t UseOfSet(Argv argv) {
  const bool looks = argv.size() > 3 && std::any_of(argv.begin() + 3, argv.end(), [](auto word) {
                       return EqualsIgnoreCase(word, "GET") || IsStringCondition(word);
                     });
  return looks ? kKeyReadWrite | kKeyAccess | kKeyUpdate : kKeyOverwrite | kKeyUpdate;
}

constexpr CommandSpec kSet = {
    .name = "set",
    .arity = AtLeast(3),
    .group = Group::kString,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate | kKeyVariable)},
    .variable_use = UseOfSet,
    .syntax =
        "key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE "
        "ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
        "unix-time-milliseconds | KEEPTTL]",
    .complexity = "O(1)",
    .summary = "Stores a string under a key, whatever the key held before."};

void Setnx(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view value = args.Next();
  const Keyspace::Found found = context.Find(key);
  if (!found) Store(context, key, found, value, Entry::kNoExpiry, false);
  context.reply.Integer(found ? 0 : 1);
}

constexpr CommandSpec kSetnx = {.name = "setnx",
                                .arity = Exactly(3),
                                .group = Group::kString,
                                .since = "1.0.0",
                                .flags = kWrite | kDenyOom | kFast,
                                .acl = kAclString,
                                .keys = {OneKey(1, kKeyOverwrite | kKeyInsert)},
                                .syntax = "key value",
                                .complexity = "O(1)",
                                .summary = "Stores a string under a key that does not exist yet.",
                                .deprecated_since = "2.6.12",
                                .replaced_by = "`SET` with the `NX` argument"};

void SetWithTtl(CommandContext& context, ArgCursor args, ExpiryUnit unit) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view ttl = args.Next();
  const std::string_view value = args.Next();
  const int64_t expiry_ms = DeadlineMs({unit, ttl}, context.now, context.command.spec.name, args);
  if (!args.Done(context.reply)) return;
  Store(context, key, context.Find(key), value, expiry_ms, true);
  context.reply.Ok();
}

void Setex(CommandContext& context, ArgCursor args) {
  SetWithTtl(context, std::move(args), ExpiryUnit::kSecondsFromNow);
}

constexpr CommandSpec kSetex = {.name = "setex",
                                .arity = Exactly(4),
                                .group = Group::kString,
                                .since = "2.0.0",
                                .flags = kWrite | kDenyOom,
                                .acl = kAclString,
                                .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate)},
                                .syntax = "key seconds value",
                                .complexity = "O(1)",
                                .summary = "Stores a string that lives for a number of seconds.",
                                .deprecated_since = "2.6.12",
                                .replaced_by = "`SET` with the `EX` argument"};

void Psetex(CommandContext& context, ArgCursor args) {
  SetWithTtl(context, std::move(args), ExpiryUnit::kMsFromNow);
}

constexpr CommandSpec kPsetex = {
    .name = "psetex",
    .arity = Exactly(4),
    .group = Group::kString,
    .since = "2.6.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate)},
    .syntax = "key milliseconds value",
    .complexity = "O(1)",
    .summary = "Stores a string that lives for a number of milliseconds.",
    .deprecated_since = "2.6.12",
    .replaced_by = "`SET` with the `PX` argument"};

void Getset(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view value = args.Next();
  const StringKey old = ReadString(context, key);
  if (old.wrong_type) return;
  ReplyString(context.reply, old.entry);
  Store(context, key, context.Find(key), value, Entry::kNoExpiry, false);
}

constexpr CommandSpec kGetset = {.name = "getset",
                                 .arity = Exactly(3),
                                 .group = Group::kString,
                                 .since = "1.0.0",
                                 .flags = kWrite | kDenyOom | kFast,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                                 .syntax = "key value",
                                 .complexity = "O(1)",
                                 .summary = "Stores a string and answers the one it replaced.",
                                 .deprecated_since = "6.2.0",
                                 .replaced_by = "`SET` with the `!GET` argument"};

void Getdel(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const StringKey old = ReadString(context, key);
  if (old.wrong_type) return;
  ReplyString(context.reply, old.entry);
  if (old.entry != nullptr) RemoveKey(context, key, context.Find(key));
}

constexpr CommandSpec kGetdel = {.name = "getdel",
                                 .arity = Exactly(2),
                                 .group = Group::kString,
                                 .since = "6.2.0",
                                 .flags = kWrite | kFast,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
                                 .syntax = "key",
                                 .complexity = "O(1)",
                                 .summary = "Answers a string and deletes its key."};

struct GetexChange {
  bool persist = false;
  int64_t expiry_ms = Entry::kNoExpiry;
};

// Applies GETEX's option to an existing key.
void ApplyGetex(CommandContext& context, const KeyRef& key, const GetexChange& change) {
  const Keyspace::Found found = context.Find(key);
  Keyspace& owner = context.Owner(key);
  if (change.persist) {
    if (!found.entry->has_expiry()) return;
    owner.SetExpiry(context.session.db, key, found, Entry::kNoExpiry);
    context.Changed(EventClass::kGeneric, "persist", key.text);
    if (context.recording()) context.Replay({"PERSIST", std::string(key.text)});
  } else if (change.expiry_ms <= context.now.value()) {
    RemoveKey(context, key, found);
  } else {
    owner.SetExpiry(context.session.db, key, found, change.expiry_ms);
    context.Changed(EventClass::kGeneric, "expire", key.text);
    if (context.recording()) {
      context.Replay({"PEXPIREAT", std::string(key.text), std::to_string(change.expiry_ms)});
    }
  }
}

void Getex(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  GetexChange change;
  std::optional<ExpiryArg> expiry;
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("PERSIST")) {
      if (expiry) args.FailSyntax();
      change.persist = true;
    } else if (const auto taken = TakeExpiry(args)) {
      // The same unit twice is taken, and the last one counts, as in Redis.
      if (change.persist || (expiry && expiry->unit != taken->unit)) args.FailSyntax();
      expiry = taken;
    } else {
      args.FailSyntax();
    }
  }
  // As in Redis, a missing key answers before a bad time does.
  if (!args.ok()) {
    args.Done(context.reply);
    return;
  }
  const StringKey old = ReadString(context, key);
  if (old.wrong_type) return;
  if (old.entry == nullptr) {
    context.reply.Null();
    return;
  }
  if (expiry) change.expiry_ms = DeadlineMs(*expiry, context.now, "getex", args);
  if (!args.Done(context.reply)) return;
  ReplyString(context.reply, old.entry);
  if (change.persist || expiry) ApplyGetex(context, key, change);
}

constexpr CommandSpec kGetex = {.name = "getex",
                                .arity = AtLeast(2),
                                .group = Group::kString,
                                .since = "6.2.0",
                                .flags = kWrite | kFast,
                                .acl = kAclString,
                                .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                                .syntax =
                                    "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
                                    "PXAT unix-time-milliseconds | PERSIST]",
                                .complexity = "O(1)",
                                .summary = "Answers a string and changes how long its key lives."};

void Append(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view tail = args.Next();
  WritableString string = WriteString(context, key);
  if (string.wrong_type) return;
  size_t size_bytes = tail.size();
  if (string.entry() == nullptr) {
    SetString(string.place, tail, Entry::kNoExpiry);
  } else {
    const size_t old_bytes = StringBytes(*string.entry());
    if (!CheckStringSize(context, old_bytes, tail.size())) return;
    size_bytes += old_bytes;
    MakeRoomInSlices(context, &string, size_bytes);
    char* bytes = ResizeString(string.place, size_bytes);
    if (!tail.empty()) std::memcpy(bytes + old_bytes, tail.data(), tail.size());
  }
  context.Changed(EventClass::kString, "append", key.text);
  context.reply.Integer(static_cast<int64_t>(size_bytes));
}

// It copies what there is now and then. That of all strings, but of very long ones, is too little
// to wait for.
uint64_t WorkOfAppend(Argv /*argv*/, uint64_t element_count) {
  constexpr uint64_t kElementsMin = 1 << 18;
  return element_count < kElementsMin ? 0 : element_count;
}

constexpr CommandSpec kAppend = {.name = "append",
                                 .arity = Exactly(3),
                                 .group = Group::kString,
                                 .since = "2.0.0",
                                 .flags = kWrite | kDenyOom | kFast | kMayPause,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
                                 .work = WorkOfAppend,
                                 .syntax = "key value",
                                 .complexity = "O(N) with N the bytes added, amortised",
                                 .summary = "Adds bytes to the end of a string."};

void Setrange(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t offset = args.Integer();
  const std::string_view bytes = args.Next();
  if (!args.Done(context.reply)) return;
  if (offset < 0) return context.reply.Error(errors::kOffsetOutOfRange);
  const WritableString string = WriteString(context, key);
  if (string.wrong_type) return;
  const size_t old_bytes = string.entry() == nullptr ? 0 : StringBytes(*string.entry());
  if (bytes.empty()) return context.reply.Integer(static_cast<int64_t>(old_bytes));
  const auto at = static_cast<uint64_t>(offset);
  if (!CheckStringSize(context, at, bytes.size())) return;
  const size_t size_bytes = std::max(old_bytes, at + bytes.size());
  WritableString target = string;
  if (target.entry() == nullptr) {
    SetString(target.place, "", Entry::kNoExpiry, StringForm::kRaw);
    target = WriteString(context, key);
  }
  MakeRoomInSlices(context, &target, size_bytes);
  std::memcpy(ResizeString(target.place, size_bytes) + at, bytes.data(), bytes.size());
  context.Changed(EventClass::kString, "setrange", key.text);
  context.reply.Integer(static_cast<int64_t>(size_bytes));
}

// Only a string that becomes longer than it has room for is copied.
uint64_t WorkOfSetrange(Argv argv, uint64_t element_count) {
  constexpr uint64_t kBytesPerElement = 64;
  const auto offset = static_cast<uint64_t>(std::max<int64_t>(ParseInt64(argv[2]).value_or(0), 0));
  return offset / kBytesPerElement < element_count ? 0 : element_count;
}

constexpr CommandSpec kSetrange = {.name = "setrange",
                                   .arity = Exactly(4),
                                   .group = Group::kString,
                                   .since = "2.2.0",
                                   .flags = kWrite | kDenyOom | kMayPause,
                                   .acl = kAclString,
                                   .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                                   .work = WorkOfSetrange,
                                   .syntax = "key offset value",
                                   .complexity = "O(N) with N the bytes written, amortised",
                                   .summary = "Overwrites part of a string from an offset on."};

}  // namespace

void RegisterStringSetCommands(CommandRegistry& registry) {
  registry.Add(kSet, Set);
  registry.Add(kSetnx, Setnx);
  registry.Add(kSetex, Setex);
  registry.Add(kPsetex, Psetex);
  registry.Add(kGetset, Getset);
  registry.Add(kGetdel, Getdel);
  registry.Add(kGetex, Getex);
  registry.Add(kAppend, Append);
  registry.Add(kSetrange, Setrange);
}

}  // namespace torc
