#pragma once

// A primary's right to answer strong reads alone, for a while. It numbers its rounds of heartbeats
// and notes when each was first sent. When a majority has answered round r, every one of them heard
// the primary after that instant and will elect nobody for `promise` by its own clock; so until
// sent(r) + lease by the primary's clock there is no other primary, as long as lease < promise *
// (slowest rate / fastest rate).

#include <array>
#include <cstdint>

#include "cluster/ids.h"

namespace torc {

class Lease {
 public:
  explicit Lease(int64_t lease_us) : lease_us_(lease_us) {}

  Round round() const { return round_; }
  Round confirmed() const { return confirmed_; }
  MonoUs confirmed_sent_at() const { return confirmed_sent_at_; }
  MonoUs until() const { return until_; }

  // A new reign: no round confirmed, no lease.
  void Begin() { *this = Lease(lease_us_); }
  // The next round; messages sent from now on carry its number.
  Round NextRound(MonoUs now) {
    ++round_;
    sent_at_[Place(round_)] = now;
    return round_;
  }
  // A majority has answered `round` or a later one.
  void Confirm(Round round) {
    if (round <= confirmed_) return;
    confirmed_ = round;
    if (round_ - round >= kRoundsKept) return;  // too old to know when it was sent
    confirmed_sent_at_ = sent_at_[Place(round)];
    if (!forfeited_) Extend(confirmed_sent_at_);
  }
  void Extend(MonoUs from) {
    if (from + lease_us_ > until_) until_ = from + lease_us_;
  }
  // Before another is invited to take over: no lease for the rest of this reign.
  void Forfeit() {
    forfeited_ = true;
    until_ = MonoUs(INT64_MIN);
  }
  bool forfeited() const { return forfeited_; }
  bool Holds(MonoUs now) const { return now < until_; }

 private:
  static constexpr uint64_t kRoundsKept = 64;
  static size_t Place(Round round) { return static_cast<size_t>(round.value() % kRoundsKept); }

  int64_t lease_us_;
  Round round_;
  Round confirmed_;
  MonoUs confirmed_sent_at_{INT64_MIN};
  MonoUs until_{INT64_MIN};
  bool forfeited_ = false;
  std::array<MonoUs, kRoundsKept> sent_at_{};
};

}  // namespace torc
