#include "redis-tests/differential/duel.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/compare.h"
#include "redis-tests/differential/follow_up.h"

namespace torc::differential {
namespace {

using testing::Connection;
using testing::RespValue;

std::string PrintFrame(std::string_view frame) {
  const auto value = testing::ParseResp(frame);
  return value.has_value() ? value->Print() : "(malformed) " + Escaped(frame);
}

bool IsCommand(const Command& command, std::string_view name, std::string_view sub,
               std::string_view argument) {
  const auto& args = command.args;
  return args.size() == 3 && EqualsIgnoreCase(args[0], name) && EqualsIgnoreCase(args[1], sub) &&
         EqualsIgnoreCase(args[2], argument);
}

// A report shows this much of a reply.
std::string Shortened(std::string text) {
  constexpr size_t kPrintBytesMax = 2000;
  if (text.size() > kPrintBytesMax) text = text.substr(0, kPrintBytesMax) + "…";
  return text;
}

}  // namespace

Duel::Duel(Contestant* ours, Contestant* peer, DuelOptions options)
    : options_(options),
      ours_{.server = ours, .connections = {}},
      peer_{.server = peer, .connections = {}} {}

bool Duel::SpeaksResp3(size_t client) const {
  if (client == options_.clients) return false;
  return options_.protocols == Protocols::kResp3 ||
         (options_.protocols == Protocols::kBoth && client % 2 == 1);
}

Status Duel::Connect(Side* side) {
  TORC_RETURN_IF_ERROR(side->server->EnsureRunning());
  side->connections.clear();
  side->inboxes.assign(options_.clients + 1u, Inbox{});
  for (size_t client = 0; client <= options_.clients; ++client) {
    auto connection = side->server->Connect();
    if (!connection.ok()) return connection.status();
    if (SpeaksResp3(client) && connection->Do("HELLO 3").IsError()) {
      return Status::Unavailable(side->server->name() + " refuses HELLO 3");
    }
    side->connections.push_back(std::move(connection).value());
  }
  return Status::Ok();
}

Status Duel::Reset(const std::vector<std::string>& configuration) {
  for (Side* side : {&ours_, &peer_}) {
    TORC_RETURN_IF_ERROR(Connect(side));
    Connection& control = side->connections.back();
    const RespValue flushed = control.Do("FLUSHALL");
    if (!flushed.Is("OK")) {
      return Status::Unavailable(side->server->name() + " answers FLUSHALL with " +
                                 flushed.Print());
    }
    for (size_t i = 0; i + 1 < configuration.size(); i += 2) {
      control.Call({"CONFIG", "SET", configuration[i], configuration[i + 1]});
    }
  }
  states_.assign(options_.clients + 1u, ClientState{});
  return Status::Ok();
}

std::optional<Difference> Duel::Run(std::span<const Command> commands) {
  size_t begin = 0;
  while (begin < commands.size()) {
    std::optional<Difference> difference;
    const size_t first = begin;
    const bool in_transaction = states_[commands[begin].client].in_transaction;
    if (commands[begin].check == Check::kPop && in_transaction) {
      ++begin;  // EXEC would pop different members on the two sides
      continue;
    }
    if (IsSolo(commands[begin].check) && states_[commands[begin].client].listens) {
      ++begin;  // what follows it up expects replies and nothing else
      continue;
    }
    if (IsSolo(commands[begin].check) && !in_transaction) {
      difference = FollowUp(this, commands[begin]).Run();
      ++begin;
    } else {
      size_t end = begin + 1;
      while (end < commands.size() && !IsSolo(commands[end].check)) ++end;
      const auto pipeline = commands.subspan(begin, end - begin);
      difference = Listens(pipeline) ? RunListening(pipeline) : RunPipeline(pipeline);
      begin = end;
    }
    if (difference.has_value()) {
      difference->offset += first;
      return difference;
    }
  }
  commands_run_ += commands.size();
  return std::nullopt;
}

std::optional<Difference> Duel::RunControl(std::vector<Command> commands) {
  for (auto& command : commands) command.client = control_client();
  return Run(commands);
}

RespValue Duel::AskPeer(const std::vector<std::string>& args) {
  return peer_.connections[control_client()].Call(args);
}

RespValue Duel::AskOurs(const std::vector<std::string>& args) {
  return ours_.connections[control_client()].Call(args);
}

size_t Duel::RepliesOwed(const Command& command, ClientState* state) {
  if (IsCommand(command, "CLIENT", "REPLY", "ON")) {
    state->silent = state->skip_next = false;
    return 1;
  }
  if (IsCommand(command, "CLIENT", "REPLY", "OFF")) {
    state->silent = true;
    return 0;
  }
  if (IsCommand(command, "CLIENT", "REPLY", "SKIP")) {
    if (!state->silent) state->skip_next = true;
    return 0;
  }
  const bool skipped = std::exchange(state->skip_next, false);
  return state->silent || skipped ? 0 : 1;
}

std::optional<Difference> Duel::RunPipeline(std::span<const Command> commands) {
  const uint16_t client = commands[0].client;
  ClientState& state = states_[client];
  std::string bytes;
  std::vector<size_t> answered;  // commands that owe a reply
  for (size_t i = 0; i < commands.size(); ++i) {
    testing::AppendCommand(commands[i].args, &bytes);
    if (RepliesOwed(commands[i], &state) == 1) answered.push_back(i);
  }
  Connection& ours = ours_.connections[client];
  Connection& peer = peer_.connections[client];
  ours.Queue(bytes);
  peer.Queue(bytes);
  auto lost = Await(client, answered.size());
  const size_t count = std::min({answered.size(), ours.frame_count(), peer.frame_count()});
  for (size_t i = 0; i < count; ++i) {
    auto difference = ComparePair(commands[answered[i]], ours.frame(i), peer.frame(i));
    if (!difference.has_value()) continue;
    difference->offset = answered[i];
    return difference;
  }
  if (lost.has_value()) {
    lost->offset = count < answered.size() ? answered[count] : commands.size() - 1;
    lost->command = commands[lost->offset];
    return lost;
  }
  ours.DropFrames(answered.size());
  peer.DropFrames(answered.size());
  return std::nullopt;
}

std::optional<Difference> Duel::Await(uint16_t client, size_t reply_count) {
  std::array<Connection*, 2> both = {&ours_.connections[client], &peer_.connections[client]};
  const int64_t deadline = testing::SteadyMs() + options_.reply_timeout_ms;
  const auto pending = [&](const Connection& c) {
    return c.frame_count() < reply_count || c.wants_write();
  };
  for (;;) {
    std::array<pollfd, 2> polled{};
    nfds_t count = 0;
    for (Connection* connection : both) {
      connection->Pump();
      if (connection->closed() || !pending(*connection)) continue;
      const short events =
          static_cast<short>(connection->wants_write() ? POLLIN | POLLOUT : POLLIN);
      polled[count++] = {.fd = connection->fd(), .events = events, .revents = 0};
    }
    if (both[0]->closed() || both[1]->closed()) return Lost(*both[0], *both[1]);
    if (count == 0) return std::nullopt;
    const int64_t left = deadline - testing::SteadyMs();
    if (left <= 0) return Lost(*both[0], *both[1]);
    ::poll(polled.data(), count, static_cast<int>(left));
  }
}

// A connection ended or fell silent: says which, and whether the server died of it.
std::optional<Difference> Duel::Lost(const Connection& ours, const Connection& peer) {
  Difference difference;
  difference.what = "no reply";
  const auto describe = [](const Connection& connection, Contestant* server) -> std::string {
    std::optional<std::string> crash;
    if (connection.closed())
      testing::PollUntil(2000, [&] { return (crash = server->Crash()).has_value(); });
    if (crash.has_value()) return "(crashed) " + *crash;
    if (connection.closed()) return "(closed the connection) " + connection.error();
    return Format("(%zu replies were there)", connection.frame_count());
  };
  difference.ours = describe(ours, ours_.server);
  difference.peer = describe(peer, peer_.server);
  return difference;
}

bool Duel::IsKnown(const Command& command, const RespValue& ours, const RespValue& peer) {
  const KnownDifference* known = FindKnownDifference(command, ours, peer, peer_.server->version());
  if (known == nullptr) return false;
  ++known_met_[known];
  return true;
}

std::optional<Difference> Duel::ComparePair(const Command& command, std::string_view ours,
                                            std::string_view peer) {
  ClientState& state = states_[command.client];
  const bool exec = EqualsIgnoreCase(command.args[0], "EXEC");
  std::vector<Command> queued;
  if (exec) queued = state.queued;
  TrackTransaction(command, peer, &state);
  if (SameReply(command, ours, peer)) return std::nullopt;
  const auto our_value = testing::ParseResp(ours);
  const auto peer_value = testing::ParseResp(peer);
  const bool both_exec =
      exec && our_value && peer_value && our_value->items.size() == queued.size() &&
      peer_value->items.size() == queued.size() && our_value->type == peer_value->type;
  if (both_exec) return CompareExec(command, *our_value, *peer_value, queued);
  if (our_value && peer_value && IsKnown(command, *our_value, *peer_value)) return std::nullopt;
  return Difference{.command = command,
                    .what = "the replies differ",
                    .ours = Shortened(PrintFrame(ours)),
                    .peer = Shortened(PrintFrame(peer))};
}

std::optional<Difference> Duel::CompareExec(const Command& command, const RespValue& ours,
                                            const RespValue& peer,
                                            const std::vector<Command>& queued) {
  for (size_t i = 0; i < queued.size(); ++i) {
    if (SameValue(queued[i], ours.items[i], peer.items[i])) continue;
    if (IsKnown(queued[i], ours.items[i], peer.items[i])) continue;
    return Difference{.command = command,
                      .what = "EXEC's replies to \"" + CliLine(queued[i].args) + "\" differ",
                      .ours = Shortened(ours.items[i].Print()),
                      .peer = Shortened(peer.items[i].Print())};
  }
  return std::nullopt;
}

void Duel::TrackTransaction(const Command& command, std::string_view peer_reply,
                            ClientState* state) {
  if (peer_reply == "+QUEUED\r\n") {
    state->queued.push_back(command);
    return;
  }
  const std::string& name = command.args[0];
  if (peer_reply == "+RESET\r\n") state->subscriptions.Clear();
  if (EqualsIgnoreCase(name, "MULTI") && peer_reply == "+OK\r\n") state->in_transaction = true;
  const bool ends_transaction = EqualsIgnoreCase(name, "EXEC") ||
                                EqualsIgnoreCase(name, "DISCARD") ||
                                EqualsIgnoreCase(name, "RESET");
  if (!ends_transaction) return;
  if (peer_reply[0] == '-' && !StartsWith(peer_reply, "-EXECABORT")) return;
  state->in_transaction = false;
  state->queued.clear();
}

}  // namespace torc::differential
