#include "cluster/replica.h"

#include <algorithm>

#include "base/check.h"

namespace torc {

Replica::Replica(GroupId group, const ReplicaOptions& options, Recovered recovered, uint64_t seed,
                 MonoUs now)
    : group_(group),
      options_(options),
      self_(recovered.self),
      rng_(seed),
      term_(recovered.term),
      vote_(recovered.vote),
      log_(recovered.checkpoint.index, recovered.checkpoint.term, recovered.checkpoint.membership),
      checkpoint_(recovered.checkpoint),
      last_seq_(recovered.last_seq),
      committed_(recovered.checkpoint.index),
      applied_(recovered.checkpoint.index),
      verified_(recovered.checkpoint.index),
      contact_at_(now),
      doubted_at_(now - options.election_us),
      lease_(options.lease_us),
      busy_at_(now) {
  for (Entry& entry : recovered.entries) log_.Append(std::move(entry));
  // A log may have outlived the record of its term (a torn tail of votes): it proves the term
  // anyway.
  if (log_.last_term() > term_) AdoptTerm(log_.last_term());
  written_ = durable_ = log_.last_index();
  election_at_ = now + options_.election_us + Stagger(options_.stagger_us);
  if (Has(PlantedBug::kPromiseForgottenAtRestart)) contact_at_ = now - options_.promise_us;
}

void Replica::RecordBirth(Output* out) {
  AddWrite(Write::Kind::kBirth, out);
  AddWrite(Write::Kind::kInstall, out).checkpoint = checkpoint_;
}

void Replica::RecordRetirement(Output* out) {
  ReportLost(committed_ + 1, false, out);
  AddWrite(Write::Kind::kRetire, out);
}

void Replica::Receive(const Message& message, MonoUs now, Output* out) {
  if (message.to != self_ || message.group != group_) return;
  using Kind = Message::Kind;
  switch (message.kind) {
    case Kind::kPreVoteRequest:
      OnPreVoteRequest(message, now, out);
      break;
    case Kind::kVoteRequest:
      OnVoteRequest(message, now, out);
      break;
    case Kind::kPreVoteReply:
    case Kind::kVoteReply:
      OnVoteReply(message, now, out);
      break;
    case Kind::kAppend:
      OnAppend(message, now, out);
      break;
    case Kind::kHeartbeat:
      OnHeartbeat(message, now, out);
      break;
    case Kind::kAppendReply:
      OnAppendReply(message, now, out);
      break;
    case Kind::kHeartbeatReply:
      OnHeartbeatReply(message, now, out);
      break;
    case Kind::kTimeoutNow:
      OnTimeoutNow(message, now, out);
      break;
  }
  Flush(now, out);
}

void Replica::Tick(MonoUs now, bool heartbeat_due, Output* out) {
  if (quiescent_) return;
  if (role_ == Role::kPrimary) {
    if (!QuorumHeard(now)) {
      BecomeFollower(std::nullopt, now, out);
    } else if (heartbeat_due) {
      ResendStalled(now);
      Beat(now, out);
    }
  } else if (now >= election_at_ + Patience() && MayStand()) {
    StandForPreVote(now, out);
  }
  Flush(now, out);
}

void Replica::Flush(MonoUs now, Output* out) {
  FlushVote(out);
  FlushEntries(out);
  if (role_ == Role::kPrimary) {
    AdvanceTransfer(now, out);
    SendAppends(now, out);
    AdvanceCommit(out);
    StartRoundForReads(now, out);
    ReleaseWrites(out);
    ReleaseReads(now, out);
  }
  SendOwedVote(out);
  EmitApplies(out);
}

void Replica::Persisted(WriteSeq seq, Durability level, MonoUs now, Output* out) {
  if (level == Durability::kDisk) disk_seq_ = std::max(disk_seq_, seq);
  if (level >= options_.durability) {
    kept_seq_ = std::max(kept_seq_, seq);
    while (!pending_writes_.empty() && pending_writes_.front().seq <= seq) {
      durable_ = std::max(durable_, pending_writes_.front().last);
      pending_writes_.pop_front();
    }
  }
  SendOwedAck(out);
  if (role_ == Role::kCandidate) CountVotes(now, out);
  Flush(now, out);
}

// How far this replica may say that its log is the primary's. An acknowledgement is also a word
// never to follow an earlier primary again, so it counts only once the term is kept like the
// entries: else a former primary could, after a restart here, replace what was acknowledged.
LogIndex Replica::Kept() const {
  const bool term_is_kept = !vote_dirty_ && vote_seq_ <= kept_seq_;
  if (options_.durability != Durability::kMem && !term_is_kept) return LogIndex(0);
  return std::min(verified_, durable_);
}

// Tells how far the log is kept by now; the rest is still owed.
void Replica::SendOwedAck(Output* out) {
  if (!ack_owed_.has_value()) return;
  const LogIndex kept = Kept();
  if (kept <= ack_owed_->index) return;
  ack_owed_->index = kept;
  out->messages.push_back(*ack_owed_);
  if (kept == verified_) ack_owed_.reset();
}

void Replica::AdoptTerm(Term term) {
  term_ = term;
  vote_.reset();
  vote_dirty_ = true;
  vote_owed_to_.reset();
  ack_owed_.reset();
  verified_ = committed_;
}

void Replica::BecomeFollower(std::optional<Member> primary, MonoUs now, Output* out) {
  if (role_ == Role::kPrimary) {
    DropHeld(out);
    peers_.clear();
    lease_.Begin();
    transfer_to_.reset();
    verified_ = committed_;
  }
  if (role_ != Role::kFollower || !primary.has_value()) {
    election_at_ = now + options_.election_us + Stagger(options_.stagger_us);
  }
  role_ = Role::kFollower;
  quiescent_ = false;
  primary_ = primary;
  if (primary.has_value()) primary_lost_ = false;
  votes_.clear();
}

Write& Replica::AddWrite(Write::Kind kind, Output* out) {
  Write& write = out->writes.emplace_back();
  write.kind = kind;
  write.group = group_;
  write.seq = ++last_seq_;
  write.self = self_;
  write.term = term_;
  write.vote = vote_;
  return write;
}

void Replica::FlushVote(Output* out) {
  if (!vote_dirty_) return;
  vote_dirty_ = false;
  if (Has(PlantedBug::kVoteNotDurable)) return;
  vote_seq_ = AddWrite(Write::Kind::kVote, out).seq;
}

void Replica::FlushEntries(Output* out) {
  const LogIndex last = log_.last_index();
  if (written_ >= last) return;
  Write& write = AddWrite(Write::Kind::kEntries, out);
  write.first = written_ + 1;
  for (LogIndex i = write.first; i <= last; ++i) write.entries.push_back(log_.At(i));
  written_ = last;
  if (options_.durability == Durability::kMem) {
    durable_ = last;
  } else {
    pending_writes_.push_back({write.seq, last});
  }
}

void Replica::EmitApplies(Output* out) {
  const LogIndex target = role_ == Role::kPrimary ? log_.last_index() : committed_;
  if (applied_ >= target) return;
  out->store_steps.push_back({StoreStep::Kind::kApply, group_, applied_ + 1, target, {}});
  applied_ = target;
}

void Replica::Commit(LogIndex index, Output* out) {
  if (index <= committed_) return;
  committed_ = index;
  out->commits.push_back({group_, index});
}

Message Replica::Reply(const Message& to, Message::Kind kind) const {
  Message reply;
  reply.kind = kind;
  reply.group = group_;
  reply.from = self_;
  reply.to = to.from;
  reply.term = term_;
  reply.round = to.round;
  return reply;
}

void Replica::PeerLost(NodeId node, MonoUs now) {
  if (role_ == Role::kPrimary) {
    if (quiescent_ && membership().OnNode(node).has_value()) Wake(now);
    return;
  }
  if (!primary_.has_value() || primary_->node != node) return;
  primary_lost_ = true;
  doubted_at_ = now;
  quiescent_ = false;
  // Not before its lease has surely lapsed, at every voter; then one after the other.
  const MonoUs promise_over = contact_at_ + options_.promise_us + options_.promise_us / 16;
  election_at_ = std::max(now, promise_over) + Stagger(options_.stagger_us * 2 / 5);
}

void Replica::CheckpointTaken(LogIndex index, MonoUs now, Output* out) {
  if (index <= checkpoint_.index) return;
  if (!Has(PlantedBug::kCheckpointOfUncommitted)) {
    TORC_CHECK(index <= committed_, "a checkpoint of committed entries");
  }
  FlushVote(out);
  FlushEntries(out);
  checkpoint_ = {index, log_.TermAt(index), log_.MembershipAt(index)};
  AddWrite(Write::Kind::kCheckpoint, out).checkpoint = checkpoint_;
  TrimLog(now);
  Flush(now, out);
}

void Replica::TrimLog(MonoUs now) {
  const uint64_t index = checkpoint_.index.value();
  LogIndex trimmed(index - std::min(index, options_.log_entries_kept));
  if (log_.size_bytes() <= options_.log_bytes_kept_max) {
    for (const Progress& peer : peers_) {
      const bool awaits_state =
          peer.flow == Flow::kSnapshot && now < peer.moved_at + options_.snapshot_us;
      if (awaits_state) trimmed = std::min(trimmed, std::max(peer.state_sent, peer.match));
      if (!awaits_state && Reachable(peer.member, now)) trimmed = std::min(trimmed, peer.match);
    }
  }
  log_.TrimTo(trimmed);
}

bool Replica::Removed() const {
  return role_ != Role::kPrimary && log_.membership_index() <= committed_ &&
         membership().version > self_.birth && !membership().Contains(self_);
}

void Replica::CheckInvariants() const {
  TORC_CHECK(log_.base_index() <= checkpoint_.index, "base <= checkpoint");
  TORC_CHECK(checkpoint_.index <= committed_, "checkpoint <= committed");
  TORC_CHECK(committed_ <= log_.last_index(), "committed <= last");
  TORC_CHECK(applied_ <= log_.last_index(), "applied <= last");
  TORC_CHECK(written_ <= log_.last_index(), "written <= last");
  TORC_CHECK(durable_ <= written_, "durable <= written");
  for (const Progress& peer : peers_) TORC_CHECK(peer.match < peer.next, "match < next");
}

}  // namespace torc
