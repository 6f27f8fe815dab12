#pragma once

// Giving a group's entries to a consumer: XREADGROUP for one stream, once the command is known to
// be right.

#include <cstdint>
#include <string>
#include <string_view>

#include "command/context.h"
#include "types/stream/stream.h"

namespace torc {

// Who reads, and how.
struct GroupReader {
  std::string_view group;
  std::string_view consumer;
  uint64_t count_max = 0;     // 0: all
  bool acknowledged = false;  // NOACK: nothing becomes pending
};

// Replies an array of entries, at most `count_max` unless that is 0.
void ReplyEntries(ReplyWriter& reply, StreamWalk& walk, uint64_t count_max);

// The consumer's number; a new one is made known with its event and its effect.
uint32_t FindOrAddConsumer(CommandContext& context, std::string_view key, ConsumerGroup* group,
                           std::string_view consumer);

// The replay form of one change to what is pending: as XCLAIM it sets everything.
ReplayForm ClaimForm(std::string_view key, const ConsumerGroup& group, const PendingEntry& entry);

class Delivery {
 public:
  // The group exists. Notes that the consumer was here, and makes it if it is new.
  Delivery(CommandContext& context, std::string_view key, StreamValue* stream,
           const GroupReader& reader);

  // Whether there are entries that nobody of the group was given.
  bool HasNews() const;
  // Replies those, or what is pending for the consumer behind an id, and notes the delivery.
  void News();
  void History(StreamId after);

 private:
  void ReplayNews(const std::vector<StreamId>& ids);

  CommandContext& context_;
  std::string_view key_;
  StreamValue* stream_;
  const GroupReader& reader_;
  ConsumerGroup* group_;
  uint32_t consumer_;
};

}  // namespace torc
