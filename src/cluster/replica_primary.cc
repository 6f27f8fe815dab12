// Replica: the primary's side of the log, its heartbeats, and the silence of an idle group.

#include <algorithm>

#include "base/check.h"
#include "cluster/replica.h"

namespace torc {
namespace {

// The largest value that at least `needed` of `values` reach; a default value if there are too few.
template <typename T>
T ReachedBy(std::vector<T>* values, size_t needed) {
  if (values->size() < needed || needed == 0) return T{};
  std::sort(values->begin(), values->end(), std::greater<T>());
  return (*values)[needed - 1];
}

}  // namespace

Replica::Progress* Replica::FindProgress(const Member& member) {
  for (Progress& peer : peers_) {
    if (peer.member == member) return &peer;
  }
  return nullptr;
}

const Replica::Progress* Replica::FindProgress(const Member& member) const {
  return const_cast<Replica*>(this)->FindProgress(member);
}

std::optional<LogIndex> Replica::MatchOf(const Member& member) const {
  if (role_ == Role::kPrimary && member == self_) return OwnMatch();
  const Progress* peer = FindProgress(member);
  if (peer == nullptr) return std::nullopt;
  return peer->match;
}

bool Replica::Reachable(const Member& member, MonoUs now) const {
  if (member == self_) return true;
  const Progress* peer = FindProgress(member);
  return peer != nullptr && (quiescent_ || now < peer->heard_at + options_.election_us);
}

LogIndex Replica::OwnMatch() const {
  return std::min(durable_, log_.last_index());
}

void Replica::Heard(Progress* peer, const Message& message, MonoUs now) {
  peer->heard_at = now;
  peer->quiesced = message.quiesce;
  if (message.round > peer->round) {
    peer->round = message.round;
    if (Has(PlantedBug::kLeaseFromReplyTime) && membership().IsVoter(peer->member)) {
      lease_.Extend(now);
    }
    ConfirmRounds();
  }
}

void Replica::Advanced(Progress* peer, LogIndex match, MonoUs now) {
  match = std::min(match, log_.last_index());
  if (match > peer->match) {
    peer->match = match;
    peer->moved_at = now;
  }
  if (peer->next <= peer->match) peer->next = peer->match + 1;
  // All that was sent is there: acknowledgements that are still missing were lost.
  if (peer->flow == Flow::kStream && peer->next == peer->match + 1) peer->in_flight = 0;
}

void Replica::OnAppendReply(const Message& message, MonoUs now, Output* out) {
  if (message.term > term_) {
    AdoptTerm(message.term);
    BecomeFollower(std::nullopt, now, out);
    return;
  }
  const bool is_current = message.term == term_ || Has(PlantedBug::kOldTermReplyCounted);
  if (role_ != Role::kPrimary || !is_current) return;
  Progress* peer = FindProgress(message.from);
  if (peer == nullptr) return;
  Heard(peer, message, now);
  if (!message.yes) {
    // A refusal of something older than what is known by now says nothing.
    if (message.index < peer->match || message.index >= peer->next) return;
    peer->next = std::max(peer->match + 1, std::min(message.hint, message.index) + 1);
    peer->flow = Flow::kProbe;
    peer->in_flight = 0;
    return;
  }
  Advanced(peer, message.index, now);
  if (peer->flow != Flow::kSnapshot || peer->next > log_.base_index()) {
    peer->flow = Flow::kStream;
    if (peer->in_flight > 0) --peer->in_flight;
  }
}

void Replica::OnHeartbeatReply(const Message& message, MonoUs now, Output* out) {
  if (message.term > term_) {
    AdoptTerm(message.term);
    BecomeFollower(std::nullopt, now, out);
    return;
  }
  const bool is_current = message.term == term_ || Has(PlantedBug::kOldTermReplyCounted);
  if (role_ != Role::kPrimary || !is_current) return;
  Progress* peer = FindProgress(message.from);
  if (peer == nullptr) return;
  Heard(peer, message, now);
  Advanced(peer, message.index, now);
  if (!peer->quiesced || !MayQuiesce(now)) return;
  quiescent_ = std::all_of(peers_.begin(), peers_.end(),
                           [](const Progress& other) { return other.quiesced; });
  if (quiescent_ && Has(PlantedBug::kLeaseKeptByQuiescent)) lease_.Extend(now + 3'600'000'000);
}

// The commit index moves to what a majority of voters keeps, if that is of this reign: an older
// entry may yet be replaced by another primary, however many copies it has.
void Replica::AdvanceCommit(Output* out) {
  std::vector<LogIndex> matches;
  for (const Progress& peer : peers_) {
    if (membership().IsVoter(peer.member) || Has(PlantedBug::kLearnerCounted)) {
      matches.push_back(peer.match);
    }
  }
  if (IsVoter()) matches.push_back(OwnMatch());
  size_t needed = MajorityOf(membership().voters.size());
  if (Has(PlantedBug::kQuorumOfHalf)) needed = (membership().voters.size() + 1) / 2;
  const LogIndex reached = ReachedBy(&matches, needed);
  if (reached <= committed_) return;
  if (log_.TermAt(reached) != term_ && !Has(PlantedBug::kCommitOldTermByCount)) return;
  Commit(reached, out);
}

LogIndex Replica::MatchOfAllVoters() const {
  LogIndex least = OwnMatch();
  for (const Progress& peer : peers_) {
    if (membership().IsVoter(peer.member)) least = std::min(least, peer.match);
  }
  return std::min(least, committed_);
}

void Replica::SendAppends(MonoUs now, Output* out) {
  for (Progress& peer : peers_) {
    if (peer.flow == Flow::kSnapshot) {
      if (now < peer.moved_at + options_.snapshot_us) continue;
      peer.flow = Flow::kProbe;
    }
    if (peer.next <= log_.base_index()) {
      // A whole state only for who has answered: a newcomer may not have begun yet.
      if (peer.round > Round(0)) SendSnapshotTo(&peer, now, out);
      continue;
    }
    const size_t window = peer.flow == Flow::kProbe ? 1 : options_.appends_in_flight_max;
    while (peer.next <= log_.last_index() && peer.in_flight < window) {
      SendAppendTo(&peer, now, out);
      if (peer.flow == Flow::kProbe) break;
    }
  }
}

void Replica::SendAppendTo(Progress* peer, MonoUs now, Output* out) {
  Message message;
  message.kind = Message::Kind::kAppend;
  message.group = group_;
  message.from = self_;
  message.to = peer->member;
  message.term = term_;
  message.index = peer->next - 1;
  message.index_term = log_.TermAt(message.index);
  message.commit = committed_;
  message.round = lease_.round();
  size_t size_bytes = 0;
  LogIndex index = peer->next;
  while (index <= log_.last_index() && message.entries.size() < options_.append_entries_max &&
         size_bytes < options_.append_bytes_max) {
    message.entries.push_back(log_.At(index));
    size_bytes += log_.At(index).payload.size();
    ++index;
  }
  if (peer->in_flight == 0) peer->moved_at = now;
  ++peer->in_flight;
  // A probe is sent again from the same place until it is answered.
  if (peer->flow == Flow::kStream) peer->next = index;
  peer->quiesced = false;
  out->messages.push_back(std::move(message));
}

void Replica::SendSnapshotTo(Progress* peer, MonoUs now, Output* out) {
  peer->flow = Flow::kSnapshot;
  peer->in_flight = 0;
  peer->moved_at = now;
  peer->state_sent = checkpoint_.index;
  out->snapshot_sends.push_back({group_, self_, peer->member, term_, checkpoint_});
}

void Replica::SnapshotFailed(const Member& to, MonoUs now, Output* out) {
  Progress* peer = FindProgress(to);
  if (peer == nullptr || peer->flow != Flow::kSnapshot) return;
  // Another try has to wait, lest a member that cannot be reached is sent nothing else.
  peer->moved_at = now - options_.snapshot_us + options_.election_us;
  Flush(now, out);
}

// A new round: everybody hears from the primary, and when a majority has answered the lease is
// renewed.
void Replica::Beat(MonoUs now, Output* out) {
  lease_.NextRound(now);
  const bool quiesce = MayQuiesce(now);
  for (Progress& peer : peers_) {
    Message message;
    message.kind = Message::Kind::kHeartbeat;
    message.group = group_;
    message.from = self_;
    message.to = peer.member;
    message.term = term_;
    message.commit = committed_;
    message.round = lease_.round();
    message.quiesce = quiesce;
    // A member that restarted has to be told again how much of its log is good.
    if (peer.match >= log_.base_index()) {
      message.index = peer.match;
      message.index_term = log_.TermAt(peer.match);
    }
    out->messages.push_back(std::move(message));
  }
  ConfirmRounds();
  if (quiesce && peers_.empty()) quiescent_ = true;
}

// What was sent and not answered for a while is taken for lost.
void Replica::ResendStalled(MonoUs now) {
  for (Progress& peer : peers_) {
    if (peer.flow == Flow::kSnapshot || peer.match >= log_.last_index()) continue;
    if (now < peer.moved_at + options_.retransmit_us && peer.in_flight > 0) continue;
    peer.next = peer.match + 1;
    peer.flow = Flow::kProbe;
    peer.in_flight = 0;
  }
}

bool Replica::QuorumHeard(MonoUs now) const {
  size_t heard = IsVoter() ? 1 : 0;
  for (const Progress& peer : peers_) {
    if (!membership().IsVoter(peer.member)) continue;
    heard += now < peer.heard_at + options_.election_us ? 1 : 0;
  }
  return heard >= MajorityOf(membership().voters.size());
}

bool Replica::MayQuiesce(MonoUs now) const {
  if (now < busy_at_ + options_.quiesce_us || transfer_to_.has_value()) return false;
  if (committed_ != log_.last_index() || !held_all_.empty() || !held_reads_.empty()) return false;
  return std::all_of(peers_.begin(), peers_.end(), [&](const Progress& peer) {
    return peer.match == committed_ && now < peer.heard_at + options_.election_us;
  });
}

// A request, or a doubt, ends the silence. Nobody has been heard during it, and that is nobody's
// fault.
void Replica::Wake(MonoUs now) {
  busy_at_ = now;
  if (!quiescent_) return;
  quiescent_ = false;
  round_wanted_ = true;
  for (Progress& peer : peers_) {
    peer.heard_at = now;
    peer.quiesced = false;
  }
}

}  // namespace torc
