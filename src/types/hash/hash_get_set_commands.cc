// HGETEX, HSETEX, HGETDEL: fields read or set together with their deadlines, as Redis 8.0 has them.

#include <optional>
#include <string>
#include <vector>

#include "command/context.h"
#include "resp/errors.h"
#include "types/hash/hash_access.h"
#include "types/hash/hash_commands.h"
#include "types/hash/hash_fields.h"

namespace torc {
namespace {

enum class FieldCondition : uint8_t { kNone, kIfNoneExists, kIfAllExist };

// What HGETEX and HSETEX take before FIELDS.
struct DeadlineOptions {
  std::optional<int64_t> deadline_ms;
  bool keep = false;                                 // KEEPTTL, HSETEX's alone
  bool persist = false;                              // PERSIST, HGETEX's alone
  FieldCondition condition = FieldCondition::kNone;  // HSETEX's alone
};

enum class OptionsOf : uint8_t { kGet, kSet };

void TakeFieldCondition(ArgCursor& args, FieldCondition condition, DeadlineOptions* options) {
  args.Next();
  if (options->condition != FieldCondition::kNone) {
    args.Fail("ERR Only one of FXX or FNX arguments can be specified");
  }
  options->condition = condition;
}

DeadlineOptions TakeDeadlineOptions(CommandContext& context, ArgCursor& args, OptionsOf of) {
  const bool set = of == OptionsOf::kSet;
  DeadlineOptions options;
  int deadlines = 0;
  while (args.ok() && !args.AtEnd() && !EqualsIgnoreCase(args.Peek(), "FIELDS")) {
    if (set && EqualsIgnoreCase(args.Peek(), "FNX")) {
      TakeFieldCondition(args, FieldCondition::kIfNoneExists, &options);
    } else if (set && EqualsIgnoreCase(args.Peek(), "FXX")) {
      TakeFieldCondition(args, FieldCondition::kIfAllExist, &options);
    } else if (set && args.Take("KEEPTTL")) {
      options.keep = true;
      ++deadlines;
    } else if (!set && args.Take("PERSIST")) {
      options.persist = true;
      ++deadlines;
    } else if (const auto expiry = TakeExpiry(args)) {
      options.deadline_ms =
          FieldDeadline(expiry->text, expiry->unit, context.now, context.command.spec.name, args);
      ++deadlines;
    } else {
      args.Fail("ERR unknown argument: " + std::string(errors::ShownText(args.Next())));
    }
    if (deadlines > 1) {
      args.Fail(set ? "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
                    : "ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified");
    }
  }
  return options;
}

void ReplyValue(CommandContext& context, const HashView::Field& field) {
  field ? ReplyElement(context.reply, field.value()) : context.reply.Null();
}

void ReplyNulls(CommandContext& context, size_t count) {
  context.reply.Array(count);
  for (size_t i = 0; i < count; ++i) context.reply.Null();
}

// --- HGETEX

// The fields that exist, each once.
std::vector<std::string_view> Present(const HashView& hash, Argv names) {
  std::vector<std::string_view> present;
  for (const std::string_view name : names) {
    if (name.size() <= CompactBlock::kElementBytesMax && hash.Find(CompactNeedle(name))) {
      present.push_back(name);
    }
  }
  return present;
}

void PersistFields(CommandContext& context, const WritableHash& hash, Argv names) {
  HashEdit edit(context, hash);
  std::vector<std::string_view> changed;
  for (const std::string_view name : Present(edit.value().view(), names)) {
    const CompactNeedle needle(name);
    if (edit.value().view().Find(needle).rank() == kUnranked) continue;
    edit.value().SetDeadline(needle, kUnranked);
    changed.push_back(name);
  }
  edit.Finish();
  if (changed.empty()) return;
  context.Changed(EventClass::kHash, "hpersist", hash.key.text, changed.size());
  if (!context.recording()) return;
  ReplayForm form = {"HPERSIST", std::string(hash.key.text), "FIELDS",
                     std::to_string(changed.size())};
  form.insert(form.end(), changed.begin(), changed.end());
  context.Replay(std::move(form));
}

// Gives the fields a deadline; one that is over deletes them.
void SetDeadline(CommandContext& context, const WritableHash& hash, int64_t deadline_ms,
                 Argv names) {
  HashEdit edit(context, hash);
  const bool past = IsPast(context, deadline_ms);
  const std::vector<std::string_view> present = Present(edit.value().view(), names);
  for (const std::string_view name : present) {
    if (past) {
      edit.value().Remove(CompactNeedle(name));
    } else {
      edit.value().SetDeadline(CompactNeedle(name), deadline_ms);
    }
  }
  edit.Finish();
  if (present.empty()) return;
  const std::string_view key = hash.key.text;
  context.Changed(EventClass::kHash, past ? "hdel" : "hexpire", key, present.size());
  edit.NotifyIfRemoved();
  if (past) {
    ReplayDelete(context, key, present);
  } else {
    ReplayDeadline(context, key, deadline_ms, present);
  }
}

void Hgetex(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  const DeadlineOptions options = TakeDeadlineOptions(context, args, OptionsOf::kGet);
  const Argv fields = TakeFields(args);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!hash.found) return ReplyNulls(context, fields.size());
  const FoundHash found = {.exists = true, .view = hash.view()};
  context.reply.Array(fields.size());
  for (const std::string_view field : fields) ReplyValue(context, found.Find(field));
  if (options.persist) PersistFields(context, hash, fields);
  if (options.deadline_ms) SetDeadline(context, hash, *options.deadline_ms, fields);
}

constexpr CommandSpec kHgetex = {
    .name = "hgetex",
    .arity = AtLeast(5),
    .group = Group::kHash,
    .since = "8.0.0",
    .flags = kWrite | kFast,
    .acl = kAclHash,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
    .syntax =
        "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
        "unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]",
    .complexity = "O(1) for each field",
    .summary = "Answers the values of fields and sets or removes their deadlines."};

// --- HSETEX

bool ConditionHolds(const WritableHash& hash, FieldCondition condition, Argv pairs) {
  if (condition == FieldCondition::kNone) return true;
  const bool wanted = condition == FieldCondition::kIfAllExist;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (static_cast<bool>(hash.view().Find(CompactNeedle(pairs[i]))) != wanted) return false;
  }
  return true;
}

// What was set, without conditions and with an absolute deadline.
void ReplaySet(CommandContext& context, std::string_view key, const DeadlineOptions& options,
               Argv pairs) {
  if (!context.recording()) return;
  ReplayForm form = {"HSETEX", std::string(key)};
  if (options.keep) form.emplace_back("KEEPTTL");
  if (options.deadline_ms) {
    form.emplace_back("PXAT");
    form.push_back(std::to_string(*options.deadline_ms));
  }
  form.emplace_back("FIELDS");
  form.push_back(std::to_string(pairs.size() / 2));
  form.insert(form.end(), pairs.begin(), pairs.end());
  context.Replay(std::move(form));
}

// A deadline that is over: the fields are as good as set and deleted.
void DeleteInstead(CommandContext& context, const WritableHash& hash, Argv pairs) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < pairs.size(); i += 2) names.push_back(pairs[i]);
  HashEdit edit(context, hash);
  uint64_t removed = 0;
  for (const std::string_view name : names) removed += edit.value().Remove(CompactNeedle(name));
  edit.Finish();
  if (removed == 0) return;
  context.Changed(EventClass::kHash, "hdel", hash.key.text, removed);
  edit.NotifyIfRemoved();
  ReplayDelete(context, hash.key.text, names);
}

void SetAll(CommandContext& context, const WritableHash& hash, const DeadlineOptions& options,
            Argv pairs) {
  HashEdit edit(context, hash);
  edit.value().PrepareFor(pairs.size() / 2, edit.limits());
  const auto deadline = options.keep ? HashValue::Deadline::kKeep : HashValue::Deadline::kDrop;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    const CompactNeedle field(pairs[i]);
    edit.value().Set(field, CompactNeedle(pairs[i + 1]), edit.limits(), deadline);
    if (options.deadline_ms) edit.value().SetDeadline(field, *options.deadline_ms);
  }
  edit.Finish();
  context.Changed(EventClass::kHash, "hset", hash.key.text, pairs.size() / 2);
  if (options.deadline_ms) {
    context.Notify(context.session.db, EventClass::kHash, "hexpire", hash.key.text);
  }
  ReplaySet(context, hash.key.text, options, pairs);
}

void Hsetex(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  const DeadlineOptions options = TakeDeadlineOptions(context, args, OptionsOf::kSet);
  const Argv pairs = TakeFields(args, 2);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!CheckHashWords(context, pairs)) return;
  if (!ConditionHolds(hash, options.condition, pairs)) return context.reply.Integer(0);
  if (options.deadline_ms && IsPast(context, *options.deadline_ms)) {
    DeleteInstead(context, hash, pairs);
  } else {
    SetAll(context, hash, options, pairs);
  }
  context.reply.Integer(1);
}

constexpr CommandSpec kHsetex = {
    .name = "hsetex",
    .arity = AtLeast(6),
    .group = Group::kHash,
    .since = "8.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclHash,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax =
        "key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
        "unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [field value ...]",
    .complexity = "O(1) for each pair",
    .summary = "Sets fields together with a deadline."};

// --- HGETDEL

void Hgetdel(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const WritableHash hash = WriteHash(context, key);
  if (hash.wrong_type) return;
  const Argv fields = TakeFields(args);
  if (!args.ok()) return context.reply.Error(args.error());
  if (!hash.found) return ReplyNulls(context, fields.size());
  HashEdit edit(context, hash);
  std::vector<std::string_view> deleted;
  context.reply.Array(fields.size());
  for (const std::string_view name : fields) {
    const FoundHash found = {.exists = edit.value().size() > 0, .view = edit.value().view()};
    const HashView::Field field = found.Find(name);
    ReplyValue(context, field);
    if (!field) continue;
    edit.value().Remove(CompactNeedle(name));
    deleted.push_back(name);
  }
  edit.Finish();
  if (deleted.empty()) return;
  context.Changed(EventClass::kHash, "hdel", key.text, deleted.size());
  edit.NotifyIfRemoved();
  ReplayDelete(context, key.text, deleted);
}

constexpr CommandSpec kHgetdel = {.name = "hgetdel",
                                  .arity = AtLeast(5),
                                  .group = Group::kHash,
                                  .since = "8.0.0",
                                  .flags = kWrite | kFast,
                                  .acl = kAclHash,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
                                  .syntax = "key FIELDS numfields field [field ...]",
                                  .complexity = "O(1) for each field",
                                  .summary = "Answers the values of fields and deletes them."};

}  // namespace

void RegisterHashGetSetCommands(CommandRegistry& registry) {
  registry.Add(kHgetex, Hgetex);
  registry.Add(kHsetex, Hsetex);
  registry.Add(kHgetdel, Hgetdel);
}

}  // namespace torc
