// Probing and what follows from it: pings, requests for help, suspicions and deaths. See gossip.h.

#include <algorithm>

#include "base/check.h"
#include "cluster/gossip.h"

namespace torc {
namespace {

constexpr size_t kRelaysMax = 256;
constexpr size_t kProbesMax = 64;
// A relay is remembered this long after its nack, in case the ack comes late.
constexpr int64_t kRelayGraceUs = 500'000;

}  // namespace

void Gossip::ShuffleRound() {
  round_.clear();
  round_next_ = 0;
  for (int index = 0; index < members_.size(); ++index) {
    const MemberState state = members_.at(index).record.state;
    if (index == kSelf || state == MemberState::kDead || state == MemberState::kLeft) continue;
    round_.push_back(members_.at(index).record.id);
  }
  for (size_t i = round_.size(); i > 1; --i) std::swap(round_[i - 1], round_[rng_.Below(i)]);
}

void Gossip::ProbeNext() {
  next_probe_ = now_.mono + config_.probe_interval_us * health_.multiplier();
  // At most one new round per turn: when nobody is left there is nothing to do.
  for (int rounds = 0; rounds < 2; ++rounds) {
    while (round_next_ < round_.size()) {
      const NodeId target = round_[round_next_++];
      const int index = members_.Find(target);
      if (index == MemberTable::kNone) continue;
      const MemberState state = members_.at(index).record.state;
      if (state == MemberState::kDead || state == MemberState::kLeft) continue;
      return StartProbe(target, false);
    }
    ShuffleRound();
  }
}

void Gossip::StartProbe(NodeId target, bool after_reset) {
  if (probes_.size() >= kProbesMax) return;
  const int64_t timeout_us =
      after_reset ? config_.reset_probe_timeout_us : config_.probe_timeout_us;
  Probe probe;
  probe.seq = next_seq_++;
  probe.target = target;
  probe.sent = now_.mono;
  probe.deadline = now_.mono + timeout_us * health_.multiplier();
  probe.after_reset = after_reset;
  probes_.push_back(probe);
  Send(members_.Find(target), {.kind = GossipKind::kPing, .seq = probe.seq, .wall = now_.wall});
}

void Gossip::RunProbes() {
  for (size_t i = 0; i < probes_.size();) {
    if (probes_[i].deadline > now_.mono) {
      ++i;
    } else if (!probes_[i].indirect) {
      AskOthers(&probes_[i]);
      ++i;
    } else {
      const Probe failed = probes_[i];
      probes_.erase(probes_.begin() + static_cast<std::ptrdiff_t>(i));
      GiveUp(failed);
    }
  }
}

void Gossip::AskOthers(Probe* probe) {
  probe->indirect = true;
  const int64_t timeout_us =
      probe->after_reset ? 2 * config_.reset_probe_timeout_us : config_.indirect_timeout_us;
  probe->deadline = now_.mono + timeout_us * health_.multiplier();
  const int target = members_.Find(probe->target);
  if (target == MemberTable::kNone) return;
  // The first ping or its ack may simply have been lost.
  Send(target, {.kind = GossipKind::kPing, .seq = probe->seq, .wall = now_.wall});
  std::vector<int> asked;
  for (int i = 0; i < config_.indirect_probes; ++i) {
    const int helper = RandomMember(true, probe->target);
    if (helper == MemberTable::kNone) break;
    if (std::find(asked.begin(), asked.end(), helper) != asked.end()) continue;
    asked.push_back(helper);
    Send(helper, {.kind = GossipKind::kPingReq, .seq = probe->seq, .target = probe->target});
  }
  probe->nacks_missing = static_cast<int>(asked.size());
}

void Gossip::GiveUp(const Probe& probe) {
  // Helpers that are silent too speak against us rather than against the target.
  if (probe.nacks_missing > 0) health_.Worse();
  const int index = members_.Find(probe.target);
  if (index == MemberTable::kNone) return;
  MemberRecord record = members_.at(index).record;
  if (record.state == MemberState::kDead || record.state == MemberState::kLeft) return;
  if (record.state == MemberState::kAlive) {
    record.state = MemberState::kSuspect;
    SetMember(index, record);
    Suspect(index, self().id);
    Queue(MemberUpdate{record, self().id});
    TellOfItself(index);
  } else if (suspicions_.at(probe.target).Confirm(self().id)) {
    Queue(MemberUpdate{record, self().id});
  }
  if (probe.after_reset) {
    suspicions_.at(probe.target).Hurry(now_.mono + config_.reset_suspicion_us);
  }
}

// Starts the clock of a member that has just become suspect.
void Gossip::Suspect(int index, NodeId accuser) {
  const NodeId id = members_.at(index).record.id;
  const int live = members_.live_count();
  const int confirmations = std::clamp(live - 2, 0, config_.confirmations);
  const auto [at, added] =
      suspicions_.try_emplace(id, accuser, now_.mono, SuspicionMinUs(config_, live),
                              SuspicionMaxUs(config_, live), confirmations);
  TORC_CHECK(added, "a member is suspected once at a time");
  suspects_.push_back(id);
}

void Gossip::RunSuspicions() {
  for (size_t i = 0; i < suspects_.size();) {
    const NodeId id = suspects_[i];
    if (suspicions_.at(id).Deadline() > now_.mono) {
      ++i;
      continue;
    }
    const int index = members_.Find(id);
    TORC_CHECK(index != MemberTable::kNone, "a suspect is a member");
    MemberRecord record = members_.at(index).record;
    record.state = MemberState::kDead;
    SetMember(index, record);
    Queue(MemberUpdate{record, self().id});
    next_news_ = now_.mono;
  }
}

void Gossip::RunRelays() {
  for (size_t i = 0; i < relays_.size();) {
    Relay& relay = relays_[i];
    if (relay.nack_at > now_.mono) {
      ++i;
      continue;
    }
    if (relay.nacked) {
      relays_.erase(relays_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    relay.nacked = true;
    relay.nack_at = now_.mono + kRelayGraceUs;
    const int origin = members_.Find(relay.origin);
    if (origin != MemberTable::kNone) {
      Send(origin, {.kind = GossipKind::kNack, .seq = relay.origin_seq, .target = relay.target});
    }
    ++i;
  }
}

void Gossip::OnPing(const GossipReceive& event) {
  GossipMessage ack{.kind = GossipKind::kAck, .seq = event.message.seq, .wall = now_.wall};
  Pack(event.from, &ack);
  out_->sends.push_back({event.from, event.source, std::move(ack)});
}

void Gossip::OnAck(const GossipReceive& event) {
  const bool relayed = event.message.target != NodeId();
  const NodeId target = relayed ? event.message.target : event.from;
  const auto matches = [&](const auto& sent) {
    return sent.seq == event.message.seq && sent.target == target;
  };
  const auto probe = std::find_if(probes_.begin(), probes_.end(), matches);
  if (probe != probes_.end()) {
    if (!relayed && !probe->indirect) MeasureSkew(*probe, event.message.wall);
    probes_.erase(probe);
    health_.Better();
    return;
  }
  if (relayed) return;
  const auto relay = std::find_if(relays_.begin(), relays_.end(), matches);
  if (relay == relays_.end()) return;
  const int origin = members_.Find(relay->origin);
  if (origin != MemberTable::kNone) {
    Send(origin, {.kind = GossipKind::kAck,
                  .seq = relay->origin_seq,
                  .target = relay->target,
                  .wall = now_.wall});
  }
  relays_.erase(relay);
}

void Gossip::MeasureSkew(const Probe& probe, UnixMs wall) {
  const int index = members_.Find(probe.target);
  if (index == MemberTable::kNone) return;
  GossipMember& member = members_.at(index);
  const int64_t round_trip_us = std::max<int64_t>(1, now_.mono - probe.sent);
  // A slow exchange says little; but what was measured long ago grows old.
  if (member.round_trip_us != 0 && round_trip_us > member.round_trip_us * 3 / 2) {
    member.round_trip_us += member.round_trip_us / 8 + 1;
    return;
  }
  member.round_trip_us = round_trip_us;
  member.skew_ms = wall - (now_.wall - round_trip_us / 2000);
}

void Gossip::OnPingReq(const GossipReceive& event) {
  const int target = members_.Find(event.message.target);
  if (target == MemberTable::kNone || target == kSelf || relays_.size() >= kRelaysMax) return;
  Relay relay;
  relay.seq = next_seq_++;
  relay.target = event.message.target;
  relay.origin = event.from;
  relay.origin_seq = event.message.seq;
  relay.nack_at = now_.mono + config_.probe_timeout_us;
  relays_.push_back(relay);
  Send(target, {.kind = GossipKind::kPing, .seq = relay.seq, .wall = now_.wall});
}

void Gossip::OnNack(const GossipReceive& event) {
  for (Probe& probe : probes_) {
    if (probe.seq == event.message.seq && probe.nacks_missing > 0) --probe.nacks_missing;
  }
}

// A member that we hold for suspect or dead hears so from us, that it may refute.
void Gossip::TellOfItself(int member) {
  if (member == MemberTable::kNone) return;
  const MemberState state = members_.at(member).record.state;
  if (state == MemberState::kAlive || state == MemberState::kLeft) return;
  Send(member, {.kind = GossipKind::kNews});
}

}  // namespace torc
