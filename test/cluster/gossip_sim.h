#pragma once

// Whole clusters of gossiping nodes in one thread, from one seed: a heap of events, a network with
// delays and loss, pauses, crashes with or without a reset of connections. Every message goes
// through the codec.

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/rng.h"
#include "cluster/gossip.h"

namespace torc {

struct GossipSimOptions {
  int nodes = 3;
  uint64_t seed = 1;
  double loss = 0;
  int64_t delay_us_min = 100;
  int64_t delay_us_max = 600;
  // Bytes around each message: a frame with a tag of 16 (FORMAT.md) in UDP over IPv4.
  size_t overhead_bytes = 60 + 16 + 28;
  bool known_members = true;  // everybody knows everybody; else all join by way of node 0
  GossipConfig config{};
};

class GossipSim {
 public:
  explicit GossipSim(const GossipSimOptions& options);

  static NodeId IdOf(int node) { return NodeId(static_cast<uint64_t>(node) * 7919 + 1); }
  static int NodeOf(NodeId id) { return static_cast<int>((id.value() - 1) / 7919); }
  static NodeAddress AddressOf(int node);

  void RunFor(int64_t us);
  MonoUs now() const { return now_; }
  int size() const { return static_cast<int>(nodes_.size()); }
  Gossip& node(int node) { return *nodes_[static_cast<size_t>(node)].gossip; }

  // An event of the outside, now.
  void Feed(int node, const GossipEvent& event);
  // The process ends. With `reset` its peers' connections are reset a little later.
  void Kill(int node, bool reset);
  // A new process with the same id; `incarnation` tells whether it kept its state.
  void Restart(int node, Incarnation incarnation, const NodeAddress& address);
  // SIGSTOP and SIGCONT: what arrives meanwhile waits.
  void Pause(int node, int64_t us);
  // Messages between the two sides are lost, while true.
  void Split(std::function<bool(int, int)> cut) { cut_ = std::move(cut); }
  void set_wall_skew_ms(int node, int64_t skew_ms) {
    nodes_[static_cast<size_t>(node)].skew_ms = skew_ms;
  }

  bool alive(int node) const { return nodes_[static_cast<size_t>(node)].alive; }
  bool paused(int node) const { return nodes_[static_cast<size_t>(node)].paused_until > now_; }
  // What `node` thinks of `other`; kLeft when it does not know it.
  MemberState StateAt(int node, int other) const;
  bool AllSee(int other, MemberState state) const;

  // Called for every change a node reports.
  std::function<void(int node, const MemberChange& change)> on_change;
  std::function<void(int node, const Announcement& announcement)> on_announcement;

  uint64_t bytes_sent(int node) const { return nodes_[static_cast<size_t>(node)].bytes; }
  uint64_t bytes_sent_in_all() const;
  uint64_t messages_sent() const { return messages_sent_; }
  uint64_t trace_hash() const { return trace_; }

 private:
  struct Node {
    std::unique_ptr<Gossip> gossip;
    NodeAddress address;
    bool alive = true;
    int life = 0;
    MonoUs paused_until;
    MonoUs next_tick;
    int64_t skew_ms = 0;
    uint64_t bytes = 0;
  };
  struct Event {
    MonoUs at;
    uint64_t order;
    int node;
    int life;  // ticks and resets of an earlier process are dropped
    int from;  // -1: a tick; -2: a reset by `peer`
    int peer = 0;
    std::string bytes{};
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void Push(Event event);
  void Play(Event event);
  void Deliver(int node, const GossipOutput& output);
  void SendBytes(int from, const GossipSend& send);
  void Start(int node, Incarnation incarnation);
  Node& at(int node) { return nodes_[static_cast<size_t>(node)]; }

  GossipSimOptions options_;
  Rng rng_;
  MonoUs now_;
  std::vector<Node> nodes_;
  std::priority_queue<Event> events_;
  uint64_t next_order_ = 0;
  uint64_t messages_sent_ = 0;
  uint64_t trace_ = 0;
  std::function<bool(int, int)> cut_;
};

// The p-th percentile (0..100) of unsorted values.
int64_t Percentile(std::vector<int64_t> values, double p);

}  // namespace torc
