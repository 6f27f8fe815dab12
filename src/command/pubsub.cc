#include "command/pubsub.h"

#include <utility>

#include "base/check.h"
#include "base/glob.h"
#include "resp/reply_writer.h"

namespace torc {

class PubsubRegistry::Message {
 public:
  // `pattern`: the one that matched, or null data.
  Message(ChannelKind kind, std::string_view pattern, std::string_view channel,
          std::string_view text)
      : kind_(kind), pattern_(pattern), channel_(channel), text_(text) {}

  std::string_view Bytes(int protocol) {
    Buffer& out = forms_[protocol == 2 ? 0 : 1];
    if (out.empty()) Encode(&out, protocol);
    return out.view();
  }

 private:
  void Encode(Buffer* out, int protocol) {
    ReplyWriter writer(out, protocol);
    if (pattern_.data() != nullptr) {
      writer.Push(4);
      writer.Bulk("pmessage");
      writer.Bulk(pattern_);
    } else {
      writer.Push(3);
      writer.Bulk(kind_ == ChannelKind::kShardChannel ? "smessage" : "message");
    }
    writer.Bulk(channel_);
    writer.Bulk(text_);
  }

  ChannelKind kind_;
  std::string_view pattern_;
  std::string_view channel_;
  std::string_view text_;
  std::array<Buffer, 2> forms_;
};

bool PubsubRegistry::Subscribe(Session& session, ChannelKind kind, std::string_view name) {
  if (session.subscriptions == nullptr) session.subscriptions = std::make_unique<Subscriptions>();
  auto& places = session.subscriptions->places[static_cast<size_t>(kind)];
  if (places.contains(name)) return false;
  Channels& channels = channels_[static_cast<size_t>(kind)];
  auto it = channels.find(name);
  if (it == channels.end()) {
    auto channel = std::make_unique<Channel>(Channel{.name = std::string(name), .subscribers = {}});
    const std::string_view key = channel->name;
    it = channels.emplace(key, std::move(channel)).first;
  }
  Channel& channel = *it->second;
  places.emplace(channel.name, Subscriptions::Place{&channel, channel.subscribers.size()});
  channel.subscribers.push_back(&session);
  return true;
}

bool PubsubRegistry::Unsubscribe(Session& session, ChannelKind kind, std::string_view name) {
  if (session.subscriptions == nullptr) return false;
  const auto at = static_cast<size_t>(kind);
  auto& places = session.subscriptions->places[at];
  const auto it = places.find(name);
  if (it == places.end()) return false;
  const Subscriptions::Place place = it->second;
  places.erase(it);
  // The last subscriber takes the place of the one that goes.
  std::vector<Session*>& subscribers = place.channel->subscribers;
  Session* const last = subscribers.back();
  subscribers.pop_back();
  if (last != &session) {
    subscribers[place.index] = last;
    last->subscriptions->places[at].at(place.channel->name).index = place.index;
  }
  if (subscribers.empty()) channels_[at].erase(channels_[at].find(place.channel->name));
  if (session.subscriptions->total() == 0) session.subscriptions.reset();
  return true;
}

void PubsubRegistry::UnsubscribeAll(Session& session) {
  for (size_t kind = 0; kind < kChannelKindCount; ++kind) {
    while (session.subscriptions != nullptr && !session.subscriptions->places[kind].empty()) {
      const std::string name(session.subscriptions->places[kind].begin()->first);
      Unsubscribe(session, static_cast<ChannelKind>(kind), name);
    }
  }
}

void PubsubRegistry::SendToAll(const Channel& channel, Message& message) {
  for (Session* session : channel.subscribers) {
    outbox_->Send(*session, message.Bytes(session->protocol));
  }
}

size_t PubsubRegistry::Publish(ChannelKind kind, std::string_view channel, std::string_view text) {
  size_t receivers = 0;
  const Channels& channels = channels_[static_cast<size_t>(kind)];
  const auto it = channels.find(channel);
  if (it != channels.end()) {
    Message message(kind, {}, channel, text);
    SendToAll(*it->second, message);
    receivers += it->second->subscribers.size();
  }
  if (kind == ChannelKind::kShardChannel) return receivers;
  for (const auto& [pattern, subscribed] : channels_[static_cast<size_t>(ChannelKind::kPattern)]) {
    if (!GlobMatch(pattern, channel)) continue;
    Message message(kind, pattern, channel, text);
    SendToAll(*subscribed, message);
    receivers += subscribed->subscribers.size();
  }
  return receivers;
}

size_t PubsubRegistry::ReceiverCount(ChannelKind kind, std::string_view channel) const {
  size_t count = SubscriberCount(kind, channel);
  if (kind == ChannelKind::kShardChannel) return count;
  for (const auto& [pattern, subscribed] : channels_[static_cast<size_t>(ChannelKind::kPattern)]) {
    if (GlobMatch(pattern, channel)) count += subscribed->subscribers.size();
  }
  return count;
}

size_t PubsubRegistry::SubscriberCount(ChannelKind kind, std::string_view name) const {
  const Channels& channels = channels_[static_cast<size_t>(kind)];
  const auto it = channels.find(name);
  return it == channels.end() ? 0 : it->second->subscribers.size();
}

void PubsubRegistry::ForEach(ChannelKind kind,
                             const std::function<void(const Channel&)>& visit) const {
  for (const auto& [name, channel] : channels_[static_cast<size_t>(kind)]) visit(*channel);
}

}  // namespace torc
