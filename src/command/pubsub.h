#pragma once

// The registry of channels, patterns and shard channels of one shard, and the sending of messages
// to whoever is subscribed. A message is encoded once per protocol and appended to the replies of
// each subscriber; the loop then sends them, once per turn and subscriber.
//
// With several shards each has a registry of its own sessions, and Publish is called on all.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/buffer.h"
#include "command/outbox.h"
#include "command/session.h"
#include "command/subscriptions.h"

namespace torc {

class PubsubRegistry {
 public:
  // The outbox must outlive the registry.
  explicit PubsubRegistry(Outbox* outbox) : outbox_(outbox) {}

  // False if the session is subscribed already (is not): nothing changed. O(log N) in the session's
  // subscriptions.
  bool Subscribe(Session& session, ChannelKind kind, std::string_view name);
  bool Unsubscribe(Session& session, ChannelKind kind, std::string_view name);
  // From everything, without a word.
  void UnsubscribeAll(Session& session);

  // Sends a message to the channel's subscribers and, unless it is a shard channel, to those of
  // matching patterns; returns how many got it. O(subscribers + patterns).
  size_t Publish(ChannelKind kind, std::string_view channel, std::string_view message);

  // How many Publish would reach.
  size_t ReceiverCount(ChannelKind kind, std::string_view channel) const;

  size_t Count(ChannelKind kind) const { return channels_[static_cast<size_t>(kind)].size(); }
  size_t SubscriberCount(ChannelKind kind, std::string_view name) const;
  void ForEach(ChannelKind kind, const std::function<void(const Channel&)>& visit) const;

 private:
  // By Channel::name.
  using Channels = std::unordered_map<std::string_view, std::unique_ptr<Channel>>;

  // One message in the forms of both protocols, each made when the first subscriber needs it.
  class Message;
  void SendToAll(const Channel& channel, Message& message);

  Outbox* outbox_;
  std::array<Channels, kChannelKindCount> channels_;
};

}  // namespace torc
