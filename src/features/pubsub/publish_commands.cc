// PUBLISH, SPUBLISH, and PUBSUB, which tells who listens to what.

#include <string>
#include <string_view>
#include <vector>

#include "base/glob.h"
#include "command/context.h"
#include "command/process_totals.h"
#include "command/pubsub.h"
#include "features/pubsub/pubsub_commands.h"

namespace torc {
namespace {

void PublishTo(CommandContext& context, ArgCursor args, ChannelKind kind) {
  const std::string_view channel = args.Next();
  const size_t receivers = PublishToAll(context.services, kind, channel, args.Next());
  context.reply.Integer(static_cast<int64_t>(receivers));
}

void Publish(CommandContext& context, ArgCursor args) {
  PublishTo(context, args, ChannelKind::kChannel);
}

constexpr CommandSpec kPublish = {
    .name = "publish",
    .arity = Exactly(3),
    .group = Group::kPubsub,
    .since = "2.0.0",
    .flags = kPubsub | kLoading | kStale | kFast | kMayReplicate | kOwnSession,
    .channels = ChannelUse::kFirst,
    .syntax = "channel message",
    .complexity = "O(N+M) with N the channel's subscribers and M the number of patterns",
    .summary = "Sends a message to whoever listens to a channel."};

void Spublish(CommandContext& context, ArgCursor args) {
  PublishTo(context, args, ChannelKind::kShardChannel);
}

constexpr CommandSpec kSpublish = {
    .name = "spublish",
    .arity = Exactly(3),
    .group = Group::kPubsub,
    .since = "7.0.0",
    .flags = kPubsub | kLoading | kStale | kFast | kMayReplicate | kOwnSession,
    .keys = {OneKey(1, kKeyNotKey)},
    .channels = ChannelUse::kFirst,
    .syntax = "shardchannel message",
    .complexity = "O(N) with N the shard channel's subscribers",
    .summary = "Sends a message to whoever listens to a shard channel."};

constexpr CommandSpec kPubsubContainer = {.name = "pubsub",
                                          .arity = AtLeast(2),
                                          .group = Group::kPubsub,
                                          .since = "2.8.0",
                                          .help_since = "6.2.0",
                                          .complexity = "Depends on the subcommand.",
                                          .summary = "Tells about channels and subscribers."};

constexpr CommandSpec PubsubSub(std::string_view name, Arity arity, std::string_view since,
                                std::string_view syntax, std::string_view complexity,
                                std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.parent = "pubsub";
  spec.arity = arity;
  spec.group = Group::kPubsub;
  spec.since = since;
  spec.flags = kPubsub | kLoading | kStale;
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  return spec;
}

void ListChannels(CommandContext& context, ArgCursor args, ChannelKind kind) {
  if (args.remaining() > 1) {
    return context.reply.Error("ERR unknown subcommand or wrong number of arguments for '" +
                               std::string(context.argv[1]) + "'. Try PUBSUB HELP.");
  }
  const bool all = args.AtEnd();
  const std::string_view pattern = args.Peek();
  const size_t mark = context.reply.ArrayLater();
  size_t count = 0;
  for (const auto& [name, subscribers] : AllChannels(context.services, kind)) {
    if (!all && !GlobMatch(pattern, name)) continue;
    context.reply.Bulk(name);
    ++count;
  }
  context.reply.CloseArray(mark, count);
}

void PubsubChannels(CommandContext& context, ArgCursor args) {
  ListChannels(context, args, ChannelKind::kChannel);
}
constexpr CommandSpec kPubsubChannels =
    PubsubSub("channels", AtLeast(2), "2.8.0", "[pattern]", "O(N) with N the number of channels",
              "Lists the channels somebody listens to.");

void PubsubShardchannels(CommandContext& context, ArgCursor args) {
  ListChannels(context, args, ChannelKind::kShardChannel);
}
constexpr CommandSpec kPubsubShardchannels = PubsubSub(
    "shardchannels", AtLeast(2), "7.0.0", "[pattern]", "O(N) with N the number of shard channels",
    "Lists the shard channels somebody listens to.");

void CountSubscribers(CommandContext& context, ArgCursor args, ChannelKind kind) {
  const Argv names = args.Rest();
  context.reply.Array(names.size() * 2);
  for (const std::string_view name : names) {
    size_t count = 0;
    for (const Services* shard : *context.services.shards) {
      count += shard->pubsub->SubscriberCount(kind, name);
    }
    context.reply.Bulk(name);
    context.reply.Integer(static_cast<int64_t>(count));
  }
}

void PubsubNumsub(CommandContext& context, ArgCursor args) {
  CountSubscribers(context, args, ChannelKind::kChannel);
}
constexpr CommandSpec kPubsubNumsub =
    PubsubSub("numsub", AtLeast(2), "2.8.0", "[channel [channel ...]]",
              "O(N) with N the number of channels asked for", "Counts the listeners of channels.");

void PubsubShardnumsub(CommandContext& context, ArgCursor args) {
  CountSubscribers(context, args, ChannelKind::kShardChannel);
}
constexpr CommandSpec kPubsubShardnumsub =
    PubsubSub("shardnumsub", AtLeast(2), "7.0.0", "[shardchannel [shardchannel ...]]",
              "O(N) with N the number of shard channels asked for",
              "Counts the listeners of shard channels.");

void PubsubNumpat(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(
      static_cast<int64_t>(CountChannels(context.services, ChannelKind::kPattern)));
}
constexpr CommandSpec kPubsubNumpat = PubsubSub("numpat", Exactly(2), "2.8.0", "", "O(1)",
                                                "Counts the patterns that somebody listens to.");

}  // namespace

void RegisterPublishCommands(CommandRegistry& registry) {
  registry.Add(kPublish, Publish);
  registry.Add(kSpublish, Spublish);
  registry.Add(kPubsubContainer, nullptr);
  registry.Add(kPubsubChannels, PubsubChannels);
  registry.Add(kPubsubNumsub, PubsubNumsub);
  registry.Add(kPubsubNumpat, PubsubNumpat);
  registry.Add(kPubsubShardchannels, PubsubShardchannels);
  registry.Add(kPubsubShardnumsub, PubsubShardnumsub);
}

}  // namespace torc
