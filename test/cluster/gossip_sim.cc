#include "cluster/gossip_sim.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "cluster/gossip_codec.h"

namespace torc {
namespace {

constexpr int kTick = -1;
constexpr int kReset = -2;
constexpr int64_t kWallOriginMs = 1'700'000'000'000;

}  // namespace

GossipSim::GossipSim(const GossipSimOptions& options)
    : options_(options), rng_(options.seed), now_(1'000'000) {
  nodes_.resize(static_cast<size_t>(options.nodes));
  for (int node = 0; node < options.nodes; ++node) at(node).address = AddressOf(node);
  for (int node = 0; node < options.nodes; ++node) Start(node, Incarnation(1));
}

NodeAddress GossipSim::AddressOf(int node) {
  return {.host = Format("10.1.%d.%d", node / 256, node % 256), .bus_port = 16379, .port = 6379};
}

void GossipSim::Start(int node, Incarnation incarnation) {
  Node& n = at(node);
  ++n.life;
  n.alive = true;
  n.gossip = std::make_unique<Gossip>(
      options_.config,
      MemberRecord{.id = IdOf(node), .incarnation = incarnation, .address = n.address},
      rng_.Next());
  GossipStart start;
  if (options_.known_members && n.life == 1) {
    for (int other = 0; other < size(); ++other) {
      if (other == node) continue;
      start.known.push_back(
          {.id = IdOf(other), .incarnation = Incarnation(1), .address = AddressOf(other)});
    }
  } else if (node != 0 || n.life > 1) {
    start.seeds = {AddressOf(0), AddressOf(1)};
  }
  Feed(node, start);
}

void GossipSim::Push(Event event) {
  event.order = next_order_++;
  events_.push(std::move(event));
}

void GossipSim::RunFor(int64_t us) {
  const MonoUs end = now_ + us;
  while (!events_.empty() && events_.top().at <= end) {
    Event event = events_.top();
    events_.pop();
    now_ = event.at;
    Play(std::move(event));
  }
  now_ = end;
}

void GossipSim::Play(Event event) {
  Node& n = at(event.node);
  if (!n.alive) return;
  if (n.paused_until > now_) {
    // The kernel keeps it; the order stays.
    event.at = n.paused_until;
    Push(std::move(event));
    return;
  }
  trace_ = trace_ * 0x9e3779b97f4a7c15ULL +
           HashBytes(event.bytes, static_cast<uint64_t>(now_.value() ^ event.node));
  if (event.from == kTick) {
    if (event.life == n.life && event.at >= n.next_tick) Feed(event.node, GossipTick{});
  } else if (event.from == kReset) {
    if (event.life == n.life) Feed(event.node, GossipPeerReset{IdOf(event.peer)});
  } else {
    auto message = DecodeGossip(event.bytes);
    TORC_CHECK(message.has_value(), "what one node encodes another decodes");
    Feed(event.node, GossipReceive{IdOf(event.from), at(event.from).address, std::move(*message)});
  }
}

void GossipSim::Feed(int node, const GossipEvent& event) {
  Node& n = at(node);
  const GossipNow now{now_, UnixMs(kWallOriginMs + now_.value() / 1000 + n.skew_ms)};
  Deliver(node, n.gossip->Step(event, now));
}

void GossipSim::Deliver(int node, const GossipOutput& output) {
  Node& n = at(node);
  for (const GossipSend& send : output.sends) SendBytes(node, send);
  if (on_change) {
    for (const MemberChange& change : output.changes) on_change(node, change);
  }
  if (on_announcement) {
    for (const Announcement& announcement : output.announcements) {
      on_announcement(node, announcement);
    }
  }
  if (output.next_tick.value() == INT64_MAX) {
    n.next_tick = output.next_tick;
  } else if (output.next_tick != n.next_tick) {
    n.next_tick = output.next_tick;
    Push({.at = std::max(n.next_tick, now_),
          .order = 0,
          .node = node,
          .life = n.life,
          .from = kTick});
  }
}

void GossipSim::SendBytes(int from, const GossipSend& send) {
  std::string bytes;
  EncodeGossip(send.message, &bytes);
  TORC_CHECK(bytes.size() <= kGossipBytesMax, "a message keeps its limit");
  at(from).bytes += bytes.size() + options_.overhead_bytes;
  ++messages_sent_;
  const auto target = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) {
    return send.to == NodeId() && node.address == send.address;
  });
  int to = NodeOf(send.to);
  if (send.to == NodeId()) {
    if (target == nodes_.end()) return;
    to = static_cast<int>(target - nodes_.begin());
  }
  // A node that has moved is not at its old address.
  if (at(to).address != send.address) return;
  if (cut_ && cut_(from, to)) return;
  if (options_.loss > 0 && rng_.Chance(options_.loss)) return;
  const int64_t delay_us = rng_.Between(options_.delay_us_min, options_.delay_us_max);
  Push({.at = now_ + delay_us,
        .order = 0,
        .node = to,
        .life = 0,
        .from = from,
        .bytes = std::move(bytes)});
}

void GossipSim::Kill(int node, bool reset) {
  at(node).alive = false;
  if (!reset) return;
  for (int peer = 0; peer < size(); ++peer) {
    if (peer == node || !at(peer).alive) continue;
    const int64_t delay_us = rng_.Between(options_.delay_us_min, options_.delay_us_max);
    Push({.at = now_ + delay_us,
          .order = 0,
          .node = peer,
          .life = at(peer).life,
          .from = kReset,
          .peer = node});
  }
}

void GossipSim::Restart(int node, Incarnation incarnation, const NodeAddress& address) {
  at(node).address = address;
  at(node).paused_until = MonoUs();
  Start(node, incarnation);
}

void GossipSim::Pause(int node, int64_t us) {
  at(node).paused_until = now_ + us;
}

MemberState GossipSim::StateAt(int node, int other) const {
  const MemberTable& members = nodes_[static_cast<size_t>(node)].gossip->members();
  const int index = members.Find(IdOf(other));
  return index == MemberTable::kNone ? MemberState::kLeft : members.at(index).record.state;
}

bool GossipSim::AllSee(int other, MemberState state) const {
  for (int node = 0; node < size(); ++node) {
    if (node != other && alive(node) && StateAt(node, other) != state) return false;
  }
  return true;
}

uint64_t GossipSim::bytes_sent_in_all() const {
  uint64_t bytes = 0;
  for (const Node& node : nodes_) bytes += node.bytes;
  return bytes;
}

int64_t Percentile(std::vector<int64_t> values, double p) {
  TORC_CHECK(!values.empty(), "values to rank");
  std::sort(values.begin(), values.end());
  const auto index = static_cast<size_t>(p / 100 * static_cast<double>(values.size()));
  return values[std::min(index, values.size() - 1)];
}

}  // namespace torc
