#pragma once

// What a server has sent to a client that subscribes: replies to its commands, and messages that it
// did not ask for, told apart. Pure.

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "redis-tests/differential/command.h"
#include "support/resp_reader.h"

namespace torc::differential {

// A message, pmessage or smessage, in the form of either protocol.
bool IsMessage(std::string_view frame);

// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE or one of their opposites.
bool IsSubscription(const Command& command);

// One server's side of one such client.
class Inbox {
 public:
  struct Message {
    size_t after = 0;  // replies that had come before it, of all
    std::string frame;
  };

  void Take(std::string_view frame);
  size_t reply_count() const { return replies_.size(); }
  std::string TakeReply();
  // The messages since the last call. Which of several patterns that a message fits comes first is
  // the server's own business: those of one message come in the patterns' order.
  std::vector<Message> TakeMessages();
  size_t message_count() const { return messages_.size(); }

 private:
  std::deque<std::string> replies_;
  std::vector<Message> messages_;
  size_t replies_ever_ = 0;
};

// The channels and patterns that a client hears, known from the answers it got: how many replies an
// UNSUBSCRIBE without arguments brings.
class Subscriptions {
 public:
  // Learns from a reply; also from confirmations inside EXEC's.
  void Learn(const testing::RespValue& reply);
  void Clear() { names_.clear(); }
  // How many replies the command brings, if its first is this one.
  size_t RepliesTo(const Command& command, const testing::RespValue& first) const;

 private:
  // Kind ("" channels, "p" patterns, "s" shard channels) and name.
  std::set<std::pair<std::string, std::string>> names_;
};

}  // namespace torc::differential
