#pragma once

// From where the copies of a group are to where the topology wants them, one safe step at a time. A
// pure function of both, so that whoever is primary next goes on where the last one stopped.
//
// Order of steps: newcomers are admitted as learners; voters that are gone for good are removed (a
// newcomer that is promoted beside one, and fails, would take the quorum along); learners become
// voters; surplus voters leave, the primary itself last, after a hand-over. So copies are never
// fewer than they were until the new ones are full.

#include <optional>
#include <span>

#include "cluster/ids.h"
#include "cluster/membership.h"
#include "cluster/replica_output.h"

namespace torc {

struct WantedOwner {
  NodeId node;
  Incarnation incarnation;
};

// Either a change or, if `transfer_to` is set, a hand-over to that member.
struct MembershipStep {
  MembershipChange change;
  std::optional<Member> transfer_to;
};

// The next step for primary `self`; nothing when the membership is as wanted. `gone`: nodes that
// will not come back as what they were, by the topology: declared dead, or known with a later
// incarnation; one that is wanted again counts by its incarnation.
std::optional<MembershipStep> NextStep(const Membership& present, const Member& self,
                                       std::span<const WantedOwner> wanted,
                                       std::span<const NodeId> gone, Epoch epoch);

}  // namespace torc
