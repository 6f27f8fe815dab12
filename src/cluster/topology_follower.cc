#include "cluster/topology_follower.h"

namespace torc {

void TopologyFollower::Heard(NodeId holder, Epoch epoch) {
  if (epoch <= state_.epoch() || epoch < newest_) return;
  // Another holder of the same epoch serves as well, and better if the first does not answer.
  newest_ = epoch;
  holder_ = holder;
  asks_anyone_ = false;
}

std::optional<NodeId> TopologyFollower::WhomToAsk(MonoUs now) {
  if (newest_ <= state_.epoch() || now < ask_at_) return std::nullopt;
  ask_at_ = now + retry_us_;
  const NodeId asked = asks_anyone_ ? NodeId() : holder_;
  asks_anyone_ = !asks_anyone_;
  return asked;
}

bool TopologyFollower::Take(TopologyState answer) {
  const bool is_ours = !state_.founded() || answer.cluster_id() == state_.cluster_id();
  if (!is_ours || answer.epoch() <= state_.epoch()) return false;
  state_ = std::move(answer);
  ask_at_ = MonoUs(INT64_MIN);
  return true;
}

}  // namespace torc
