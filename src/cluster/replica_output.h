#pragma once

// What a replica answers to an event, and what it is asked for. One Output may gather the answers
// of many replicas over one turn; the driver then does, in this order: writes, messages, applies
// and the rest.

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/ids.h"
#include "cluster/membership.h"
#include "cluster/replica_message.h"
#include "cluster/replica_storage.h"

namespace torc {

// Names a request of the driver.
using Token = StrongId<struct TokenTag, uint64_t>;

enum class Result : uint8_t {
  kNone,       // no answer: the unit is not known here
  kOk,         // agreed on, at the level asked for
  kDuplicate,  // it was already, by an earlier try
  kUnknown,    // it may have been, or may yet be; not to be answered with an error that says no
               // effect
  // All below: it has and will have no effect.
  kNotPrimary,
  kNotReady,      // a new primary that has committed nothing yet, a change is under way, or too few
                  // of the voters that it would leave have answered of late
  kTransferring,  // another takes over
  kTooMany,       // a limit on what may wait
  kNotCaughtUp,
  kStaleEpoch,  // made for an older topology than the group's last change
  kNoSuchMember,
};
constexpr bool HasNoEffect(Result result) {
  return result >= Result::kNotPrimary;
}

// When a write is answered (W).
enum class Acks : uint8_t { kOne, kMajority, kAll };
// How a strong read makes sure that the primary still is one.
enum class ReadBy : uint8_t { kLease, kRound };

struct Proposal {
  Token token;
  Acks acks = Acks::kMajority;
  Epoch epoch;
  UnitId unit;
  std::vector<uint64_t> key_hashes;
  bool all_keys = false;
  std::string effects;
};

struct MembershipChange {
  enum class Kind : uint8_t { kAddLearner, kPromote, kRemove };
  Kind kind{};
  NodeId node;
  Incarnation incarnation;  // kAddLearner only
  Epoch epoch;
};

struct Outcome {
  GroupId group;
  Token token;
  Result result{};
  LogIndex index;         // of a write
  Term term;              // of the reign that answers
  bool by_lease = false;  // a read that must still pass LeaseStillHolds
};

// What the store of a group has to do next. The order of steps matters.
struct StoreStep {
  enum class Kind : uint8_t {
    kClear,  // a replica begins here, empty: whatever an earlier one left is void
    kApply,  // entries first..last of the replica's log, which this replica did not execute itself
    kInstall,  // a received state takes the place of the store's
    kReload,   // the store holds effects that were given up: start over from the last checkpoint
  };
  Kind kind{};
  GroupId group;
  LogIndex first;
  LogIndex last;
  Checkpoint checkpoint;  // kInstall, kReload
};

struct SnapshotSend {
  GroupId group;
  Member from;
  Member to;
  Term term;
  Checkpoint checkpoint;
};

// An entry this replica held and gives up: to lost-and-found, because it may have been acknowledged
// at W = 1.
struct LostEntry {
  GroupId group;
  LogIndex index;
  Entry entry;
  bool replaced = false;  // another entry took its place; else a snapshot did, and may contain it
};

// Everything up to `committed` is agreed on: effects up to there may be published.
struct CommitAdvance {
  GroupId group;
  LogIndex committed;
};

struct Output {
  std::vector<Write> writes;
  std::vector<Message> messages;
  std::vector<StoreStep> store_steps;
  std::vector<CommitAdvance> commits;
  std::vector<Outcome> outcomes;
  std::vector<SnapshotSend> snapshot_sends;
  std::vector<LostEntry> lost;
  std::vector<GroupId> elected;  // became primary in this turn

  bool empty() const {
    return writes.empty() && messages.empty() && store_steps.empty() && commits.empty() &&
           outcomes.empty() && snapshot_sends.empty() && lost.empty() && elected.empty();
  }
  void Clear() {
    writes.clear();
    messages.clear();
    store_steps.clear();
    commits.clear();
    outcomes.clear();
    snapshot_sends.clear();
    lost.clear();
    elected.clear();
  }
};

}  // namespace torc
