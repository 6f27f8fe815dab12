// HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HEXISTS, HSTRLEN, HSCAN.

#include <string>
#include <utility>
#include <vector>

#include "command/context.h"
#include "command/scan_args.h"
#include "resp/errors.h"
#include "types/hash/hash_access.h"
#include "types/hash/hash_commands.h"

namespace torc {
namespace {

constexpr CommandSpec ReadSpec(std::string_view name, int fields, std::string_view syntax,
                               std::string_view since, std::string_view summary) {
  return {.name = name,
          .arity = Exactly(2 + fields),
          .group = Group::kHash,
          .since = since,
          .flags = kReadonly | kFast,
          .acl = kAclHash,
          .keys = {OneKey(1, kKeyReadOnly)},
          .part = fields > 0 ? 2U : 0U,
          .syntax = syntax,
          .complexity = "O(1)",
          .summary = summary};
}

void ReplyValue(CommandContext& context, const HashView::Field& field) {
  field ? ReplyElement(context.reply, field.value()) : context.reply.Null();
}

void Hget(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (!hash.wrong_type) ReplyValue(context, hash.Find(args.Next()));
}

constexpr CommandSpec kHget = {.name = "hget",
                               .arity = Exactly(3),
                               .group = Group::kHash,
                               .since = "2.0.0",
                               .flags = kReadonly | kFast,
                               .acl = kAclHash,
                               .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                               .part = 2,
                               .syntax = "key field",
                               .complexity = "O(1)",
                               .summary = "Answers the value of a field."};

void Hmget(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  context.reply.Array(args.remaining());
  for (const std::string_view field : args.Rest()) ReplyValue(context, hash.Find(field));
}

constexpr CommandSpec kHmget = {.name = "hmget",
                                .arity = AtLeast(3),
                                .group = Group::kHash,
                                .since = "2.0.0",
                                .flags = kReadonly | kFast,
                                .acl = kAclHash,
                                .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                .part = 2,
                                .syntax = "key field [field ...]",
                                .complexity = "O(1) for each field",
                                .summary = "Answers the values of several fields."};

void Hgetall(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  context.reply.Map(hash.exists ? hash.view.size() : 0);
  if (!hash.exists) return;
  hash.view.ForEach([&](const RecordView& records, RecordView::Place at) {
    ReplyElement(context.reply, records.Key(at));
    ReplyElement(context.reply, records.Value(at));
    return true;
  });
}

constexpr CommandSpec AllSpec(std::string_view name, std::string_view summary) {
  return {.name = name,
          .arity = Exactly(2),
          .group = Group::kHash,
          .since = "2.0.0",
          .flags = kReadonly,
          .acl = kAclHash,
          .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
          .syntax = "key",
          .complexity = "O(N) with N the fields",
          .summary = summary,
          .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};
}
constexpr CommandSpec kHgetall =
    AllSpec("hgetall", "Answers all fields of a hash with their values.");

enum class Part : uint8_t { kField, kValue };

void ReplyParts(CommandContext& context, ArgCursor args, Part part) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  context.reply.Array(hash.exists ? hash.view.size() : 0);
  if (!hash.exists) return;
  hash.view.ForEach([&](const RecordView& records, RecordView::Place at) {
    ReplyElement(context.reply, part == Part::kField ? records.Key(at) : records.Value(at));
    return true;
  });
}

void Hkeys(CommandContext& context, ArgCursor args) {
  ReplyParts(context, args, Part::kField);
}
constexpr CommandSpec kHkeys = AllSpec("hkeys", "Answers all fields of a hash.");

void Hvals(CommandContext& context, ArgCursor args) {
  ReplyParts(context, args, Part::kValue);
}
constexpr CommandSpec kHvals = AllSpec("hvals", "Answers all values of a hash.");

void Hlen(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  context.reply.Integer(hash.exists ? static_cast<int64_t>(hash.view.size()) : 0);
}
constexpr CommandSpec kHlen = ReadSpec("hlen", 0, "key", "2.0.0", "Counts the fields of a hash.");

void Hexists(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (!hash.wrong_type) context.reply.Integer(hash.Find(args.Next()) ? 1 : 0);
}
constexpr CommandSpec kHexists =
    ReadSpec("hexists", 1, "key field", "2.0.0", "Tells whether a hash has a field.");

void Hstrlen(CommandContext& context, ArgCursor args) {
  const FoundHash hash = ReadHash(context, context.Key(args.Key()));
  if (hash.wrong_type) return;
  const HashView::Field field = hash.Find(args.Next());
  if (!field) return context.reply.Integer(0);
  context.reply.Integer(static_cast<int64_t>(CompactText(field.value()).view().size()));
}
constexpr CommandSpec kHstrlen =
    ReadSpec("hstrlen", 1, "key field", "3.2.0", "Answers the length of a field's value.");

void Hscan(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  auto cursor = ParseScanCursor(args.Next());
  if (!cursor) return context.reply.Error(errors::kInvalidCursor);
  const FoundHash hash = ReadHash(context, key);
  if (hash.wrong_type) return;
  if (!hash.exists) return ReplyEmptyScan(context.reply);
  const ScanOptions options = ParseScanOptions(args, ScanKind::kFields);
  if (!args.Done(context.reply)) return;
  std::vector<std::string> elements;
  int64_t seen = 0;
  do {
    cursor = hash.view.Scan(*cursor, [&](const RecordView& records, RecordView::Place at) {
      ++seen;
      const CompactText field(records.Key(at));
      if (!options.Matches(field.view())) return true;
      elements.emplace_back(field.view());
      if (!options.no_values) elements.emplace_back(CompactText(records.Value(at)).view());
      return true;
    });
  } while (*cursor != 0 && seen < options.count);
  context.reply.Array(2);
  context.reply.Bulk(DecimalText::Unsigned(*cursor).view());
  context.reply.Array(elements.size());
  for (const std::string& element : elements) context.reply.Bulk(element);
}

constexpr CommandSpec kHscan = {
    .name = "hscan",
    .arity = AtLeast(3),
    .group = Group::kHash,
    .since = "2.8.0",
    .flags = kReadonly,
    .acl = kAclHash,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
    .complexity = "O(1) for each call, O(N) for a whole walk over N fields",
    .summary = "Walks over the fields of a hash in steps.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterHashReadCommands(CommandRegistry& registry) {
  registry.Add(kHget, Hget);
  registry.Add(kHmget, Hmget);
  registry.Add(kHgetall, Hgetall);
  registry.Add(kHkeys, Hkeys);
  registry.Add(kHvals, Hvals);
  registry.Add(kHlen, Hlen);
  registry.Add(kHexists, Hexists);
  registry.Add(kHstrlen, Hstrlen);
  registry.Add(kHscan, Hscan);
}

}  // namespace torc
