#include "redis-tests/differential/inbox.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.h"

namespace torc::differential {
namespace {

using testing::RespValue;

constexpr std::string_view kSubscribe = "subscribe";
constexpr std::string_view kUnsubscribe = "unsubscribe";

// "psubscribe" is "p" and whether it begins; nothing for other words.
struct Confirmation {
  std::string kind;
  bool begins;
};
std::optional<Confirmation> ConfirmationOf(std::string_view word) {
  std::string kind;
  if (!word.empty() && (word[0] == 'p' || (word[0] == 's' && !StartsWith(word, kSubscribe)))) {
    kind = word.substr(0, 1);
    word.remove_prefix(1);
  }
  if (word == kSubscribe) return Confirmation{kind, true};
  if (word == kUnsubscribe) return Confirmation{kind, false};
  return std::nullopt;
}

// What names a message among those that one publication brings: all but the pattern.
std::string PublicationOf(const RespValue& message) {
  std::string text;
  for (size_t i = 2; i < message.items.size(); ++i) text += message.items[i].Print() + ' ';
  return text;
}

}  // namespace

bool IsMessage(std::string_view frame) {
  if (frame.empty() || (frame[0] != '*' && frame[0] != '>')) return false;
  frame.remove_prefix(1);
  return StartsWith(frame, "3\r\n$7\r\nmessage\r\n") ||
         StartsWith(frame, "4\r\n$8\r\npmessage\r\n") ||
         StartsWith(frame, "3\r\n$8\r\nsmessage\r\n");
}

bool IsSubscription(const Command& command) {
  return ConfirmationOf(Lowercase(CommandName(command))).has_value();
}

void Inbox::Take(std::string_view frame) {
  if (IsMessage(frame)) {
    messages_.push_back({.after = replies_ever_, .frame = std::string(frame)});
  } else {
    ++replies_ever_;
    replies_.emplace_back(frame);
  }
}

std::string Inbox::TakeReply() {
  std::string reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

std::vector<Inbox::Message> Inbox::TakeMessages() {
  std::vector<Message> messages = std::move(messages_);
  messages_.clear();
  auto begin = messages.begin();
  while (begin != messages.end()) {
    const auto first = testing::ParseResp(begin->frame);
    auto end = std::next(begin);
    if (first && first->items[0].Is("pmessage")) {
      const std::string publication = PublicationOf(*first);
      while (end != messages.end() && end->after == begin->after) {
        const auto next = testing::ParseResp(end->frame);
        if (!next || !next->items[0].Is("pmessage") || PublicationOf(*next) != publication) break;
        ++end;
      }
      std::sort(begin, end, [](const auto& a, const auto& b) { return a.frame < b.frame; });
    }
    begin = end;
  }
  return messages;
}

void Subscriptions::Learn(const RespValue& reply) {
  if (!reply.IsAggregate() || reply.items.empty()) return;
  const auto confirmation =
      reply.items.size() == 3 ? ConfirmationOf(reply.items[0].text) : std::optional<Confirmation>();
  if (!confirmation) {
    for (const RespValue& item : reply.items) Learn(item);
    return;
  }
  if (reply.items[1].is_null) return;
  const std::pair name(confirmation->kind, reply.items[1].text);
  confirmation->begins ? void(names_.insert(name)) : void(names_.erase(name));
}

size_t Subscriptions::RepliesTo(const Command& command, const RespValue& first) const {
  const std::string name = Lowercase(CommandName(command));
  const auto asked = ConfirmationOf(name);
  if (!asked || first.items.size() != 3 || !first.items[0].Is(name)) return 1;
  if (command.args.size() > 1) return command.args.size() - 1;
  const auto of_kind = static_cast<size_t>(std::count_if(
      names_.begin(), names_.end(), [&](const auto& entry) { return entry.first == asked->kind; }));
  return std::max<size_t>(of_kind, 1);
}

}  // namespace torc::differential
