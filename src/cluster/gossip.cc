#include "cluster/gossip.h"

#include <algorithm>

#include "base/check.h"
#include "cluster/gossip_codec.h"

namespace torc {
namespace {

// A step that comes this much later than promised means that the process was not running.
constexpr int64_t kPauseUs = 300'000;

}  // namespace

Gossip::Gossip(const GossipConfig& config, MemberRecord self, uint64_t seed)
    : config_(config),
      rng_(seed),
      members_(config.members_max),
      board_(config.partition_count),
      health_(config.health_max) {
  TORC_CHECK(self.id != NodeId(), "a node has an id");
  self.state = MemberState::kAlive;
  members_.Add(self);
}

GossipOutput Gossip::Step(const GossipEvent& event, GossipNow now) {
  GossipOutput out;
  out_ = &out;
  now_ = now;
  NoticePause();
  std::visit([this](const auto& e) { Handle(e); }, event);
  RunTimers();
  promised_tick_ = NextTick();
  out.next_tick = promised_tick_;
  out_ = nullptr;
  return out;
}

// What we would conclude from the silence of others while we were not listening is worth nothing:
// probes in flight are dropped and suspicions last longer by as much.
void Gossip::NoticePause() {
  if (promised_tick_ == kNever || now_.mono - promised_tick_ < kPauseUs) return;
  const int64_t lost_us = now_.mono - promised_tick_;
  probes_.clear();
  relays_.clear();
  for (auto& [id, suspicion] : suspicions_) suspicion.Postpone(lost_us);
  for (MonoUs* due : {&next_probe_, &next_news_, &next_sync_, &next_lost_probe_, &next_join_}) {
    if (*due != kNever) *due = std::max(*due, now_.mono);
  }
  health_.Worse();
}

void Gossip::RunTimers() {
  if (left_ || next_probe_ == kNever) return;
  if (next_join_ <= now_.mono) AskToJoin();
  RunProbes();
  RunRelays();
  RunSuspicions();
  if (next_probe_ <= now_.mono) ProbeNext();
  if (next_sync_ <= now_.mono) SendDigest();
  if (next_lost_probe_ <= now_.mono) ProbeLost();
  if (next_news_ <= now_.mono) SendNews();
}

MonoUs Gossip::NextTick() const {
  if (left_) return kNever;
  MonoUs next = std::min({next_probe_, next_news_, next_sync_, next_lost_probe_, next_join_});
  for (const Probe& probe : probes_) next = std::min(next, probe.deadline);
  for (const Relay& relay : relays_) next = std::min(next, relay.nack_at);
  for (const auto& [id, suspicion] : suspicions_) next = std::min(next, suspicion.Deadline());
  return next;
}

void Gossip::Handle(const GossipStart& event) {
  seeds_ = event.seeds;
  for (const MemberRecord& record : event.known) {
    if (record.id != NodeId() && members_.Find(record.id) == MemberTable::kNone) {
      members_.Add(record);
    }
  }
  joined_ = seeds_.empty();
  next_join_ = joined_ ? kNever : now_.mono;
  // Nodes started together do not go on in step.
  const auto some = [this](int64_t interval_us) {
    return now_.mono + static_cast<int64_t>(rng_.Below(static_cast<uint64_t>(interval_us)));
  };
  next_probe_ = some(config_.probe_interval_us);
  next_sync_ = some(config_.sync_interval_us);
  next_lost_probe_ = some(config_.lost_probe_interval_us);
}

void Gossip::Handle(const GossipReceive& event) {
  if (left_ || event.from == self().id || event.from == NodeId()) return;
  bool wrong_about_us = false;
  for (const GossipUpdate& update : event.message.updates) {
    std::visit([this](const auto& u) { Apply(u); }, update);
    const auto* member = std::get_if<MemberUpdate>(&update);
    if (member != nullptr && member->record.id == self().id && member->record != self()) {
      wrong_about_us = true;
    }
  }
  // Whoever is wrong about us hears so directly: we may not be on its list of those to be told, nor
  // it on ours.
  if (wrong_about_us && !out_->identity_conflict) {
    GossipMessage news{.kind = GossipKind::kNews};
    news.updates.emplace_back(MemberUpdate{self(), NodeId()});
    out_->sends.push_back({event.from, event.source, std::move(news)});
  }
  switch (event.message.kind) {
    case GossipKind::kPing:
      OnPing(event);
      return;
    case GossipKind::kAck:
      OnAck(event);
      break;
    case GossipKind::kPingReq:
      OnPingReq(event);
      break;
    case GossipKind::kNack:
      OnNack(event);
      break;
    case GossipKind::kNews:
      break;
    case GossipKind::kJoin:
      SendSync(event.from, event.source, UINT32_MAX, 0);
      return;
    case GossipKind::kDigest:
      OnDigest(event);
      break;
    case GossipKind::kSync:
      OnSync(event);
      break;
  }
  TellOfItself(members_.Find(event.from));
}

void Gossip::Handle(const GossipPeerReset& event) {
  const int index = members_.Find(event.peer);
  if (index == MemberTable::kNone || index == kSelf) return;
  const MemberState state = members_.at(index).record.state;
  if (state == MemberState::kDead || state == MemberState::kLeft) return;
  const bool running = std::any_of(probes_.begin(), probes_.end(), [&](const Probe& probe) {
    return probe.target == event.peer && probe.after_reset;
  });
  if (!running) StartProbe(event.peer, true);
}

void Gossip::Handle(const GossipAnnounce& event) {
  for (const Announcement& announcement : event.announcements) {
    if (board_.Post(announcement)) Queue(announcement);
  }
  if (!queue_.empty()) next_news_ = now_.mono;
}

void Gossip::Handle(const GossipAnnounceEpoch& event) {
  const EpochUpdate update{event.epoch, self().id};
  if (!board_.Post(update)) return;
  Queue(update);
  next_news_ = now_.mono;
}

void Gossip::Handle(const GossipSetAddress& event) {
  if (event.address == self().address) return;
  MemberRecord record = self();
  record.address = event.address;
  members_.Set(kSelf, record);
  ChangeSelf(MemberState::kAlive);
}

void Gossip::Handle(const GossipLeave&) {
  leaving_ = true;
  ChangeSelf(MemberState::kLeft);
}

void Gossip::Handle(const GossipForget& event) {
  const int index = members_.Find(event.id);
  if (index == MemberTable::kNone || index == kSelf) return;
  suspicions_.erase(event.id);
  std::erase(suspects_, event.id);
  queue_.Forget(event.id);
  members_.Remove(index);
}

// A new version of our own record, told at once.
void Gossip::ChangeSelf(MemberState state) {
  MemberRecord record = self();
  ++record.version;
  record.state = state;
  members_.Set(kSelf, record);
  Queue(MemberUpdate{record, NodeId()});
  next_news_ = now_.mono;
}

void Gossip::Apply(const MemberUpdate& update) {
  const MemberRecord& record = update.record;
  if (record.id == self().id) return ApplyToSelf(record);
  const int index = members_.Find(record.id);
  const bool live = record.state == MemberState::kAlive || record.state == MemberState::kSuspect;
  if (index == MemberTable::kNone) {
    // Of the dead and departed nobody needs to hear for the first time.
    if (!live) return;
    const int added = members_.Add(record);
    if (added == MemberTable::kNone) return;
    // Somewhere in the present round, so that it is not probed by all at the same time.
    const size_t at = round_next_ + rng_.Below(round_.size() - round_next_ + 1);
    round_.insert(round_.begin() + static_cast<std::ptrdiff_t>(at), record.id);
    out_->changes.push_back({std::nullopt, record});
    if (record.state == MemberState::kSuspect) Suspect(added, update.accuser);
    Queue(update);
    return;
  }
  const MemberRecord known = members_.at(index).record;
  const bool same_age = known.incarnation == record.incarnation && known.version == record.version;
  if (same_age && record.state == MemberState::kSuspect && known.state == record.state) {
    const auto suspicion = suspicions_.find(record.id);
    if (suspicion != suspicions_.end() && suspicion->second.Confirm(update.accuser)) Queue(update);
    return;
  }
  if (!IsNewer(record, known)) return;
  SetMember(index, record);
  if (record.state == MemberState::kSuspect) Suspect(index, update.accuser);
  Queue(update);
}

void Gossip::SetMember(int index, const MemberRecord& record) {
  const MemberRecord before = members_.at(index).record;
  members_.Set(index, record);
  if (suspicions_.erase(record.id) > 0) std::erase(suspects_, record.id);
  out_->changes.push_back({before, record});
}

// Whatever others say about us that is not exactly what we say is answered with a newer record.
void Gossip::ApplyToSelf(const MemberRecord& record) {
  if (record.incarnation > self().incarnation) {
    out_->identity_conflict = true;
    return;
  }
  if (record.incarnation < self().incarnation || IsNewer(self(), record) || record == self())
    return;
  if (leaving_) return;
  if (record.state == MemberState::kSuspect || record.state == MemberState::kDead) health_.Worse();
  MemberRecord mine = self();
  mine.version = record.version;
  members_.Set(kSelf, mine);
  ChangeSelf(MemberState::kAlive);
}

void Gossip::Apply(const Announcement& announcement) {
  if (!board_.Post(announcement)) return;
  out_->announcements.push_back(announcement);
  Queue(announcement);
}

void Gossip::Apply(const EpochUpdate& update) {
  if (!board_.Post(update)) return;
  out_->epoch = update;
  Queue(update);
}

void Gossip::Queue(const GossipUpdate& update) {
  queue_.Push(update);
  if (next_news_ != kNever) return;
  const auto half = static_cast<uint64_t>(config_.news_interval_us / 2);
  next_news_ = now_.mono + static_cast<int64_t>(rng_.Below(half + 1));
}

void Gossip::SendNews() {
  std::vector<int> told;
  for (int i = 0; i < config_.news_fanout && !queue_.empty(); ++i) {
    const int member = RandomMember(true, NodeId());
    if (member == MemberTable::kNone) break;
    if (std::find(told.begin(), told.end(), member) != told.end()) continue;
    told.push_back(member);
    Send(member, {.kind = GossipKind::kNews});
  }
  // One of those we suspect hears it directly: it is in nobody's interest that it learns too late.
  if (!suspects_.empty()) {
    TellOfItself(members_.Find(suspects_[rng_.Below(suspects_.size())]));
  }
  const bool more = !queue_.empty() || !suspects_.empty();
  if (leaving_ && (queue_.empty() || told.empty())) {
    left_ = true;
    out_->left = true;
  }
  next_news_ = more ? now_.mono + config_.news_interval_us : kNever;
}

void Gossip::Send(int member, GossipMessage message) {
  const MemberRecord& record = members_.at(member).record;
  Pack(record.id, &message);
  out_->sends.push_back({record.id, record.address, std::move(message)});
}

// Fills the message with news, and first of all with what its receiver should know about itself.
void Gossip::Pack(NodeId to, GossipMessage* message) {
  size_t room = kGossipBytesMax - EncodedHeadBytes(*message);
  for (const GossipUpdate& update : message->updates) room -= EncodedBytes(update);
  const int index = members_.Find(to);
  if (index != MemberTable::kNone) {
    const MemberRecord& record = members_.at(index).record;
    if (record.state != MemberState::kAlive && message->updates.empty()) {
      const MemberUpdate update{record, self().id};
      room -= EncodedBytes(update);
      message->updates.emplace_back(update);
    }
  }
  queue_.Take(RetransmitLimit(config_, members_.live_count()), room, &message->updates);
}

int Gossip::RandomMember(bool live, NodeId but_not) {
  const auto fits = [&](int index) {
    const MemberRecord& record = members_.at(index).record;
    const bool is_live =
        record.state == MemberState::kAlive || record.state == MemberState::kSuspect;
    const bool wanted = live ? is_live : record.state == MemberState::kDead;
    return index != kSelf && wanted && record.id != but_not;
  };
  const auto count = static_cast<uint64_t>(members_.size());
  constexpr int kDraws = 8;
  for (int i = 0; i < kDraws; ++i) {
    const int index = static_cast<int>(rng_.Below(count));
    if (fits(index)) return index;
  }
  const int start = static_cast<int>(rng_.Below(count));
  for (int i = 0; i < members_.size(); ++i) {
    const int index = (start + i) % members_.size();
    if (fits(index)) return index;
  }
  return MemberTable::kNone;
}

int64_t Gossip::SkewMsMax() const {
  int64_t skew_ms = 0;
  for (const GossipMember& member : members_.all()) {
    if (member.record.state != MemberState::kAlive || member.round_trip_us == 0) continue;
    const int64_t doubt_ms = member.round_trip_us / 2000 + 1;
    skew_ms = std::max(skew_ms, std::abs(member.skew_ms) - doubt_ms);
  }
  return skew_ms;
}

}  // namespace torc
