// DELEX, DELIFEQ, DIGEST: what, with SET's conditions, makes a string change only if nobody else
// has changed it.

#include "command/context.h"
#include "resp/errors.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"
#include "types/string/string_condition.h"

namespace torc {
namespace {

void DeleteIf(CommandContext& context, const KeyRef& key, const StringCondition& condition) {
  const WritableString string = WriteString(context, key);
  if (string.wrong_type) return;
  const bool deleted = string.entry() != nullptr && condition.Holds(string.entry());
  if (deleted) RemoveKey(context, key, string.place.found);
  context.reply.Integer(deleted ? 1 : 0);
}

void Delifeq(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  DeleteIf(context, key, {StringCondition::Kind::kEqual, args.Next()});
}

constexpr CommandSpec kDelifeq = {.name = "delifeq",
                                  .arity = Exactly(3),
                                  .group = Group::kString,
                                  .since = "9.0.0",
                                  .flags = kWrite | kFast,
                                  .acl = kAclString,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete)},
                                  .syntax = "key value",
                                  .complexity = "O(1)",
                                  .summary = "Deletes a key if it holds exactly the given string."};

// Without a condition the same as DEL, of any type.
void Delex(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  if (args.AtEnd()) {
    const Keyspace::Found found = context.Write(key);
    if (found) RemoveKey(context, key, found);
    return context.reply.Integer(found ? 1 : 0);
  }
  if (args.remaining() != 2) {
    return context.reply.Error(errors::WrongArgumentCount(context.command.full_name));
  }
  StringCondition condition;
  if (!TakeStringCondition(args, &condition)) {
    args.Fail("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
  }
  if (!args.ok()) return context.reply.Error(args.error());
  DeleteIf(context, key, condition);
}

// One that looks at the value needs more than the right to delete it.
uint16_t UseOfDelex(Argv argv) {
  return argv.size() > 2 ? kKeyReadWrite | kKeyAccess | kKeyDelete : kKeyRemove | kKeyDelete;
}

constexpr CommandSpec kDelex = {
    .name = "delex",
    .arity = AtLeast(2),
    .group = Group::kString,
    .since = "8.4.0",
    .flags = kWrite | kFast,
    .acl = kAclString,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete | kKeyVariable)},
    .variable_use = UseOfDelex,
    .syntax = "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]",
    .complexity = "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE with N the bytes of the string",
    .summary = "Deletes a key if its string, or the digest of it, is or is not the given one."};

void Digest(CommandContext& context, ArgCursor args) {
  const StringKey string = ReadString(context, context.Key(args.Key()));
  if (string.wrong_type) return;
  if (string.entry == nullptr) return context.reply.Null();
  context.reply.Bulk(DigestOf(StringView(*string.entry).text()));
}

constexpr CommandSpec kDigest = {.name = "digest",
                                 .arity = Exactly(2),
                                 .group = Group::kString,
                                 .since = "8.4.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key",
                                 .complexity = "O(N) with N the bytes of the string",
                                 .summary = "Answers the XXH3 digest of a string in hexadecimal."};

}  // namespace

void RegisterStringCompareCommands(CommandRegistry& registry) {
  registry.Add(kDelex, Delex);
  registry.Add(kDelifeq, Delifeq);
  registry.Add(kDigest, Digest);
}

}  // namespace torc
