// BLPOP, BRPOP, BLMOVE, BRPOPLPUSH, BLMPOP.

#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "features/blocking/blocking_commands.h"
#include "features/blocking/multi_pop.h"
#include "features/blocking/waiting_pop.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr uint32_t kPopFlags = kWrite | kBlocking;

void PopFirst(CommandContext& context, ArgCursor args, std::string_view plain) {
  const Argv all = args.Rest();
  const Argv keys = all.first(all.size() - 1);
  const auto deadline_ns = WaitDeadlineNs(context, all.back());
  if (!deadline_ns) return;
  for (const std::string_view key : keys) {
    const KeyState state = StateOf(context, key, ValueType::kList);
    if (state == KeyState::kMissing) continue;
    if (state == KeyState::kWrongType) return context.reply.Error(errors::kWrongType);
    context.reply.Array(2);
    context.reply.Bulk(key);
    return RunPlain(context, plain, {key});
  }
  if (!context.may_block()) return context.reply.NullArray();
  context.Block(keys, ValueType::kList, *deadline_ns);
}

void Blpop(CommandContext& context, ArgCursor args) {
  PopFirst(context, args, "lpop");
}
void Brpop(CommandContext& context, ArgCursor args) {
  PopFirst(context, args, "rpop");
}

constexpr CommandSpec PopSpec(std::string_view name, std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.arity = AtLeast(3);
  spec.group = Group::kList;
  spec.since = "2.0.0";
  spec.flags = kPopFlags;
  spec.acl = kAclList;
  spec.keys = {KeyRange(1, -2, 1, kKeyReadWrite | kKeyAccess | kKeyDelete)};
  spec.syntax = "key [key ...] timeout";
  spec.complexity = "O(N) with N the number of keys";
  spec.summary = summary;
  return spec;
}
constexpr CommandSpec kBlpop =
    PopSpec("blpop", "Takes the first element of the first list that has one, or waits for it.");
constexpr CommandSpec kBrpop =
    PopSpec("brpop", "Takes the last element of the first list that has one, or waits for it.");

// Moves an element by the plain command, or waits for the source.
void MoveOrWait(CommandContext& context, std::string_view source, std::string_view seconds,
                std::string_view plain, const std::vector<std::string_view>& args) {
  const auto deadline_ns = WaitDeadlineNs(context, seconds);
  if (!deadline_ns) return;
  switch (StateOf(context, source, ValueType::kList)) {
    case KeyState::kPresent:
      return RunPlain(context, plain, args);
    case KeyState::kWrongType:
      return context.reply.Error(errors::kWrongType);
    case KeyState::kMissing:
      break;
  }
  if (!context.may_block()) return context.reply.Null();
  context.Block({&source, 1}, ValueType::kList, *deadline_ns);
}

void Blmove(CommandContext& context, ArgCursor args) {
  const std::string_view source = args.Key();
  const std::string_view destination = args.Key();
  const std::string_view from = args.Next();
  const std::string_view to = args.Next();
  for (const std::string_view end : {from, to}) {
    if (EqualsIgnoreCase(end, "LEFT") || EqualsIgnoreCase(end, "RIGHT")) continue;
    return context.reply.Error(errors::kSyntax);
  }
  MoveOrWait(context, source, args.Next(), "lmove", {source, destination, from, to});
}

constexpr CommandSpec kBlmove = {
    .name = "blmove",
    .arity = Exactly(6),
    .group = Group::kList,
    .since = "6.2.0",
    .flags = kPopFlags | kDenyOom,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
             OneKey(2, kKeyReadWrite | kKeyInsert)},
    .syntax = "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
    .complexity = "O(1)",
    .summary = "Moves an element from one list to another, or waits for it."};

void Brpoplpush(CommandContext& context, ArgCursor args) {
  const std::string_view source = args.Key();
  const std::string_view destination = args.Key();
  MoveOrWait(context, source, args.Next(), "rpoplpush", {source, destination});
}

constexpr CommandSpec kBrpoplpush = {
    .name = "brpoplpush",
    .arity = Exactly(4),
    .group = Group::kList,
    .since = "2.2.0",
    .flags = kPopFlags | kDenyOom,
    .acl = kAclList,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
             OneKey(2, kKeyReadWrite | kKeyInsert)},
    .syntax = "source destination timeout",
    .complexity = "O(1)",
    .summary = "Moves the last element of a list to the front of another, or waits for it.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`BLMOVE` with the `RIGHT` and `LEFT` arguments"};

void Blmpop(CommandContext& context, ArgCursor args) {
  PopSeveralOrWait(context, args, "lmpop", ValueType::kList);
}

constexpr CommandSpec kBlmpop = {
    .name = "blmpop",
    .arity = AtLeast(5),
    .group = Group::kList,
    .since = "7.0.0",
    .flags = kPopFlags,
    .acl = kAclList,
    .keys = {CountedKeys(2, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
    .complexity = "O(N+M) with N the number of keys and M the number of elements taken",
    .summary = "Takes elements of the first list that has some, or waits for them."};

}  // namespace

void RegisterListBlockingCommands(CommandRegistry& registry) {
  registry.Add(kBlpop, Blpop);
  registry.Add(kBrpop, Brpop);
  registry.Add(kBlmove, Blmove);
  registry.Add(kBrpoplpush, Brpoplpush);
  registry.Add(kBlmpop, Blmpop);
}

}  // namespace torc
