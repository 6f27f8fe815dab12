// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites. Each name is confirmed by a message of its
// own: a push, which no reply mode silences.

#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "command/pubsub.h"
#include "features/pubsub/pubsub_commands.h"

namespace torc {
namespace {

// A client's channels and patterns are counted together, its shard channels apart.
int64_t CountFor(const Session& session, ChannelKind kind) {
  const Subscriptions* subscriptions = session.subscriptions.get();
  if (subscriptions == nullptr) return 0;
  if (kind == ChannelKind::kShardChannel) return static_cast<int64_t>(subscriptions->Count(kind));
  return static_cast<int64_t>(subscriptions->Count(ChannelKind::kChannel) +
                              subscriptions->Count(ChannelKind::kPattern));
}

void Subscribe(CommandContext& context, ArgCursor args, ChannelKind kind, std::string_view word) {
  for (const std::string_view name : args.Rest()) {
    context.services.pubsub->Subscribe(context.session, kind, name);
    context.reply.Push(3);
    context.reply.Bulk(word);
    context.reply.Bulk(name);
    context.reply.Integer(CountFor(context.session, kind));
  }
}

std::vector<std::string> NamesOf(const Session& session, ChannelKind kind) {
  std::vector<std::string> names;
  if (session.subscriptions == nullptr) return names;
  for (const auto& [name, place] : session.subscriptions->places[static_cast<size_t>(kind)]) {
    names.emplace_back(name);
  }
  return names;
}

void Unsubscribe(CommandContext& context, ArgCursor args, ChannelKind kind, std::string_view word) {
  std::vector<std::string> names;
  const bool all = args.AtEnd();
  if (all) {
    names = NamesOf(context.session, kind);
  } else {
    const Argv rest = args.Rest();
    names.assign(rest.begin(), rest.end());
  }
  for (const std::string& name : names) {
    context.services.pubsub->Unsubscribe(context.session, kind, name);
    context.reply.Push(3);
    context.reply.Bulk(word);
    context.reply.Bulk(name);
    context.reply.Integer(CountFor(context.session, kind));
  }
  if (!names.empty()) return;
  context.reply.Push(3);
  context.reply.Bulk(word);
  context.reply.Null();
  context.reply.Integer(CountFor(context.session, kind));
}

template <ChannelKind kKind>
void SubscribeTo(CommandContext& context, ArgCursor args) {
  Subscribe(context, args, kKind, context.command.spec.name);
}
template <ChannelKind kKind>
void UnsubscribeFrom(CommandContext& context, ArgCursor args) {
  Unsubscribe(context, args, kKind, context.command.spec.name);
}

constexpr CommandSpec SubscribeSpec(std::string_view name, Arity arity, std::string_view since,
                                    std::string_view syntax, std::string_view complexity,
                                    std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.arity = arity;
  spec.group = Group::kPubsub;
  spec.since = since;
  spec.flags = kPubsub | kNoScript | kLoading | kStale;
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  return spec;
}

constexpr CommandSpec Over(ChannelUse channels, CommandSpec spec) {
  spec.channels = channels;
  return spec;
}

constexpr CommandSpec OverShardChannels(CommandSpec spec) {
  spec.keys = {KeyRange(1, -1, 1, kKeyNotKey)};
  return spec;
}

constexpr CommandSpec kSubscribe = Over(
    ChannelUse::kAll, SubscribeSpec("subscribe", AtLeast(2), "2.0.0", "channel [channel ...]",
                                    "O(N) with N the number of channels", "Listens to channels."));
constexpr CommandSpec kUnsubscribe =
    SubscribeSpec("unsubscribe", AtLeast(1), "2.0.0", "[channel [channel ...]]",
                  "O(N) with N the number of channels", "Stops listening to channels, or to all.");
constexpr CommandSpec kPsubscribe =
    Over(ChannelUse::kAllPatterns,
         SubscribeSpec("psubscribe", AtLeast(2), "2.0.0", "pattern [pattern ...]",
                       "O(N) with N the number of patterns",
                       "Listens to all channels that match patterns."));
constexpr CommandSpec kPunsubscribe =
    SubscribeSpec("punsubscribe", AtLeast(1), "2.0.0", "[pattern [pattern ...]]",
                  "O(N) with N the number of patterns", "Stops listening to patterns, or to all.");
constexpr CommandSpec kSsubscribe =
    Over(ChannelUse::kAll,
         OverShardChannels(SubscribeSpec(
             "ssubscribe", AtLeast(2), "7.0.0", "shardchannel [shardchannel ...]",
             "O(N) with N the number of shard channels", "Listens to shard channels.")));
constexpr CommandSpec kSunsubscribe = OverShardChannels(SubscribeSpec(
    "sunsubscribe", AtLeast(1), "7.0.0", "[shardchannel [shardchannel ...]]",
    "O(N) with N the number of shard channels", "Stops listening to shard channels, or to all."));

}  // namespace

void RegisterSubscribeCommands(CommandRegistry& registry) {
  registry.Add(kSubscribe, SubscribeTo<ChannelKind::kChannel>);
  registry.Add(kUnsubscribe, UnsubscribeFrom<ChannelKind::kChannel>);
  registry.Add(kPsubscribe, SubscribeTo<ChannelKind::kPattern>);
  registry.Add(kPunsubscribe, UnsubscribeFrom<ChannelKind::kPattern>);
  registry.Add(kSsubscribe, SubscribeTo<ChannelKind::kShardChannel>);
  registry.Add(kSunsubscribe, UnsubscribeFrom<ChannelKind::kShardChannel>);
}

}  // namespace torc
