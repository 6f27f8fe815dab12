#pragma once

// What a replica asks of its disk, and what it finds there when it starts. Writes of one replica
// are numbered and done in order; the driver reports "all up to this number have reached that
// level".

#include <cstdint>
#include <optional>
#include <vector>

#include "cluster/ids.h"
#include "cluster/membership.h"
#include "cluster/replicated_log.h"

namespace torc {

// How far a write has come. Each level contains those before it.
enum class Durability : uint8_t {
  kMem,   // in the process: lost when it ends
  kOs,    // write(2) returned: survives the process, not the machine
  kDisk,  // fdatasync returned: survives a power loss
};

// What ended a process, as its successor can tell (exit of a process; boot id of the machine).
enum class Demise : uint8_t { kProcess, kMachine };

// Whether what is found at start still is all that was acknowledged at `level`. If not, the node
// must come back as a new incarnation: it holds no vote and no copy that others may count on.
constexpr bool SurvivesWhole(Durability level, Demise demise) {
  return demise == Demise::kProcess ? level >= Durability::kOs : level == Durability::kDisk;
}

// A state of the partition at one place of the log. The bytes are the driver's.
struct Checkpoint {
  LogIndex index;
  Term term;              // of the entry at `index`
  Membership membership;  // in force at `index`
  bool operator==(const Checkpoint&) const = default;
};

struct Write {
  enum class Kind : uint8_t {
    kVote,        // term and vote; always wanted at kDisk
    kEntries,     // replaces everything from `first` on by `entries`
    kCheckpoint,  // entries up to checkpoint.index are no longer needed
    kInstall,     // a received checkpoint replaces log and state, all or nothing
    kBirth,       // the group starts empty here as `self`; term and vote stay
    kRetire,      // the group's data may go; `self`, term and vote stay
  };
  Kind kind{};
  GroupId group;
  WriteSeq seq;
  Term term;
  std::optional<Member> vote;
  Member self;
  LogIndex first;
  std::vector<Entry> entries;
  Checkpoint checkpoint;
};

// A replica's durable state. Founding members start from one with only `self` and the membership of
// `checkpoint` set (index 0).
struct Recovered {
  Member self;
  Term term;
  std::optional<Member> vote;
  Checkpoint checkpoint;
  std::vector<Entry> entries;  // the first follows checkpoint.index
  bool retired = false;
  // Of a replica that begins where another of the same process ended: the last write that one asked
  // for. Numbers go on, so that the end of an old write is not taken for that of a new one.
  WriteSeq last_seq;

  LogIndex last_index() const { return checkpoint.index + entries.size(); }
};

// Does to `state` what `write` does to the disk. Recovery folds a log of writes with it.
void ApplyWrite(const Write& write, Recovered* state);

}  // namespace torc
