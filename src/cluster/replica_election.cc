// Replica: how a primary is found. Pre-vote asks whether an election could be won before the term
// grows; promises to a living primary come before everything but that primary's own hand-over.

#include <algorithm>

#include "base/check.h"
#include "cluster/replica.h"

namespace torc {

// Where this voter stands in the queue behind its last primary, so that voters doubt one after the
// other.
int64_t Replica::Stagger(int64_t step_us) {
  const std::vector<Member>& voters = membership().voters;
  size_t own = 0;
  size_t of_primary = 0;
  for (size_t i = 0; i < voters.size(); ++i) {
    if (voters[i] == self_) own = i;
    if (primary_.has_value() && voters[i] == *primary_) of_primary = i;
  }
  const size_t count = std::max<size_t>(voters.size(), 1);
  const size_t rank = (own + count - of_primary - 1) % count;
  return static_cast<int64_t>(rank) * step_us + rng_.Between(0, step_us / 2);
}

// Voters go first. But a log may be the newest of all without knowing that its owner was made a
// voter: the change went to others, whose logs are older, and they cannot win without its vote. So
// whoever is no voter by its own log stands too, if all is silent for long (Ongaro 2014, 4.2.2); it
// counts no vote and no copy of its own.
int64_t Replica::Patience() const {
  return IsVoter() ? 0 : 2 * options_.election_us;
}

void Replica::Contact(MonoUs now) {
  contact_at_ = now;
  election_at_ = now + options_.election_us + Stagger(options_.stagger_us);
}

bool Replica::PromiseHolds(MonoUs now) const {
  if (role_ == Role::kPrimary) {
    if (lease_.forfeited()) return false;
    const MonoUs sent_at = lease_.confirmed_sent_at();
    return sent_at.value() != INT64_MIN && now < sent_at + options_.promise_us;
  }
  return now < contact_at_ + options_.promise_us;
}

bool Replica::LogIsCurrent(const Message& message) const {
  if (Has(PlantedBug::kVoteForStaleLog)) return true;
  if (message.index_term != log_.last_term()) return message.index_term > log_.last_term();
  return message.index >= log_.last_index();
}

void Replica::OnPreVoteRequest(const Message& message, MonoUs now, Output* out) {
  Message reply = Reply(message, Message::Kind::kPreVoteReply);
  const bool primary_is_silent_by_agreement = quiescent_ && role_ != Role::kPrimary;
  const bool primary_lives = role_ == Role::kPrimary || primary_is_silent_by_agreement;
  reply.yes = message.term > term_ && LogIsCurrent(message) && !primary_lives && !PromiseHolds(now);
  if (reply.yes) reply.term = message.term;
  // Somebody doubts a silent primary: let it speak. Whoever is no member (one that was removed and
  // does not know) doubts in vain; all of a silent group know its members.
  const bool is_member = membership().Contains(message.from);
  if (role_ == Role::kPrimary && quiescent_ && is_member) Wake(now);
  if (primary_is_silent_by_agreement && is_member) {
    quiescent_ = false;
    election_at_ = now + options_.election_us + Stagger(options_.stagger_us);
  }
  out->messages.push_back(std::move(reply));
}

void Replica::OnVoteRequest(const Message& message, MonoUs now, Output* out) {
  if (message.term < term_) {
    out->messages.push_back(Reply(message, Message::Kind::kVoteReply));
    return;
  }
  if (message.term > term_) {
    if (!message.transfer && PromiseHolds(now)) return;
    AdoptTerm(message.term);
    BecomeFollower(std::nullopt, now, out);
  }
  const bool is_free = !vote_.has_value() || *vote_ == message.from || Has(PlantedBug::kVoteTwice);
  if (!is_free || role_ != Role::kFollower || primary_.has_value() || !LogIsCurrent(message)) {
    out->messages.push_back(Reply(message, Message::Kind::kVoteReply));
    return;
  }
  if (vote_ != message.from) {
    vote_ = message.from;
    vote_dirty_ = true;
  }
  vote_owed_to_ = message.from;
  election_at_ = now + options_.election_us + Stagger(options_.stagger_us);
}

void Replica::SendOwedVote(Output* out) {
  if (!vote_owed_to_.has_value()) return;
  if (vote_dirty_ || vote_seq_ > disk_seq_) return;
  Message reply;
  reply.kind = Message::Kind::kVoteReply;
  reply.group = group_;
  reply.from = self_;
  reply.to = *vote_owed_to_;
  reply.term = term_;
  reply.yes = true;
  out->messages.push_back(std::move(reply));
  vote_owed_to_.reset();
}

void Replica::OnVoteReply(const Message& message, MonoUs now, Output* out) {
  const bool is_pre = message.kind == Message::Kind::kPreVoteReply;
  if (!message.yes) {
    if (message.term > term_) {
      AdoptTerm(message.term);
      BecomeFollower(std::nullopt, now, out);
    }
    return;
  }
  const Term asked = is_pre ? term_ + 1 : term_;
  if (role_ != (is_pre ? Role::kPreCandidate : Role::kCandidate) || message.term != asked) return;
  if (std::find(votes_.begin(), votes_.end(), message.from) != votes_.end()) return;
  votes_.push_back(message.from);
  CountVotes(now, out);
}

void Replica::CountVotes(MonoUs now, Output* out) {
  const Membership& now_in_force = membership();
  const bool is_pre = role_ == Role::kPreCandidate;
  // The own vote counts like any other: once it is on disk.
  const bool own_counts = is_pre || (!vote_dirty_ && vote_seq_ <= disk_seq_);
  size_t votes = own_counts && IsVoter() ? 1 : 0;
  for (const Member& voter : votes_) votes += now_in_force.IsVoter(voter) ? 1 : 0;
  size_t needed = MajorityOf(now_in_force.voters.size());
  if (Has(PlantedBug::kQuorumOfHalf)) needed = (now_in_force.voters.size() + 1) / 2;
  if (votes < needed) return;
  if (is_pre) {
    Stand(false, now, out);
  } else {
    BecomePrimary(now, out);
  }
}

void Replica::OnTimeoutNow(const Message& message, MonoUs now, Output* out) {
  if (message.term != term_ || role_ == Role::kPrimary || !IsVoter()) return;
  Stand(true, now, out);
}

void Replica::AskForVotes(Message::Kind kind, Term term, bool is_transfer, Output* out) {
  for (const Member& voter : membership().voters) {
    if (voter == self_) continue;
    Message message;
    message.kind = kind;
    message.group = group_;
    message.from = self_;
    message.to = voter;
    message.term = term;
    message.index = log_.last_index();
    message.index_term = log_.last_term();
    message.transfer = is_transfer;
    out->messages.push_back(std::move(message));
  }
}

void Replica::StandForPreVote(MonoUs now, Output* out) {
  // The next try comes sooner when the primary is known to be gone.
  const int64_t step_us = primary_lost_ ? options_.stagger_us * 2 / 5 : options_.stagger_us;
  election_at_ = now + step_us + Stagger(step_us) + rng_.Between(0, step_us);
  role_ = Role::kPreCandidate;
  quiescent_ = false;
  votes_.clear();
  AskForVotes(Message::Kind::kPreVoteRequest, term_ + 1, false, out);
  CountVotes(now, out);
}

void Replica::Stand(bool is_transfer, MonoUs now, Output* out) {
  AdoptTerm(term_ + 1);
  vote_ = self_;
  role_ = Role::kCandidate;
  primary_.reset();
  quiescent_ = false;
  votes_.clear();
  election_at_ = now + options_.stagger_us * 2 + Stagger(options_.stagger_us / 2) +
                 rng_.Between(0, options_.stagger_us);
  AskForVotes(Message::Kind::kVoteRequest, term_, is_transfer, out);
  FlushVote(out);
}

void Replica::BecomePrimary(MonoUs now, Output* out) {
  role_ = Role::kPrimary;
  primary_ = self_;
  primary_lost_ = false;
  quiescent_ = false;
  transfer_to_.reset();
  transfer_invited_ = false;
  round_wanted_ = false;
  lease_.Begin();
  in_flight_.Clear();
  peers_.clear();
  busy_at_ = now;
  ack_owed_.reset();
  SyncProgress(now);
  Entry reign;
  reign.term = term_;
  reign.kind = Entry::Kind::kReign;
  reign.epoch = membership().epoch;
  log_.Append(std::move(reign));
  reign_start_ = log_.last_index();
  out->elected.push_back(group_);
  Beat(now, out);
}

}  // namespace torc
