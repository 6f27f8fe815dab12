// The duel's part for clients that subscribe: their connections carry messages between the replies,
// and some of their commands bring several replies, or as many as they have subscriptions. After
// each pipeline a PING makes sure that all messages are there: then they are compared, in order,
// with the place among the replies where each came.

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/compare.h"
#include "redis-tests/differential/duel.h"

namespace torc::differential {
namespace {

using testing::Connection;
using testing::RespValue;

std::string Describe(const Inbox::Message& message) {
  const auto value = testing::ParseResp(message.frame);
  return Format("%s after %zu replies",
                value ? value->Print().c_str() : Escaped(message.frame).c_str(), message.after);
}

}  // namespace

bool Duel::Listens(std::span<const Command> commands) {
  ClientState& state = states_[commands[0].client];
  state.listens |= std::any_of(commands.begin(), commands.end(), IsSubscription);
  return state.listens;
}

std::optional<Difference> Duel::RunListening(std::span<const Command> commands) {
  const uint16_t client = commands[0].client;
  ClientState& state = states_[client];
  const Command ping{.args = {"PING"}, .client = client};
  std::string bytes;
  for (const Command& command : commands) testing::AppendCommand(command.args, &bytes);
  testing::AppendCommand(ping.args, &bytes);
  ours_.connections[client].Queue(bytes);
  peer_.connections[client].Queue(bytes);
  for (size_t i = 0; i <= commands.size(); ++i) {
    const Command& command = i < commands.size() ? commands[i] : ping;
    if (i < commands.size() && RepliesOwed(command, &state) == 0) continue;
    auto difference = CompareReplies(command);
    if (!difference) continue;
    difference->offset = std::min(i, commands.size() - 1);
    return difference;
  }
  auto difference = CompareMessages(commands.back());
  if (difference) difference->offset = commands.size() - 1;
  return difference;
}

// Moves what has come into the inboxes, and waits for this many replies and messages from both.
std::optional<Difference> Duel::Gather(uint16_t client, size_t replies, size_t messages) {
  const std::array<Side*, 2> sides = {&ours_, &peer_};
  const int64_t deadline = testing::SteadyMs() + options_.reply_timeout_ms;
  for (;;) {
    std::array<pollfd, 2> polled{};
    nfds_t count = 0;
    bool closed = false;
    for (Side* side : sides) {
      Connection& connection = side->connections[client];
      connection.Pump();
      Inbox& inbox = side->inboxes[client];
      for (size_t i = 0; i < connection.frame_count(); ++i) inbox.Take(connection.frame(i));
      connection.DropFrames(connection.frame_count());
      const bool enough = inbox.reply_count() >= replies && inbox.message_count() >= messages;
      if (enough && !connection.wants_write()) continue;
      closed |= connection.closed();
      const short events = static_cast<short>(connection.wants_write() ? POLLIN | POLLOUT : POLLIN);
      polled[count++] = {.fd = connection.fd(), .events = events, .revents = 0};
    }
    if (count == 0) return std::nullopt;
    const int64_t left = deadline - testing::SteadyMs();
    if (closed || left <= 0) return Lost(ours_.connections[client], peer_.connections[client]);
    ::poll(polled.data(), count, static_cast<int>(left));
  }
}

std::optional<Difference> Duel::CompareReplies(const Command& command) {
  const uint16_t client = command.client;
  ClientState& state = states_[client];
  const auto gather = [&](size_t replies) {
    auto lost = Gather(client, replies, 0);
    if (lost) lost->command = command;
    return lost;
  };
  if (auto lost = gather(1)) return lost;
  std::string ours = ours_.inboxes[client].TakeReply();
  std::string peer = peer_.inboxes[client].TakeReply();
  const auto first = testing::ParseResp(peer);
  const size_t count = first ? state.subscriptions.RepliesTo(command, *first) : 1;
  if (count == 1) {
    if (first) state.subscriptions.Learn(*first);
    return ComparePair(command, ours, peer);
  }
  if (auto lost = gather(count - 1)) return lost;
  std::array<RespValue, 2> all;  // as if they were one reply
  for (const auto& [value, frame, side] :
       {std::tuple(&all[0], &ours, &ours_), std::tuple(&all[1], &peer, &peer_)}) {
    value->type = testing::RespType::kArray;
    value->items.push_back(testing::ParseResp(*frame).value_or(RespValue{}));
    for (size_t i = 1; i < count; ++i) {
      const auto next = testing::ParseResp(side->inboxes[client].TakeReply());
      value->items.push_back(next.value_or(RespValue{}));
    }
  }
  state.subscriptions.Learn(all[1]);
  if (command.args.size() == 1) {
    // In whatever order the channels are left, what remains counts down.
    for (RespValue& value : all) {
      std::vector<RespValue> names;
      for (RespValue& item : value.items) {
        if (item.items.size() == 3) names.push_back(std::exchange(item.items[1], {}));
      }
      RespValue all_names;
      all_names.type = testing::RespType::kArray;
      all_names.items = std::move(names);
      value.items.push_back(Sorted(std::move(all_names), false));
    }
  }
  if (all[0] == all[1]) return std::nullopt;
  return Difference{.command = command,
                    .what = "the replies differ",
                    .ours = all[0].Print(),
                    .peer = all[1].Print()};
}

std::optional<Difference> Duel::CompareMessages(const Command& last) {
  const uint16_t client = last.client;
  Inbox& ours = ours_.inboxes[client];
  Inbox& peer = peer_.inboxes[client];
  (void)Gather(client, 0, std::max(ours.message_count(), peer.message_count()));
  const auto our_messages = ours.TakeMessages();
  const auto peer_messages = peer.TakeMessages();
  // Before 7.2 a client's own message came before the reply to its PUBLISH, and within EXEC's.
  const bool places_count = options_.message_places && !StartsWith(peer_.server->version(), "7.0.");
  for (size_t i = 0; i < std::max(our_messages.size(), peer_messages.size()); ++i) {
    const bool both = i < our_messages.size() && i < peer_messages.size();
    if (both && our_messages[i].frame == peer_messages[i].frame &&
        (!places_count || our_messages[i].after == peer_messages[i].after)) {
      continue;
    }
    const auto print = [i](const std::vector<Inbox::Message>& messages) {
      return i < messages.size() ? Describe(messages[i]) : std::string("(nothing)");
    };
    return Difference{.command = last,
                      .what = Format("the messages differ, from number %zu on", i),
                      .ours = print(our_messages),
                      .peer = print(peer_messages)};
  }
  return std::nullopt;
}

}  // namespace torc::differential
