// XCLAIM, XAUTOCLAIM: what is pending for one consumer becomes another's.

#include <algorithm>
#include <string>
#include <vector>

#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_delivery.h"

namespace torc {
namespace {

// What both commands do with each entry.
struct ClaimRules {
  int64_t idle_min_ms = 0;
  int64_t delivered_ms = 0;
  std::optional<uint64_t> deliveries;
  bool just_id = false;
};

class Claim {
 public:
  Claim(CommandContext& context, std::string_view key, const StreamValue& stream,
        ConsumerGroup* group, std::string_view consumer, const ClaimRules& rules)
      : context_(context),
        key_(key),
        stream_(stream),
        group_(group),
        consumer_(FindOrAddConsumer(context, key, group, consumer)),
        rules_(rules) {
    group_->WriteConsumer(consumer_).seen_ms = StreamNowMs(context);
  }

  bool IdleEnough(const PendingEntry& entry) const {
    return rules_.idle_min_ms == 0 ||
           StreamNowMs(context_) - entry.delivered_ms >= rules_.idle_min_ms;
  }
  // Makes the entry this consumer's and replies it. It is in the stream.
  void Take(PendingEntry entry) {
    entry.consumer = consumer_;
    entry.delivered_ms = rules_.delivered_ms;
    if (rules_.deliveries) {
      entry.deliveries = *rules_.deliveries;
    } else if (!rules_.just_id) {
      ++entry.deliveries;
    }
    group_->SetPending(entry);
    group_->WriteConsumer(consumer_).active_ms = StreamNowMs(context_);
    if (rules_.just_id) {
      ReplyStreamId(context_.reply, entry.id);
    } else {
      ReplyStreamEntry(context_.reply, stream_, entry.id);
    }
    context_.ChangedSilently();
    if (context_.recording()) context_.Replay(ClaimForm(key_, *group_, entry));
  }
  // The entry is no longer in the stream: nor shall it be pending.
  void Drop(StreamId id) {
    group_->RemovePending(id);
    context_.ChangedSilently();
    if (context_.recording()) {
      context_.Replay({"XACK", std::string(key_), group_->name(), StreamIdText(id)});
    }
  }

 private:
  CommandContext& context_;
  std::string_view key_;
  const StreamValue& stream_;
  ConsumerGroup* group_;
  uint32_t consumer_;
  ClaimRules rules_;
};

struct ClaimArgs {
  std::vector<StreamId> ids;
  ClaimRules rules;
  bool force = false;
  StreamId last_id;
};

// What stands behind the ids. A time that cannot be is the present: clients reckon it by their own
// clocks.
void ParseClaimOptions(ArgCursor& args, int64_t now_ms, ClaimArgs* claim) {
  std::optional<int64_t> delivered_ms;
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("FORCE")) {
      claim->force = true;
    } else if (args.Take("JUSTID")) {
      claim->rules.just_id = true;
    } else if (args.TakeWith("IDLE", 1)) {
      const int64_t idle_ms = args.Integer("ERR Invalid IDLE option argument for XCLAIM");
      delivered_ms =
          static_cast<int64_t>(static_cast<uint64_t>(now_ms) - static_cast<uint64_t>(idle_ms));
    } else if (args.TakeWith("TIME", 1)) {
      delivered_ms = args.Integer("ERR Invalid TIME option argument for XCLAIM");
    } else if (args.TakeWith("RETRYCOUNT", 1)) {
      const int64_t count = args.Integer("ERR Invalid RETRYCOUNT option argument for XCLAIM");
      claim->rules.deliveries.reset();
      if (count >= 0) claim->rules.deliveries = static_cast<uint64_t>(count);
    } else if (args.TakeWith("LASTID", 1)) {
      claim->last_id = TakeStreamId(args);
    } else {
      args.Fail("ERR Unrecognized XCLAIM option '" + std::string(errors::ShownText(args.Next())) +
                "'");
    }
  }
  const bool sane = delivered_ms && *delivered_ms >= 0 && *delivered_ms <= now_ms;
  claim->rules.delivered_ms = sane ? *delivered_ms : now_ms;
}

void ReplayGroupId(CommandContext& context, std::string_view key, const ConsumerGroup& group) {
  context.ChangedSilently();
  if (!context.recording()) return;
  context.Replay({"XGROUP", "SETID", std::string(key), group.name(), StreamIdText(group.last_id),
                  "ENTRIESREAD", std::to_string(group.entries_read)});
}

// Claims the ids that can be, and replies them.
void ClaimAll(CommandContext& context, const StreamValue& stream, ConsumerGroup* group,
              Claim& claim, const ClaimArgs& args) {
  const size_t mark = context.reply.ArrayLater();
  size_t count = 0;
  for (const StreamId id : args.ids) {
    std::optional<PendingEntry> entry = group->FindPending(id);
    if (!stream.Contains(id)) {
      if (entry) claim.Drop(id);
      continue;
    }
    if (!entry && args.force) {
      entry = PendingEntry{.id = id, .delivered_ms = args.rules.delivered_ms, .deliveries = 1};
    } else if (!entry || !claim.IdleEnough(*entry)) {
      continue;
    }
    claim.Take(*entry);
    ++count;
  }
  context.reply.CloseArray(mark, count);
}

void Xclaim(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view group_name = args.Next();
  const std::string_view consumer = args.Next();
  const StreamKey found = ReadStreamForUpdate(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr || found.stream->FindGroup(group_name) == nullptr) {
    return ReplyNoGroup(context.reply, key.text, group_name);
  }
  ClaimArgs claim;
  claim.rules.idle_min_ms =
      std::max<int64_t>(args.Integer("ERR Invalid min-idle-time argument for XCLAIM"), 0);
  while (args.ok() && !args.AtEnd()) {
    const auto id = ParseStreamId(args.Peek(), 0);
    if (!id) break;
    claim.ids.push_back(*id);
    args.Next();
  }
  ParseClaimOptions(args, StreamNowMs(context), &claim);
  if (!args.Done(context.reply)) return;
  ConsumerGroup* const group = found.stream->WriteGroup(group_name);
  const bool advanced = claim.last_id > group->last_id;
  if (advanced) group->last_id = claim.last_id;
  Claim consumers_claim(context, key.text, *found.stream, group, consumer, claim.rules);
  ClaimAll(context, *found.stream, group, consumers_claim, claim);
  if (advanced) ReplayGroupId(context, key.text, *group);
}

constexpr CommandSpec kXclaim = {
    .name = "xclaim",
    .arity = AtLeast(6),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kFast,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax =
        "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] "
        "[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
    .complexity = "O(log N) an id, with N the entries pending",
    .summary = "Makes pending entries another consumer's.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

struct AutoclaimArgs {
  ClaimRules rules;
  StreamId start;
  uint64_t count = 100;
};

AutoclaimArgs ParseAutoclaimArgs(ArgCursor& args, int64_t now_ms) {
  constexpr int64_t kCountMax = INT64_MAX / 16;
  constexpr std::string_view kBadCount = "ERR COUNT must be > 0";
  AutoclaimArgs claim;
  claim.rules.idle_min_ms =
      std::max<int64_t>(args.Integer("ERR Invalid min-idle-time argument for XAUTOCLAIM"), 0);
  claim.rules.delivered_ms = now_ms;
  claim.start = TakeRangeStart(args);
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("COUNT", 1)) {
      claim.count = static_cast<uint64_t>(args.IntegerIn(1, kCountMax, kBadCount));
    } else if (args.Take("JUSTID")) {
      claim.rules.just_id = true;
    } else {
      args.FailSyntax();
    }
  }
  return claim;
}

// Claims from `start` on and replies the three parts; looks at no more than ten times as many
// entries as are asked for.
void ClaimNext(CommandContext& context, const StreamValue& stream, ConsumerGroup* group,
               Claim& claim, const AutoclaimArgs& args) {
  constexpr uint64_t kLooksPerEntry = 10;
  ReplyWriter& reply = context.reply;
  // What is claimed or dropped does not disturb a clone.
  const PendingTree pending = group->pending().Clone();
  PendingTree::Cursor at =
      pending.LowerBound([&](const PendingEntry& entry) { return entry.id < args.start; });
  Buffer claimed;
  std::vector<StreamId> dropped;
  uint64_t looks = args.count * kLooksPerEntry;
  uint64_t left = args.count;
  size_t count = 0;
  // The cursor to go on from is replied first, so what is claimed waits aside.
  reply.out()->Swap(claimed);
  for (; looks > 0 && left > 0 && !at.at_end(); --looks, pending.Next(at)) {
    const PendingEntry& entry = at.item();
    if (!stream.Contains(entry.id)) {
      claim.Drop(entry.id);
      dropped.push_back(entry.id);
      --left;
    } else if (claim.IdleEnough(entry)) {
      claim.Take(entry);
      ++count;
      --left;
    }
  }
  reply.out()->Swap(claimed);
  reply.Array(3);
  ReplyStreamId(reply, at.at_end() ? StreamId{} : at.item().id);
  reply.Array(count);
  reply.Raw(claimed.view());
  reply.Array(dropped.size());
  for (const StreamId id : dropped) ReplyStreamId(reply, id);
}

void Xautoclaim(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view group_name = args.Next();
  const std::string_view consumer = args.Next();
  const AutoclaimArgs claim = ParseAutoclaimArgs(args, StreamNowMs(context));
  if (!args.Done(context.reply)) return;
  const StreamKey found = ReadStreamForUpdate(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr || found.stream->FindGroup(group_name) == nullptr) {
    return ReplyNoGroup(context.reply, key.text, group_name);
  }
  ConsumerGroup* const group = found.stream->WriteGroup(group_name);
  Claim consumers_claim(context, key.text, *found.stream, group, consumer, claim.rules);
  ClaimNext(context, *found.stream, group, consumers_claim, claim);
}

constexpr CommandSpec kXautoclaim = {
    .name = "xautoclaim",
    .arity = AtLeast(6),
    .group = Group::kStream,
    .since = "6.2.0",
    .flags = kWrite | kFast,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .syntax = "key group consumer min-idle-time start [COUNT count] [JUSTID]",
    .complexity = "O(log N + M) with N the entries pending and M ten times COUNT",
    .summary = "Makes entries that have been pending for long another consumer's.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterStreamClaimCommands(CommandRegistry& registry) {
  registry.Add(kXclaim, Xclaim);
  registry.Add(kXautoclaim, Xautoclaim);
}

}  // namespace torc
