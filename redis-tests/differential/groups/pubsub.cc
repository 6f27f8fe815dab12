#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Channels, patterns, shard channels, and keyspace notifications of what the other groups write.
// What is said of one's own subscriptions brings several replies, so these rules are never spoiled.
Group PubsubGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(12, "SUBSCRIBE channel+"),
      Unspoiled(8, "PSUBSCRIBE channelpattern+"),
      Unspoiled(6, "SSUBSCRIBE channel+"),
      Unspoiled(8, "UNSUBSCRIBE channel+"),
      Unspoiled(6, "PUNSUBSCRIBE channelpattern+"),
      Unspoiled(4, "SUNSUBSCRIBE channel+"),
      Unspoiled(10, "UNSUBSCRIBE"),
      Unspoiled(10, "PUNSUBSCRIBE"),
      Unspoiled(8, "SUNSUBSCRIBE"),
      Unspoiled(8, "UNSUBSCRIBE ;; PUNSUBSCRIBE ;; SUNSUBSCRIBE"),
      Unspoiled(3, "SUBSCRIBE channel ;; PUBLISH channel value ;; UNSUBSCRIBE"),
      {30, "PUBLISH channel value"},
      {15, "SPUBLISH channel value"},
      Unspoiled(4, "(PUBLISH|SPUBLISH) channel"),
      Unspoiled(2, "(SUBSCRIBE|PSUBSCRIBE|SSUBSCRIBE)"),
      Unspoiled(6, "PUBSUB CHANNELS [channelpattern]", Check::kUnordered),
      Unspoiled(4, "PUBSUB SHARDCHANNELS [channelpattern]", Check::kUnordered),
      {6, "PUBSUB NUMSUB channel*"},
      {4, "PUBSUB SHARDNUMSUB channel*"},
      {4, "PUBSUB NUMPAT"},
      {1, "PUBSUB (FOO|NUMPAT value|CHANNELS value value)"},
      Unspoiled(10, "CONFIG SET 'notify-keyspace-events' eventclasses"),
      Unspoiled(3, "CONFIG GET 'notify-keyspace-events'"),
      {8, "PING [value]"},
      {2, "ECHO value"},
      {4, "SELECT db"},
      Unspoiled(4, "RESET"),
  };
  return {"pubsub", 2, kRules};
}

// What clients hear of what they do themselves: under RESP3, or within transactions. Not for a peer
// before 7.2, which writes such messages into the middle of the replies (EXEC's, MGET's).
Group OwnMessagesGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(3, "HELLO (2|3)", Check::kHello),
      Unspoiled(8, "HELLO 3 ;; PSUBSCRIBE channelpattern", Check::kHello),
      Unspoiled(3,
                "MULTI ; SUBSCRIBE channel ; PUBLISH channel value ; UNSUBSCRIBE channel ; EXEC"),
      Unspoiled(2, "MULTI ; PSUBSCRIBE channelpattern ; any ; EXEC"),
      Unspoiled(2, "MULTI ; SSUBSCRIBE channel ; SPUBLISH channel value ; DISCARD"),
  };
  return {"pubsub-own", 1, kRules};
}

}  // namespace torc::differential
