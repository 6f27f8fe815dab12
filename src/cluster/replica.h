#pragma once

// One replica of one group: a pure machine. It is told what happened and what time it is, and
// answers with messages to send, writes to do, entries to apply and outcomes for those who wait. It
// knows no socket, disk, clock or store; the same events give the same answers.
//
// The protocol is Raft (Ongaro 2014) with pre-vote, check-quorum, leases and one-at-a-time
// membership changes. What differs, and why:
//   * The primary executes before it appends: what it appends are effects, already applied to its
//   own store.
//     Others apply committed entries only. A primary that is deposed with effects the group never
//     agreed on reports them as lost, drops its state and reloads (StoreStep::kReload). No undo.
//   * A member is (node, incarnation, birth), so a node that lost its state is somebody else.
//   * A vote or acknowledgement leaves only when what it promises is durable at the level the group
//   asks for.
//   * A voter that heard a primary votes for nobody during `promise_us`, whoever asks. That carries
//   the lease.
//     A voter that has just started assumes that it made such a promise.
//   * A group without traffic falls silent: no heartbeats, no election time-out, no lease.
//
// Contract: `now` never runs backwards, and when a message is handed in it is not older than the
// moment the message was received (an older one would shorten the promise that the reply makes).
//
// Calls marked "batched" only take effect with the next Flush: the driver makes many, then flushes
// once per turn.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "cluster/ids.h"
#include "cluster/in_flight_keys.h"
#include "cluster/lease.h"
#include "cluster/membership.h"
#include "cluster/planted_bug.h"
#include "cluster/replica_message.h"
#include "cluster/replica_output.h"
#include "cluster/replica_storage.h"
#include "cluster/replicated_log.h"

namespace torc {

struct ReplicaOptions {
  Durability durability = Durability::kOs;
  int64_t heartbeat_us = 50'000;
  int64_t election_us = 1'000'000;  // silence after which a voter doubts its primary
  int64_t stagger_us = 100'000;     // between the first doubts of two voters
  int64_t lease_us = 300'000;
  int64_t promise_us = 340'000;     // > lease_us by the largest ratio of two clocks' rates
  int64_t quiesce_us = 1'000'000;   // without requests before the group falls silent
  int64_t retransmit_us = 150'000;  // without progress before entries are sent again
  int64_t snapshot_us = 5'000'000;  // before a state transfer is tried again
  int64_t transfer_us = 600'000;    // before a hand-over is given up
  size_t append_entries_max = 256;  // in one message
  size_t append_bytes_max = 256 * 1024;
  size_t appends_in_flight_max = 16;  // per follower
  size_t held_max = 16'384;           // proposals and reads that wait
  uint64_t promotion_lag_max = 64;    // entries a learner may lack when it becomes a voter
  uint64_t log_entries_kept = 256;    // behind a checkpoint, for followers slightly behind
  // What a reachable member still lacks is kept as well, up to this much: one that is being sent a
  // whole state would otherwise find, when it has it, that it needs the next one. A slow node may
  // cost its primaries this much for each group, so it is small.
  size_t log_bytes_kept_max = 4 * 1024 * 1024;
  PlantedBugs planted{};
};

enum class Role : uint8_t { kFollower, kPreCandidate, kCandidate, kPrimary };

class Replica {
 public:
  Replica(GroupId group, const ReplicaOptions& options, Recovered recovered, uint64_t seed,
          MonoUs now);

  // A replica that was not recovered from a disk records that it exists.
  void RecordBirth(Output* out);
  // The driver is about to drop it: what must outlive it is its term, vote and birth.
  void RecordRetirement(Output* out);

  // Events.
  void Receive(const Message& message, MonoUs now, Output* out);
  void Tick(MonoUs now, bool heartbeat_due, Output* out);
  void Persisted(WriteSeq seq, Durability level, MonoUs now, Output* out);
  // The connection to a node was reset, or the failure detector says that it is dead or lives a new
  // life. A silent group depends on it: nobody in it would notice.
  void PeerLost(NodeId node, MonoUs now);
  // A state of the partition at `index` <= committed() is durable: the log before it may go.
  void CheckpointTaken(LogIndex index, MonoUs now, Output* out);
  // A whole state sent by `from` in `term` is here, not yet installed.
  void SnapshotArrived(const Member& from, Term term, const Checkpoint& checkpoint, MonoUs now,
                       Output* out);
  // The transfer that Output::snapshot_sends asked for has failed.
  void SnapshotFailed(const Member& to, MonoUs now, Output* out);
  void Flush(MonoUs now, Output* out);

  // Requests; batched. Each is answered at once or later by an Outcome with its token.
  // Whether a proposal would be accepted now: ask before executing.
  Result CanPropose() const;
  // Appends effects that the driver has just applied to its own store. CanPropose() is kOk.
  void Propose(Proposal proposal, MonoUs now, Output* out);
  // The retry of a unit whose outcome its asker never learnt. kNone: it is not in the log and may
  // be executed; else its fate is known or will be told by an Outcome.
  Result Retry(const UnitId& unit, LogIndex asked_at, Acks acks, Token token, Output* out);
  // A strong read. The driver computes the reply from its store right now and holds it until the
  // Outcome; if that says by_lease it asks LeaseStillHolds before it lets the reply go.
  void Read(Token token, std::span<const uint64_t> key_hashes, ReadBy by, MonoUs now, Output* out);
  // `now` must be read from the clock after the reply was computed.
  bool LeaseStillHolds(Term term, MonoUs now) const;
  Result Change(const MembershipChange& change, MonoUs now);
  Result Transfer(const Member& to, MonoUs now);

  // State.
  GroupId group() const { return group_; }
  const Member& self() const { return self_; }
  Role role() const { return role_; }
  Term term() const { return term_; }
  std::optional<Member> vote() const { return vote_; }
  std::optional<Member> primary() const { return primary_; }
  LogIndex committed() const { return committed_; }
  LogIndex applied() const { return applied_; }
  LogIndex durable() const { return durable_; }
  WriteSeq last_seq() const { return last_seq_; }
  const ReplicatedLog& log() const { return log_; }
  const Membership& membership() const { return log_.membership(); }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  bool quiescent() const { return quiescent_; }
  // A primary that has committed an entry of its own term.
  bool Established() const { return role_ == Role::kPrimary && committed_ >= reign_start_; }
  // Its store holds effects that were never agreed on; eventual reads must not be served from it.
  bool Dirty() const { return role_ != Role::kPrimary && applied_ > committed_; }
  MonoUs lease_until() const { return lease_.until(); }
  // A member of a committed membership no more: its data may go.
  bool Removed() const;
  // How far a member is, the primary included; nothing if not primary or no such member.
  std::optional<LogIndex> MatchOf(const Member& member) const;
  bool Reachable(const Member& member, MonoUs now) const;
  void CheckInvariants() const;

 private:
  // Who answered within so many heartbeats is there.
  static constexpr int64_t kFreshHeartbeats = 4;
  enum class Flow : uint8_t { kProbe, kStream, kSnapshot };
  // What a primary knows of another member.
  struct Progress {
    Member member;
    LogIndex match;  // kept there, and the same as here
    LogIndex next;   // to send; > match
    Flow flow = Flow::kProbe;
    size_t in_flight = 0;
    bool quiesced = false;
    Round round;  // the latest it answered
    MonoUs heard_at;
    MonoUs moved_at;      // match grew, or sending began
    LogIndex state_sent;  // Flow::kSnapshot: where the state on its way stands
  };
  struct HeldWrite {
    LogIndex index;
    Token token;
    bool is_duplicate;
  };
  struct HeldRead {
    Token token;
    LogIndex index;  // to be committed first
    Round round;     // to be confirmed first; 0: by lease
  };
  struct PendingWrite {
    WriteSeq seq;
    LogIndex last;
  };

  // replica.cc: terms, writes, application
  void AdoptTerm(Term term);
  void BecomeFollower(std::optional<Member> primary, MonoUs now, Output* out);
  void SendOwedAck(Output* out);
  void FlushVote(Output* out);
  void FlushEntries(Output* out);
  void EmitApplies(Output* out);
  void Commit(LogIndex index, Output* out);
  Write& AddWrite(Write::Kind kind, Output* out);
  Message Reply(const Message& to, Message::Kind kind) const;
  LogIndex Kept() const;
  void TrimLog(MonoUs now);
  bool IsVoter() const { return membership().IsVoter(self_); }
  bool MayStand() const { return IsVoter() || !Has(PlantedBug::kLearnerNeverStands); }
  bool Has(PlantedBug bug) const { return options_.planted.Has(bug); }

  // replica_election.cc
  bool PromiseHolds(MonoUs now) const;
  bool LogIsCurrent(const Message& message) const;
  void OnPreVoteRequest(const Message& message, MonoUs now, Output* out);
  void OnVoteRequest(const Message& message, MonoUs now, Output* out);
  void OnVoteReply(const Message& message, MonoUs now, Output* out);
  void OnTimeoutNow(const Message& message, MonoUs now, Output* out);
  void Stand(bool is_transfer, MonoUs now, Output* out);
  void StandForPreVote(MonoUs now, Output* out);
  void AskForVotes(Message::Kind kind, Term term, bool is_transfer, Output* out);
  void CountVotes(MonoUs now, Output* out);
  void BecomePrimary(MonoUs now, Output* out);
  void SendOwedVote(Output* out);
  int64_t Stagger(int64_t step_us);
  int64_t Patience() const;
  void Contact(MonoUs now);

  // replica_follower.cc
  void OnAppend(const Message& message, MonoUs now, Output* out);
  void OnHeartbeat(const Message& message, MonoUs now, Output* out);
  bool AcceptPrimary(const Message& message, MonoUs now, Output* out);
  void TakeEntries(const Message& message, Output* out);
  void Truncate(LogIndex first, Output* out);
  void ReportLost(LogIndex first, bool replaced, Output* out);
  void Verified(LogIndex index, LogIndex primary_committed, Output* out);
  void Acknowledge(const Message& message, Message::Kind kind, Output* out);

  // replica_primary.cc
  void OnAppendReply(const Message& message, MonoUs now, Output* out);
  void OnHeartbeatReply(const Message& message, MonoUs now, Output* out);
  void Heard(Progress* peer, const Message& message, MonoUs now);
  void Advanced(Progress* peer, LogIndex match, MonoUs now);
  void AdvanceCommit(Output* out);
  LogIndex OwnMatch() const;
  LogIndex MatchOfAllVoters() const;
  void SendAppends(MonoUs now, Output* out);
  void SendAppendTo(Progress* peer, MonoUs now, Output* out);
  void SendSnapshotTo(Progress* peer, MonoUs now, Output* out);
  void Beat(MonoUs now, Output* out);
  void ResendStalled(MonoUs now);
  bool QuorumHeard(MonoUs now) const;
  bool MayQuiesce(MonoUs now) const;
  void Wake(MonoUs now);
  Progress* FindProgress(const Member& member);
  const Progress* FindProgress(const Member& member) const;

  // replica_requests.cc
  void StartRoundForReads(MonoUs now, Output* out);
  void ConfirmRounds();
  void ReleaseWrites(Output* out);
  void ReleaseReads(MonoUs now, Output* out);
  void DropHeld(Output* out);

  // replica_changes.cc
  Result ChangeAllowed(const MembershipChange& change) const;
  bool WouldHaveQuorum(const Membership& next, MonoUs now) const;
  void AskWhoAnswers(MonoUs now);
  void SyncProgress(MonoUs now);
  void AdvanceTransfer(MonoUs now, Output* out);

  const GroupId group_;
  const ReplicaOptions options_;
  Member self_;
  Rng rng_;

  // Durable state and its way to the disk.
  Term term_;
  std::optional<Member> vote_;
  ReplicatedLog log_;
  Checkpoint checkpoint_;
  WriteSeq last_seq_;
  bool vote_dirty_ = false;
  WriteSeq vote_seq_;  // the write that holds term_ and vote_
  WriteSeq disk_seq_;  // all up to it are at kDisk
  WriteSeq kept_seq_;  // all up to it are at the group's level
  LogIndex written_;   // entries handed to the disk
  LogIndex durable_;   // entries kept at the group's level; those after it must not be acknowledged
  std::deque<PendingWrite> pending_writes_;

  // checkpoint <= committed <= applied (a primary) or applied <= committed (others, unless
  // Dirty()).
  LogIndex committed_;
  LogIndex applied_;
  LogIndex verified_;  // the log is the present primary's up to here

  Role role_ = Role::kFollower;
  std::optional<Member> primary_;
  bool quiescent_ = false;
  bool primary_lost_ = false;           // its connection was reset or it was declared dead
  MonoUs contact_at_;                   // last heard from the primary, or started
  MonoUs doubted_at_;                   // last told that the primary is lost
  MonoUs election_at_;                  // when to stand, as long as no primary is heard
  std::optional<Member> vote_owed_to_;  // the reply waits for the disk
  std::optional<Message> ack_owed_;     // an acknowledgement that waits for the disk
  std::vector<Member> votes_;

  // The primary's.
  std::vector<Progress> peers_;
  LogIndex reign_start_;  // its first entry
  Lease lease_;
  InFlightKeys in_flight_;
  std::deque<HeldWrite> held_majority_;
  std::deque<HeldWrite> held_all_;
  std::deque<HeldRead> held_reads_;
  bool round_wanted_ = false;
  MonoUs busy_at_;  // last request
  std::optional<Member> transfer_to_;
  bool transfer_invited_ = false;
  MonoUs transfer_until_;
};

}  // namespace torc
