#pragma once

// Sees all nodes at once and checks, at every step, what no client could see so soon: one primary
// per term, one committed entry per place, stores that apply in order, acknowledgements only of
// what is committed, leases that do not overlap.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cluster/replica.h"
#include "sim/world.h"

namespace torc::sim {

class Watch {
 public:
  explicit Watch(World* world) : world_(world), committed_(world->options.groups) {}

  void Elected(uint32_t node, const Replica& replica);
  // The replica's commit index moved; compares what is new with what others committed.
  void Committed(uint32_t node, const Replica& replica);
  // A write was acknowledged at W >= majority.
  void Acknowledged(const Replica& replica, LogIndex index, std::string_view effects);
  // A deposed primary gave this entry up and said so.
  void Lost(const LostEntry& lost);
  // W = 1: acknowledged before it was agreed on.
  void AcknowledgedEarly(uint32_t node, GroupId group, const Entry& entry);
  // The node's process ended: what it alone had acknowledged early is excused, and what it says is
  // committed is compared anew.
  void Ended(uint32_t node, NodeId id);
  // Of all early acknowledgements, those neither committed nor reported lost.
  std::string MissingEarly() const;

  uint64_t CommittedCount() const;
  LogIndex LastCommitted(uint32_t group) const { return LogIndex(committed_[group].size()); }

 private:
  struct Place {
    uint64_t hash = 0;
    bool known = false;
  };
  static uint64_t HashOf(const Entry& entry);

  World* world_;                                                 // outlives it
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> primaries_;  // (group, term) -> node
  std::vector<std::vector<Place>> committed_;                    // [group][index - 1]
  std::map<std::pair<uint32_t, Member>, LogIndex> checked_;      // compared up to here
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> early_;      // (group, entry hash) -> node
};

}  // namespace torc::sim
