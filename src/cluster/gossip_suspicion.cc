#include "cluster/gossip_suspicion.h"

#include <algorithm>
#include <cmath>

namespace torc {

Suspicion::Suspicion(NodeId accuser, MonoUs now, int64_t min_us, int64_t max_us, int confirmations)
    : start_(now), min_us_(min_us), max_us_(max_us), confirmations_(confirmations) {
  accusers_.push_back(accuser);
}

bool Suspicion::Confirm(NodeId accuser) {
  if (static_cast<int>(accusers_.size()) > confirmations_) return false;
  if (std::find(accusers_.begin(), accusers_.end(), accuser) != accusers_.end()) return false;
  accusers_.push_back(accuser);
  return true;
}

void Suspicion::Hurry(MonoUs deadline) {
  if (hurry_.value() == 0 || deadline < hurry_) hurry_ = deadline;
}

MonoUs Suspicion::Deadline() const {
  double part = 0;
  if (confirmations_ > 0) {
    part = std::log(static_cast<double>(accusers_.size())) / std::log(confirmations_ + 1.0);
  }
  const double span = static_cast<double>(max_us_ - min_us_);
  const MonoUs deadline = start_ + (max_us_ - static_cast<int64_t>(span * std::min(part, 1.0)));
  return hurry_.value() != 0 ? std::min(hurry_, deadline) : deadline;
}

int64_t SuspicionMinUs(const GossipConfig& config, int live_count) {
  const double tens = std::log10(std::max(1, live_count));
  return config.suspicion_min_us + static_cast<int64_t>(80'000 * tens);
}

int64_t SuspicionMaxUs(const GossipConfig& config, int live_count) {
  return config.suspicion_spread * SuspicionMinUs(config, live_count);
}

int RetransmitLimit(const GossipConfig& config, int live_count) {
  const double tens = std::ceil(std::log10(std::max(1, live_count) + 1.0));
  return config.retransmit_factor * (1 + static_cast<int>(tens));
}

}  // namespace torc
