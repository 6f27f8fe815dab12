#pragma once

// A group's log as one replica holds it in memory: a run of entries after a base whose index and
// term are known. Entries at or below the base live on only in a checkpoint.
//
//   base            committed        last
//    |  entries...      |   tail ...   |        base <= checkpoint <= committed <= last
//
// The log also answers which membership is in force at an index, and whether a unit is in it
// already.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cluster/ids.h"
#include "cluster/membership.h"

namespace torc {

// Names one atomic unit of work over retries: who asked, the asker's own number for it.
struct UnitId {
  uint64_t origin = 0;  // 0: the unit has no name and is never retried
  uint64_t sequence = 0;
  bool operator==(const UnitId&) const = default;
};

struct Entry {
  enum class Kind : uint8_t {
    kEffects,     // payload: the effects of one atomic unit
    kReign,       // a new primary's first entry; empty payload
    kMembership,  // payload: EncodeMembership
  };
  Term term;
  Kind kind{};
  Epoch epoch;  // the topology it was made for
  UnitId unit;
  std::string payload;
  bool operator==(const Entry&) const = default;
};

class ReplicatedLog {
 public:
  ReplicatedLog(LogIndex base, Term base_term, Membership membership);

  LogIndex base_index() const { return base_; }
  LogIndex last_index() const { return base_ + entries_.size(); }
  Term last_term() const { return TermAt(last_index()); }
  size_t size_bytes() const { return size_bytes_; }
  bool Has(LogIndex index) const { return index > base_ && index <= last_index(); }
  // Has(index), or index is the base.
  Term TermAt(LogIndex index) const;
  // Valid until the log changes. Has(index).
  const Entry& At(LogIndex index) const { return entries_[Position(index)]; }
  // True if the log holds an entry of that term there, or its base is just that.
  bool Matches(LogIndex index, Term term) const;

  void Append(Entry entry);
  // Drops `first` and all behind it; first > base.
  void TruncateFrom(LogIndex first);
  // Forgets entries up to and including `index`, which becomes the base.
  void TrimTo(LogIndex index);
  // Starts over after a snapshot.
  void Reset(LogIndex base, Term base_term, Membership membership);

  // The latest membership in the log, and where it stands (the base if in no entry).
  const Membership& membership() const { return memberships_.back().membership; }
  LogIndex membership_index() const { return memberships_.back().index; }
  // The one in force at `index` >= base.
  const Membership& MembershipAt(LogIndex index) const;

  std::optional<LogIndex> FindUnit(const UnitId& unit) const;

 private:
  struct Placed {
    LogIndex index;
    Membership membership;
  };
  struct UnitHash {
    size_t operator()(const UnitId& unit) const {
      return static_cast<size_t>(unit.origin * 0x9e3779b97f4a7c15ULL ^ unit.sequence);
    }
  };
  size_t Position(LogIndex index) const { return static_cast<size_t>(index - base_ - 1); }
  void Forget(const Entry& entry);

  LogIndex base_;
  Term base_term_;
  std::deque<Entry> entries_;
  size_t size_bytes_ = 0;            // payloads of entries_
  std::vector<Placed> memberships_;  // ascending by index; the first is in force at the base
  std::unordered_map<UnitId, LogIndex, UnitHash> units_;
};

}  // namespace torc
