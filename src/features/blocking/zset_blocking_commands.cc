// BZPOPMIN, BZPOPMAX, BZMPOP.

#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "command/context.h"
#include "features/blocking/blocking_commands.h"
#include "features/blocking/multi_pop.h"
#include "features/blocking/waiting_pop.h"
#include "resp/errors.h"

namespace torc {
namespace {

void PopFirst(CommandContext& context, ArgCursor args, std::string_view plain) {
  const Argv all = args.Rest();
  const Argv keys = all.first(all.size() - 1);
  const auto deadline_ns = WaitDeadlineNs(context, all.back());
  if (!deadline_ns) return;
  for (const std::string_view key : keys) {
    const KeyState state = StateOf(context, key, ValueType::kSortedSet);
    if (state == KeyState::kMissing) continue;
    if (state == KeyState::kWrongType) return context.reply.Error(errors::kWrongType);
    // The plain command's array of member and score, with the key before them.
    Buffer popped;
    ReplyWriter writer(&popped, context.reply.protocol());
    RunPlain(context, plain, {key}, writer);
    constexpr std::string_view kPair = "*2\r\n";
    TORC_CHECK(StartsWith(popped.view(), kPair), "one member and its score");
    context.reply.Array(3);
    context.reply.Bulk(key);
    return context.reply.Raw(popped.view().substr(kPair.size()));
  }
  if (!context.may_block()) return context.reply.NullArray();
  context.Block(keys, ValueType::kSortedSet, *deadline_ns);
}

void Bzpopmin(CommandContext& context, ArgCursor args) {
  PopFirst(context, args, "zpopmin");
}
void Bzpopmax(CommandContext& context, ArgCursor args) {
  PopFirst(context, args, "zpopmax");
}

constexpr CommandSpec PopSpec(std::string_view name, std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.arity = AtLeast(3);
  spec.group = Group::kSortedSet;
  spec.since = "5.0.0";
  spec.flags = kWrite | kFast | kBlocking;
  spec.acl = kAclSortedSet;
  spec.keys = {KeyRange(1, -2, 1, kKeyReadWrite | kKeyAccess | kKeyDelete)};
  spec.syntax = "key [key ...] timeout";
  spec.complexity = "O(log(N)) with N the number of elements in the sorted set";
  spec.summary = summary;
  return spec;
}
constexpr CommandSpec kBzpopmin = PopSpec(
    "bzpopmin", "Takes the member with the lowest score of the first sorted set, or waits for it.");
constexpr CommandSpec kBzpopmax =
    PopSpec("bzpopmax",
            "Takes the member with the highest score of the first sorted set, or waits for it.");

void Bzmpop(CommandContext& context, ArgCursor args) {
  PopSeveralOrWait(context, args, "zmpop", ValueType::kSortedSet);
}

constexpr CommandSpec kBzmpop = {
    .name = "bzmpop",
    .arity = AtLeast(5),
    .group = Group::kSortedSet,
    .since = "7.0.0",
    .flags = kWrite | kBlocking,
    .acl = kAclSortedSet,
    .keys = {CountedKeys(2, kKeyReadWrite | kKeyAccess | kKeyDelete)},
    .syntax = "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
    .complexity =
        "O(K) + O(M*log(N)) with K the number of keys, N of elements and M of those taken",
    .summary = "Takes members of the first sorted set that has some, or waits for them."};

}  // namespace

void RegisterZsetBlockingCommands(CommandRegistry& registry) {
  registry.Add(kBzpopmin, Bzpopmin);
  registry.Add(kBzpopmax, Bzpopmax);
  registry.Add(kBzmpop, Bzmpop);
}

}  // namespace torc
