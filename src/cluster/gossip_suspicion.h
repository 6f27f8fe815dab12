#pragma once

// How long a silent node has to speak up before it is declared dead, and how healthy we are
// ourselves. (Lifeguard: Dadgar, Phillips, Currey 2018.)
//
// A suspicion begins with a long time-out. Each further accuser, who failed to reach the node
// independently, shortens it, down to the minimum: a node that nobody reaches is dead soon, and one
// whom a single accuser misses because the accuser itself is slow or badly connected has time to
// refute.

#include <vector>

#include "cluster/gossip_types.h"

namespace torc {

class Suspicion {
 public:
  // `confirmations` further accusers bring the time-out from `max_us` down to `min_us`; none are
  // needed when 0 can exist (two nodes): then it lasts max_us.
  Suspicion(NodeId accuser, MonoUs now, int64_t min_us, int64_t max_us, int confirmations);

  // True when the accuser is new and still counts: then its accusation is worth passing on.
  bool Confirm(NodeId accuser);
  // Strong evidence of our own: not later than `deadline`.
  void Hurry(MonoUs deadline);
  // Time that did not count because we were not running.
  void Postpone(int64_t by_us) { start_ += by_us, hurry_ += hurry_.value() == 0 ? 0 : by_us; }
  MonoUs Deadline() const;

 private:
  MonoUs start_;
  int64_t min_us_;
  int64_t max_us_;
  int confirmations_;
  std::vector<NodeId> accusers_;  // at most confirmations_ + 1
  MonoUs hurry_;                  // 0: none
};

// The shortest and the longest suspicion among `live_count` nodes.
int64_t SuspicionMinUs(const GossipConfig& config, int live_count);
int64_t SuspicionMaxUs(const GossipConfig& config, int live_count);

// How often an update is sent before it is news no more.
int RetransmitLimit(const GossipConfig& config, int live_count);

// A count of signs that we are slow or deaf ourselves, 0 to max: probes then wait longer.
class LocalHealth {
 public:
  explicit LocalHealth(int max) : max_(max) {}
  void Worse() { score_ = score_ < max_ ? score_ + 1 : max_; }
  void Better() { score_ = score_ > 0 ? score_ - 1 : 0; }
  int64_t multiplier() const { return 1 + score_; }
  int score() const { return score_; }

 private:
  int max_;
  int score_ = 0;
};

}  // namespace torc
