// XACK, XPENDING.

#include <algorithm>
#include <vector>

#include "command/breather.h"
#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"

namespace torc {
namespace {

void Xack(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const StreamKey found = ReadStreamForUpdate(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr || found.stream->FindGroup(name) == nullptr) {
    return context.reply.Integer(0);
  }
  std::vector<StreamId> ids;
  while (!args.AtEnd() && args.ok()) ids.push_back(TakeStreamId(args));
  if (!args.Done(context.reply)) return;
  ConsumerGroup* const group = found.stream->WriteGroup(name);
  uint64_t acknowledged = 0;
  for (const StreamId id : ids) {
    if (group->RemovePending(id)) ++acknowledged;
  }
  if (acknowledged > 0) context.ChangedSilently(acknowledged);
  context.reply.Integer(static_cast<int64_t>(acknowledged));
}

constexpr CommandSpec kXack = {.name = "xack",
                               .arity = AtLeast(4),
                               .group = Group::kStream,
                               .since = "5.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclStream,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
                               .syntax = "key group id [id ...]",
                               .complexity = "O(log N) an id",
                               .summary = "Acknowledges entries: they are pending no longer."};

struct PendingArgs {
  bool summary = true;
  int64_t idle_min_ms = 0;
  StreamId low;
  StreamId high;
  uint64_t count_max = 0;
  std::optional<std::string_view> consumer;
};

// [[IDLE min-idle] start end count [consumer]]; Redis counts the arguments and lets two more pass.
PendingArgs ParsePendingArgs(ArgCursor& args) {
  PendingArgs pending;
  const size_t given = args.remaining();
  if (given == 0) return pending;
  pending.summary = false;
  if (given < 3 || given > 6) {
    args.FailSyntax();
    return pending;
  }
  if (args.Take("IDLE")) {
    pending.idle_min_ms = args.Integer();
    if (args.ok() && given < 5) args.FailSyntax();
    if (!args.ok()) return pending;
  }
  // The count is judged first.
  ArgCursor ahead = args;
  ahead.Next();
  ahead.Next();
  pending.count_max = static_cast<uint64_t>(std::max<int64_t>(ahead.Integer(), 0));
  if (!ahead.ok()) args.Fail(ahead.error());
  pending.low = RangeStart(args, args.Next());
  pending.high = RangeEnd(args, args.Next());
  if (!args.ok()) return pending;
  args.Next();
  if (!args.AtEnd()) pending.consumer = args.Next();
  args.Rest();
  return pending;
}

void ReplySummary(ReplyWriter& reply, const ConsumerGroup& group) {
  reply.Array(4);
  reply.Integer(static_cast<int64_t>(group.pending_count()));
  if (group.pending_count() == 0) {
    reply.Null();
    reply.Null();
    return reply.NullArray();
  }
  const PendingTree& pending = group.pending();
  ReplyStreamId(reply, pending.Begin().item().id);
  ReplyStreamId(reply, pending.At(pending.weight() - 1).item().id);
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  for (const uint32_t number : group.consumers_by_name()) {
    const Consumer& consumer = group.consumer(number);
    if (consumer.pending.empty()) continue;
    reply.Array(2);
    reply.Bulk(consumer.name);
    reply.BulkInteger(static_cast<int64_t>(consumer.pending.weight()));
    ++count;
  }
  reply.CloseArray(mark, count);
}

// Replies the pending entries that are idle for long enough, up to a count.
class PendingReply {
 public:
  PendingReply(CommandContext& context, const ConsumerGroup& group, const PendingArgs& args)
      : reply_(context.reply),
        breather_(context),
        now_ms_(context.now.value()),
        group_(group),
        args_(args) {
    mark_ = reply_.ArrayLater();
  }
  bool full() const { return count_ >= args_.count_max; }
  void Add(const PendingEntry& entry) {
    constexpr uint64_t kUnits = 8;
    breather_.Step(kUnits);
    const int64_t idle_ms = now_ms_ - entry.delivered_ms;
    if (args_.idle_min_ms != 0 && idle_ms < args_.idle_min_ms) return;
    ++count_;
    reply_.Array(4);
    ReplyStreamId(reply_, entry.id);
    reply_.Bulk(group_.consumer(entry.consumer).name);
    reply_.Integer(std::max<int64_t>(idle_ms, 0));
    reply_.Integer(static_cast<int64_t>(entry.deliveries));
  }
  void Finish() { reply_.CloseArray(mark_, count_); }

 private:
  ReplyWriter& reply_;
  Breather breather_;
  int64_t now_ms_;
  const ConsumerGroup& group_;
  const PendingArgs& args_;
  size_t mark_ = 0;
  size_t count_ = 0;
};

void ReplyEntriesOfAll(CommandContext& context, const ConsumerGroup& group,
                       const PendingArgs& args) {
  PendingReply reply(context, group, args);
  const PendingTree& tree = group.pending();
  for (PendingTree::Cursor at = group.SeekPending(args.low);
       !at.at_end() && !reply.full() && at.item().id <= args.high; tree.Next(at)) {
    reply.Add(at.item());
  }
  reply.Finish();
}

void ReplyEntriesOfOne(CommandContext& context, const ConsumerGroup& group,
                       const PendingArgs& args) {
  const auto number = group.FindConsumer(*args.consumer);
  if (!number) return context.reply.Array(0);
  PendingReply reply(context, group, args);
  const PendingIds& ids = group.consumer(*number).pending;
  for (PendingIds::Cursor at = ids.LowerBound([&](StreamId id) { return id < args.low; });
       !at.at_end() && !reply.full() && at.item() <= args.high; ids.Next(at)) {
    reply.Add(*group.FindPending(at.item()));
  }
  reply.Finish();
}

// Who asks for those that are idle looks at others in vain.
uint64_t WorkOfPending(Argv argv, uint64_t entry_count) {
  return argv.size() > 3 && EqualsIgnoreCase(argv[3], "IDLE") ? entry_count : 0;
}

void Xpending(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const PendingArgs pending = ParsePendingArgs(args);
  if (!args.Done(context.reply)) return;
  const StreamKey found = ReadStream(context, key);
  if (found.wrong_type) return;
  const ConsumerGroup* const group =
      found.stream == nullptr ? nullptr : found.stream->FindGroup(name);
  if (group == nullptr) return ReplyNoGroup(context.reply, key.text, name);
  if (pending.summary) {
    ReplySummary(context.reply, *group);
  } else if (pending.consumer) {
    ReplyEntriesOfOne(context, *group, pending);
  } else {
    ReplyEntriesOfAll(context, *group, pending);
  }
}

constexpr CommandSpec kXpending = {
    .name = "xpending",
    .arity = AtLeast(3),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kReadonly | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .work = WorkOfPending,
    .syntax = "key group [[IDLE min-idle-time] start end count [consumer]]",
    .complexity =
        "O(log N + M) with M the pending entries looked at; the summary O(C) with C the "
        "consumers",
    .summary = "Answers what was delivered and is not acknowledged.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterStreamPendingCommands(CommandRegistry& registry) {
  registry.Add(kXack, Xack);
  registry.Add(kXpending, Xpending);
}

}  // namespace torc
