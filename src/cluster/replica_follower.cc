// Replica: the follower's side of the log.

#include <algorithm>

#include "base/check.h"
#include "cluster/replica.h"

namespace torc {

// False if the sender is not the primary of the present term.
bool Replica::AcceptPrimary(const Message& message, MonoUs now, Output* out) {
  if (message.term < term_) {
    // The round is of the sender's former reign. If it reigns again by now, with rounds counted
    // anew, it must not take this for an answer to one of them.
    Message reply = Reply(message, Message::Kind::kAppendReply);
    if (!Has(PlantedBug::kRefusalEchoesRound)) reply.round = Round(0);
    out->messages.push_back(std::move(reply));
    return false;
  }
  TORC_CHECK(message.term > term_ || role_ != Role::kPrimary, "one primary per term");
  if (message.term > term_) AdoptTerm(message.term);
  if (role_ != Role::kFollower || primary_ != message.from) {
    BecomeFollower(message.from, now, out);
  }
  primary_lost_ = false;
  Contact(now);
  return true;
}

void Replica::OnAppend(const Message& message, MonoUs now, Output* out) {
  if (!AcceptPrimary(message, now, out)) return;
  quiescent_ = false;
  // What this log has trimmed was committed, so it is the primary's too.
  const bool precedes_base = message.index < log_.base_index();
  if (!precedes_base && !log_.Matches(message.index, message.index_term)) {
    Message reply = Reply(message, Message::Kind::kAppendReply);
    reply.index = message.index;
    reply.hint = committed_;
    if (message.index > log_.last_index()) reply.hint = log_.last_index();
    out->messages.push_back(std::move(reply));
    return;
  }
  TakeEntries(message, out);
  Verified(message.index + message.entries.size(), message.commit, out);
  FlushVote(out);
  FlushEntries(out);
  Acknowledge(message, Message::Kind::kAppendReply, out);
}

void Replica::TakeEntries(const Message& message, Output* out) {
  LogIndex index = message.index;
  for (const Entry& entry : message.entries) {
    ++index;
    if (index <= log_.base_index()) continue;
    if (log_.Has(index)) {
      const bool is_conflict = log_.At(index).term != entry.term;
      if (!is_conflict && !Has(PlantedBug::kTruncateWithoutConflict)) continue;
      if (!is_conflict && index <= committed_) continue;
      Truncate(index, out);
    }
    log_.Append(entry);
  }
}

// Gives up `first` and all behind it: another primary's entries take their place.
void Replica::Truncate(LogIndex first, Output* out) {
  TORC_CHECK(first > committed_, "committed entries stay");
  const bool effects_are_lost = applied_ >= first;
  ReportLost(first, true, out);
  log_.TruncateFrom(first);
  const LogIndex last = log_.last_index();
  written_ = std::min(written_, last);
  durable_ = std::min(durable_, last);
  for (PendingWrite& pending : pending_writes_) pending.last = std::min(pending.last, last);
  if (!effects_are_lost) return;
  applied_ = checkpoint_.index;
  if (Has(PlantedBug::kDuplicateApplyAfterReload)) applied_ = log_.base_index();
  if (Has(PlantedBug::kTailNotReloaded)) {
    applied_ = last;
  } else {
    out->store_steps.push_back({StoreStep::Kind::kReload, group_, {}, {}, checkpoint_});
  }
}

// Effects that were given up leave a trace. Whether this replica was the primary that acknowledged
// them cannot be told after a restart, so all are reported.
void Replica::ReportLost(LogIndex first, bool replaced, Output* out) {
  for (LogIndex index = first; index <= log_.last_index(); ++index) {
    if (log_.At(index).kind != Entry::Kind::kEffects) continue;
    out->lost.push_back({group_, index, log_.At(index), replaced});
  }
}

// The log is the primary's up to `index`.
void Replica::Verified(LogIndex index, LogIndex primary_committed, Output* out) {
  verified_ = std::max(verified_, index);
  LogIndex limit = verified_;
  if (Has(PlantedBug::kCommitPastVerified)) limit = log_.last_index();
  Commit(std::min(primary_committed, limit), out);
}

// Entries are acknowledged when they are kept; what needs no disk is answered at once.
void Replica::Acknowledge(const Message& message, Message::Kind kind, Output* out) {
  Message reply = Reply(message, kind);
  reply.yes = true;
  reply.index = Kept();
  if (Has(PlantedBug::kAckBeforeDurable)) reply.index = verified_;
  const bool waits = !message.entries.empty() && reply.index < verified_;
  if (waits) {
    ack_owed_ = std::move(reply);
  } else {
    out->messages.push_back(std::move(reply));
  }
}

void Replica::OnHeartbeat(const Message& message, MonoUs now, Output* out) {
  if (!AcceptPrimary(message, now, out)) return;
  const bool matches = log_.Matches(message.index, message.index_term);
  Verified(matches ? message.index : verified_, message.commit, out);
  // Silence only with everything in hand: the same end of the log, all of it committed. And not on
  // the word of a primary that was reported lost just now: that may be its last message, come late.
  quiescent_ = message.quiesce && now >= doubted_at_ + options_.election_us &&
               verified_ == log_.last_index() && committed_ == verified_ &&
               committed_ == message.commit;
  Message reply = Reply(message, Message::Kind::kHeartbeatReply);
  reply.yes = true;
  reply.index = Kept();
  reply.quiesce = quiescent_;
  out->messages.push_back(std::move(reply));
}

void Replica::SnapshotArrived(const Member& from, Term term, const Checkpoint& checkpoint,
                              MonoUs now, Output* out) {
  Message arrival;
  arrival.from = from;
  arrival.term = term;
  if (!AcceptPrimary(arrival, now, out)) return;
  quiescent_ = false;
  if (checkpoint.index <= committed_ || log_.Matches(checkpoint.index, checkpoint.term)) {
    Verified(std::max(checkpoint.index, committed_), checkpoint.index, out);
    Acknowledge(arrival, Message::Kind::kAppendReply, out);
    Flush(now, out);
    return;
  }
  FlushVote(out);
  FlushEntries(out);
  ReportLost(committed_ + 1, false, out);
  if (!Has(PlantedBug::kSnapshotKeepsLog)) {
    const Term kept = Has(PlantedBug::kSnapshotTermLost) ? log_.last_term() : checkpoint.term;
    log_.Reset(checkpoint.index, kept, checkpoint.membership);
  } else {
    while (log_.last_index() < checkpoint.index)
      log_.Append(Entry{checkpoint.term, {}, {}, {}, {}});
  }
  checkpoint_ = checkpoint;
  verified_ = committed_ = checkpoint.index;
  applied_ = checkpoint.index;
  out->store_steps.push_back({StoreStep::Kind::kInstall, group_, {}, {}, checkpoint});
  out->commits.push_back({group_, committed_});
  Write& write = AddWrite(Write::Kind::kInstall, out);
  write.checkpoint = checkpoint;
  written_ = log_.last_index();
  pending_writes_.clear();
  durable_ = options_.durability == Durability::kMem ? written_ : LogIndex(0);
  if (durable_ < written_) pending_writes_.push_back({write.seq, written_});
  Message reply = Reply(arrival, Message::Kind::kAppendReply);
  reply.yes = true;
  ack_owed_ = std::move(reply);
  if (durable_ == written_) Persisted(write.seq, Durability::kMem, now, out);
  Flush(now, out);
}

}  // namespace torc
