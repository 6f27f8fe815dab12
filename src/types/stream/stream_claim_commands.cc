// XCLAIM, XAUTOCLAIM: what is pending for one consumer becomes another's.

#include <algorithm>
#include <string>
#include <vector>

#include "command/breather.h"
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

bool IdleEnough(const CommandContext& context, const ClaimRules& rules, const PendingEntry& entry) {
  return rules.idle_min_ms == 0 || StreamNowMs(context) - entry.delivered_ms >= rules.idle_min_ms;
}

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
    } else if (!entry || !IdleEnough(context, args.rules, *entry)) {
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
  claim.start = RangeStart(args, args.Next());
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

constexpr uint64_t kLooksPerEntry = 10;

// What XAUTOCLAIM finds from `start` on.
struct Claimable {
  struct Look {
    PendingEntry entry;
    bool in_stream;
  };
  std::vector<Look> looks;
  size_t in_stream = 0;  // of them
  StreamId next;         // where to go on
};

// Looks at no more than ten times as many entries as are asked for, and only looks: others may run
// meanwhile.
Claimable FindClaimable(const CommandContext& context, const StreamValue& stream,
                        const ConsumerGroup& group, const AutoclaimArgs& args, Pace& pace) {
  constexpr uint64_t kUnitsOfLook = 24;
  Claimable found;
  const PendingTree& pending = group.pending();
  PendingTree::Cursor at = group.SeekPending(args.start);
  uint64_t looks = args.count * kLooksPerEntry;
  for (; looks > 0 && found.looks.size() < args.count && !at.at_end(); --looks, pending.Next(at)) {
    pace.Step(kUnitsOfLook);
    const bool in_stream = stream.Contains(at.item().id);
    if (in_stream && !IdleEnough(context, args.rules, at.item())) continue;
    found.looks.push_back({at.item(), in_stream});
    found.in_stream += in_stream ? 1 : 0;
  }
  if (!at.at_end()) found.next = at.item().id;
  return found;
}

// Claims what was found, drops what is no longer in the stream, and replies the three parts.
void ClaimFound(ReplyWriter& reply, Claim& claim, const Claimable& found) {
  reply.Array(3);
  ReplyStreamId(reply, found.next);
  reply.Array(found.in_stream);
  for (const Claimable::Look& look : found.looks) {
    look.in_stream ? claim.Take(look.entry) : claim.Drop(look.entry.id);
  }
  reply.Array(found.looks.size() - found.in_stream);
  for (const Claimable::Look& look : found.looks) {
    if (!look.in_stream) ReplyStreamId(reply, look.entry.id);
  }
}

uint64_t WorkOfAutoclaim(Argv argv, uint64_t /*entry_count*/) {
  for (size_t i = 6; i + 1 < argv.size(); ++i) {
    if (!EqualsIgnoreCase(argv[i], "COUNT")) continue;
    const int64_t count = std::clamp<int64_t>(ParseInt64(argv[i + 1]).value_or(0), 0, INT32_MAX);
    return kLooksPerEntry * static_cast<uint64_t>(count);
  }
  return 0;
}

void Xautoclaim(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view group_name = args.Next();
  const std::string_view consumer = args.Next();
  // As in Redis, a key that is not there is a miss even where the arguments are wrong.
  Entry* const entry = context.Read(key);
  const AutoclaimArgs claim = ParseAutoclaimArgs(args, StreamNowMs(context));
  if (!args.Done(context.reply)) return;
  const StreamKey found = StreamForUpdate(context, key, entry);
  if (found.wrong_type) return;
  if (found.stream == nullptr || found.stream->FindGroup(group_name) == nullptr) {
    return ReplyNoGroup(context.reply, key.text, group_name);
  }
  Breather breather(context);
  const Claimable claimable =
      FindClaimable(context, *found.stream, *found.stream->FindGroup(group_name), claim, breather);
  // Again: a snapshot may have begun meanwhile.
  StreamValue& stream = *WriteHeldStream(context, key);
  ConsumerGroup* const group = stream.WriteGroup(group_name);
  Claim consumers_claim(context, key.text, stream, group, consumer, claim.rules);
  ClaimFound(context.reply, consumers_claim, claimable);
}

constexpr CommandSpec kXautoclaim = {
    .name = "xautoclaim",
    .arity = AtLeast(6),
    .group = Group::kStream,
    .since = "6.2.0",
    .flags = kWrite | kFast | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .work = WorkOfAutoclaim,
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
