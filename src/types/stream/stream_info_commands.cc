// XINFO: what a stream, its groups and their consumers are like.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_delivery.h"

namespace torc {
namespace {

constexpr CommandSpec kXinfo = {
    .name = "xinfo",
    .arity = AtLeast(2),
    .group = Group::kStream,
    .since = "5.0.0",
    .complexity = "Depends on the subcommand",
    .summary = "A container for commands that describe streams and their groups."};

// The bytes two ids have in common, counted from the front.
int CommonBytes(StreamId a, StreamId b) {
  if (a.ms != b.ms) return __builtin_clzll(a.ms ^ b.ms) / 8;
  return 8 + (a.seq == b.seq ? 8 : __builtin_clzll(a.seq ^ b.seq) / 8);
}

// How many nodes Redis's radix tree of 16-byte keys would have over these blocks: XINFO shows it.
// Each key has a leaf; where keys part there is a node; and a node stands for the bytes in a row
// that lie between. Depths of the partings on the path to the last key are kept on a stack.
class RadixNodes {
 public:
  void Add(StreamId key) {
    if (keys_++ > 0) {
      const int common = CommonBytes(last_, key);
      CountLeaf(std::max(common_before_, common));
      while (depth_ > 0 && partings_[depth_ - 1] > common) {
        const int parting = partings_[--depth_];
        CountParting(parting, std::max(common, depth_ > 0 ? partings_[depth_ - 1] : 0));
      }
      if (depth_ == 0 || partings_[depth_ - 1] < common) partings_[depth_++] = common;
      common_before_ = common;
    }
    last_ = key;
  }
  uint64_t Total() {
    if (keys_ == 0) return 1;
    CountLeaf(common_before_);
    while (depth_ > 0) {
      const int parting = partings_[--depth_];
      CountParting(parting, depth_ > 0 ? partings_[depth_ - 1] : -1);
    }
    return nodes_;
  }

 private:
  static constexpr int kKeyBytes = 16;
  // A leaf below the parting at this depth, or below none.
  void CountLeaf(int parting_above) { nodes_ += kKeyBytes > parting_above + 1 ? 2 : 1; }
  void CountParting(int depth, int parting_above) { nodes_ += depth > parting_above + 1 ? 2 : 1; }

  uint64_t keys_ = 0;
  uint64_t nodes_ = 0;
  StreamId last_;
  int common_before_ = -1;
  std::array<int, kKeyBytes> partings_{};
  size_t depth_ = 0;
};

void ReplyIdField(ReplyWriter& reply, std::string_view name, StreamId id) {
  reply.Bulk(name);
  ReplyStreamId(reply, id);
}

void ReplyCountField(ReplyWriter& reply, std::string_view name, uint64_t count) {
  reply.Bulk(name);
  reply.Integer(static_cast<int64_t>(count));
}

// What both forms of XINFO STREAM begin with: seven fields.
void ReplyFigures(ReplyWriter& reply, const StreamValue& stream) {
  RadixNodes nodes;
  stream.ForEachBase([&](StreamId base) { nodes.Add(base); });
  ReplyCountField(reply, "length", stream.length());
  ReplyCountField(reply, "radix-tree-keys", stream.block_count());
  ReplyCountField(reply, "radix-tree-nodes", nodes.Total());
  ReplyIdField(reply, "last-generated-id", stream.last_id);
  ReplyIdField(reply, "max-deleted-entry-id", stream.max_deleted_id);
  ReplyCountField(reply, "entries-added", stream.entries_added);
  ReplyIdField(reply, "recorded-first-entry-id", stream.first_id());
}

void ReplyEdge(ReplyWriter& reply, const StreamValue& stream, StreamWalk::Direction direction) {
  const StreamWalk walk(stream, kStreamIdMin, kStreamIdMax, direction);
  walk.AtEnd() ? reply.Null() : ReplyStreamEntry(reply, walk.entry());
}

// entries-read and lag.
void ReplyProgress(ReplyWriter& reply, const StreamValue& stream, const ConsumerGroup& group) {
  reply.Bulk("entries-read");
  group.entries_read == ConsumerGroup::kUnknownRead ? reply.Null()
                                                    : reply.Integer(group.entries_read);
  reply.Bulk("lag");
  const auto lag = stream.LagOf(group);
  lag ? reply.Integer(*lag) : reply.Null();
}

// Whether `count_max`, 0 for no limit, allows one more.
bool Wanted(size_t count, uint64_t count_max) {
  return count_max == 0 || count < count_max;
}

void ReplyGroupPending(ReplyWriter& reply, const ConsumerGroup& group, uint64_t count_max) {
  const PendingTree& pending = group.pending();
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  for (auto at = pending.Begin(); !at.at_end() && Wanted(count, count_max); pending.Next(at)) {
    const PendingEntry& entry = at.item();
    reply.Array(4);
    ReplyStreamId(reply, entry.id);
    reply.Bulk(group.consumer(entry.consumer).name);
    reply.Integer(entry.delivered_ms);
    reply.Integer(static_cast<int64_t>(entry.deliveries));
    ++count;
  }
  reply.CloseArray(mark, count);
}

void ReplyConsumer(ReplyWriter& reply, const ConsumerGroup& group, const Consumer& consumer,
                   uint64_t count_max) {
  reply.Map(5);
  reply.Bulk("name");
  reply.Bulk(consumer.name);
  reply.Bulk("seen-time");
  reply.Integer(consumer.seen_ms);
  reply.Bulk("active-time");
  reply.Integer(consumer.active_ms);
  ReplyCountField(reply, "pel-count", consumer.pending.weight());
  reply.Bulk("pending");
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  for (auto at = consumer.pending.Begin(); !at.at_end() && Wanted(count, count_max);
       consumer.pending.Next(at)) {
    const PendingEntry entry = *group.FindPending(at.item());
    reply.Array(3);
    ReplyStreamId(reply, entry.id);
    reply.Integer(entry.delivered_ms);
    reply.Integer(static_cast<int64_t>(entry.deliveries));
    ++count;
  }
  reply.CloseArray(mark, count);
}

void ReplyGroupInFull(ReplyWriter& reply, const StreamValue& stream, const ConsumerGroup& group,
                      uint64_t count_max) {
  reply.Map(7);
  reply.Bulk("name");
  reply.Bulk(group.name());
  ReplyIdField(reply, "last-delivered-id", group.last_id);
  ReplyProgress(reply, stream, group);
  ReplyCountField(reply, "pel-count", group.pending_count());
  reply.Bulk("pending");
  ReplyGroupPending(reply, group, count_max);
  reply.Bulk("consumers");
  reply.Array(group.consumers_by_name().size());
  for (const uint32_t number : group.consumers_by_name()) {
    ReplyConsumer(reply, group, group.consumer(number), count_max);
  }
}

void ReplyInFull(ReplyWriter& reply, const StreamValue& stream, uint64_t count_max) {
  reply.Map(9);
  ReplyFigures(reply, stream);
  reply.Bulk("entries");
  StreamWalk walk(stream, kStreamIdMin, kStreamIdMax);
  ReplyEntries(reply, walk, count_max);
  reply.Bulk("groups");
  reply.Array(stream.group_count());
  for (size_t i = 0; i < stream.group_count(); ++i) {
    ReplyGroupInFull(reply, stream, (*stream.groups())[i], count_max);
  }
}

// The stream, or null with the reason replied.
const StreamValue* DescribedStream(CommandContext& context, const KeyRef& key) {
  const StreamKey found = ReadStream(context, key);
  if (found.stream == nullptr && !found.wrong_type) context.reply.Error(errors::kNoSuchKey);
  return found.stream;
}

void XinfoStream(CommandContext& context, ArgCursor args) {
  constexpr int64_t kCountUsual = 10;
  const KeyRef key = context.Key(args.Key());
  const StreamValue* const stream = DescribedStream(context, key);
  if (stream == nullptr) return;
  ReplyWriter& reply = context.reply;
  if (args.AtEnd()) {
    reply.Map(10);
    ReplyFigures(reply, *stream);
    ReplyCountField(reply, "groups", stream->group_count());
    reply.Bulk("first-entry");
    ReplyEdge(reply, *stream, StreamWalk::Direction::kForward);
    reply.Bulk("last-entry");
    return ReplyEdge(reply, *stream, StreamWalk::Direction::kBackward);
  }
  int64_t count = kCountUsual;
  bool understood = args.Take("FULL");
  if (understood && !args.AtEnd()) {
    understood = args.remaining() == 2 && args.Take("COUNT");
    if (understood) count = args.Integer();
  }
  if (!understood) {
    return reply.Error("ERR unknown subcommand or wrong number of arguments for '" +
                       std::string(errors::ShownText(context.argv[1], 128)) + "'. Try XINFO HELP.");
  }
  if (!args.Done(reply)) return;
  ReplyInFull(reply, *stream, static_cast<uint64_t>(count < 0 ? kCountUsual : count));
}

constexpr CommandSpec kXinfoStream = {
    .name = "stream",
    .parent = "xinfo",
    .arity = AtLeast(3),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kReadonly,
    .acl = kAclStream,
    .keys = {OneKey(2, kKeyReadOnly | kKeyAccess)},
    .syntax = "key [FULL [COUNT count]]",
    .complexity = "O(N) with N the blocks of the stream, and what FULL answers",
    .summary = "Describes a stream."};

void XinfoGroups(CommandContext& context, ArgCursor args) {
  const StreamValue* const stream = DescribedStream(context, context.Key(args.Key()));
  if (stream == nullptr) return;
  ReplyWriter& reply = context.reply;
  reply.Array(stream->group_count());
  for (size_t i = 0; i < stream->group_count(); ++i) {
    const ConsumerGroup& group = (*stream->groups())[i];
    reply.Map(6);
    reply.Bulk("name");
    reply.Bulk(group.name());
    ReplyCountField(reply, "consumers", group.consumers_by_name().size());
    ReplyCountField(reply, "pending", group.pending_count());
    ReplyIdField(reply, "last-delivered-id", group.last_id);
    ReplyProgress(reply, *stream, group);
  }
}

constexpr CommandSpec kXinfoGroups = {.name = "groups",
                                      .parent = "xinfo",
                                      .arity = Exactly(3),
                                      .group = Group::kStream,
                                      .since = "5.0.0",
                                      .flags = kReadonly,
                                      .acl = kAclStream,
                                      .keys = {OneKey(2, kKeyReadOnly | kKeyAccess)},
                                      .syntax = "key",
                                      .complexity = "O(N) with N the groups",
                                      .summary = "Describes the consumer groups of a stream."};

void XinfoConsumers(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const StreamValue* const stream = DescribedStream(context, key);
  if (stream == nullptr) return;
  ReplyWriter& reply = context.reply;
  const ConsumerGroup* const group = stream->FindGroup(name);
  if (group == nullptr) {
    return reply.Error("NOGROUP No such consumer group '" + std::string(errors::ShownText(name)) +
                       "' for key name '" + std::string(errors::ShownText(key.text)) + "'");
  }
  const int64_t now_ms = context.now.value();
  reply.Array(group->consumers_by_name().size());
  for (const uint32_t number : group->consumers_by_name()) {
    const Consumer& consumer = group->consumer(number);
    const bool active = consumer.active_ms != Consumer::kNeverActive;
    reply.Map(4);
    reply.Bulk("name");
    reply.Bulk(consumer.name);
    ReplyCountField(reply, "pending", consumer.pending.weight());
    reply.Bulk("idle");
    reply.Integer(std::max<int64_t>(now_ms - consumer.seen_ms, 0));
    reply.Bulk("inactive");
    reply.Integer(active ? std::max<int64_t>(now_ms - consumer.active_ms, 0) : -1);
  }
}

constexpr CommandSpec kXinfoConsumers = {.name = "consumers",
                                         .parent = "xinfo",
                                         .arity = Exactly(4),
                                         .group = Group::kStream,
                                         .since = "5.0.0",
                                         .flags = kReadonly,
                                         .acl = kAclStream,
                                         .keys = {OneKey(2, kKeyReadOnly | kKeyAccess)},
                                         .syntax = "key group",
                                         .complexity = "O(N) with N the consumers",
                                         .summary = "Describes the consumers of a group.",
                                         .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterStreamInfoCommands(CommandRegistry& registry) {
  registry.Add(kXinfo, nullptr);
  registry.Add(kXinfoStream, XinfoStream);
  registry.Add(kXinfoGroups, XinfoGroups);
  registry.Add(kXinfoConsumers, XinfoConsumers);
}

}  // namespace torc
