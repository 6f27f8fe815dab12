#pragma once

// How a node that does not vote on the topology keeps up with it. Gossip tells that somebody has a
// newer epoch; the follower asks that node for its topology, one question at a time, and takes what
// is newer. No epoch, no traffic. What is sent is always a committed state, so a follower is stale
// at worst, never wrong.

#include <optional>

#include "cluster/ids.h"
#include "cluster/topology_state.h"

namespace torc {

class TopologyFollower {
 public:
  explicit TopologyFollower(int64_t retry_us = 300'000) : retry_us_(retry_us) {}

  const TopologyState& state() const { return state_; }

  // Gossip says that `holder` has `epoch`.
  void Heard(NodeId holder, Epoch epoch);
  // Whom to ask now for its topology; nothing while up to date or while an answer may still come.
  // The holder may have lost it, or be gone, and nobody repeats old news: every other time it is
  // node 0, which means any member that is alive.
  std::optional<NodeId> WhomToAsk(MonoUs now);
  // An answer. False if it was not newer, or is of another cluster.
  bool Take(TopologyState answer);

 private:
  int64_t retry_us_;
  TopologyState state_;
  Epoch newest_;
  NodeId holder_;
  MonoUs ask_at_{INT64_MIN};
  bool asks_anyone_ = false;  // next time
};

}  // namespace torc
