#pragma once

// What one session is subscribed to: its side of the registry in pubsub.h.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

struct Session;

enum class ChannelKind : uint8_t { kChannel, kPattern, kShardChannel };
inline constexpr size_t kChannelKindCount = 3;

// A channel or pattern with subscribers. Exists only while it has some.
struct Channel {
  std::string name;
  std::vector<Session*> subscribers;
};

struct Subscriptions {
  struct Place {
    Channel* channel;
    size_t index;  // of the session among the channel's subscribers
  };
  // By kind, then by name (a view of Channel::name).
  std::array<std::map<std::string_view, Place>, kChannelKindCount> places;

  size_t Count(ChannelKind kind) const { return places[static_cast<size_t>(kind)].size(); }
  size_t total() const { return places[0].size() + places[1].size() + places[2].size(); }
};

}  // namespace torc
