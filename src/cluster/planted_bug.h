#pragma once

// Protocol bugs that can be planted on purpose, to show that the simulator finds them. They exist
// only in a build with TORC_PLANTED_BUGS (a test variant); otherwise PlantedBugs is empty, Has() is
// constant false and the compiler drops every branch. Each name says what goes wrong, not what is
// right.

#include <cstdint>

namespace torc {

enum class PlantedBug : uint8_t {
  kNone,
  kCommitOldTermByCount,       // entries of older terms are committed by counting copies
  kVoteNotDurable,             // a vote leaves before it is on disk
  kVoteTwice,                  // two votes in one term
  kVoteForStaleLog,            // a vote for a log that lacks entries
  kPromiseForgottenAtRestart,  // a restarted voter votes although it may have promised a lease
  kAckBeforeDurable,           // an entry is acknowledged before it is kept
  kCommitPastVerified,         // a follower commits entries nobody compared with the primary's
  kTruncateWithoutConflict,    // an old append message cuts off newer entries
  kOldTermReplyCounted,        // a reply of an earlier reign counts in this one
  kQuorumOfHalf,               // half of an even number of voters is a quorum
  kLearnerCounted,             // a learner's copy counts toward commit
  kTwoChangesInFlight,         // a second change of voters before the first is committed
  kChangeBeforeOwnTerm,        // a new primary changes voters before it committed anything
  kRejoinAsVoter,              // a node that lost its state votes as if it had not
  kSnapshotKeepsLog,           // a snapshot is installed, the old log stays under it
  kSnapshotTermLost,           // a snapshot is installed without its term
  kDuplicateApplyAfterReload,  // entries a loaded checkpoint contains are applied again
  kCheckpointOfUncommitted,    // a checkpoint holds what was never committed
  kTailNotReloaded,            // a deposed primary keeps the effects of its lost tail
  kReadBeforeOwnTerm,          // a new primary answers before it committed an entry of its term
  kReadIgnoresInFlight,        // a read shows a write that is not committed yet
  kRoundNotFresh,              // a read trusts a round that began before it
  kLeaseNotRechecked,          // the lease is checked before the reply is computed, not after
  kLeaseFromReplyTime,         // a lease is counted from the reply, not from the question
  kLeaseKeptByQuiescent,       // a group that fell silent still believes its lease
  kStaleReadAfterTransfer,     // the lease outlives the hand-over
  kUnknownAsNoEffect,          // a write that may yet commit is reported as refused
  kRefusalEchoesRound,     // a refusal of an old reign's message confirms a round of the new one
  kRetryExecutedAgain,     // a retried unit is appended a second time
  kWriteNumbersStartOver,  // a replica born again takes its former self's writes for its own
  kLearnerNeverStands,     // the newest log belongs to one who does not know that it may vote
  kCount,
};

#ifdef TORC_PLANTED_BUGS
struct PlantedBugs {
  PlantedBug planted = PlantedBug::kNone;
  bool Has(PlantedBug bug) const { return planted == bug; }
};
#else
struct PlantedBugs {
  static constexpr bool Has(PlantedBug) { return false; }
};
#endif

}  // namespace torc
