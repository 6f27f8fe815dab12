#include "cluster/membership_plan.h"

#include <algorithm>

namespace torc {
namespace {

using Kind = MembershipChange::Kind;

bool IsWanted(const Member& member, std::span<const WantedOwner> wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const WantedOwner& owner) {
    return owner.node == member.node && owner.incarnation == member.incarnation;
  });
}

bool IsPresent(const WantedOwner& owner, const Membership& present) {
  const auto is_owner = [&](const Member& member) {
    return owner.node == member.node && owner.incarnation == member.incarnation;
  };
  return std::any_of(present.voters.begin(), present.voters.end(), is_owner) ||
         std::any_of(present.learners.begin(), present.learners.end(), is_owner);
}

bool HasLearner(const Membership& present, NodeId node) {
  return std::any_of(present.learners.begin(), present.learners.end(),
                     [&](const Member& learner) { return learner.node == node; });
}

MembershipStep Step(Kind kind, const Member& member, Epoch epoch) {
  return {{kind, member.node, member.incarnation, epoch}, std::nullopt};
}

}  // namespace

std::optional<MembershipStep> NextStep(const Membership& present, const Member& self,
                                       std::span<const WantedOwner> wanted,
                                       std::span<const NodeId> gone, Epoch epoch) {
  for (const Member& learner : present.learners) {
    if (!IsWanted(learner, wanted) && learner != self) {
      return Step(Kind::kRemove, learner, epoch);
    }
  }
  for (const WantedOwner& owner : wanted) {
    if (IsPresent(owner, present)) continue;
    return Step(Kind::kAddLearner, {owner.node, owner.incarnation, 0}, epoch);
  }
  for (const Member& voter : present.voters) {
    const bool is_gone = std::find(gone.begin(), gone.end(), voter.node) != gone.end() ||
                         HasLearner(present, voter.node);
    if (is_gone && voter != self && !IsWanted(voter, wanted)) {
      return Step(Kind::kRemove, voter, epoch);
    }
  }
  for (const Member& learner : present.learners) {
    if (IsWanted(learner, wanted)) return Step(Kind::kPromote, learner, epoch);
  }
  const Member* heir = nullptr;
  bool self_is_surplus = present.IsLearner(self);
  for (const Member& voter : present.voters) {
    if (IsWanted(voter, wanted)) {
      if (voter != self) heir = &voter;
    } else if (voter != self) {
      return Step(Kind::kRemove, voter, epoch);
    } else {
      self_is_surplus = true;
    }
  }
  if (!self_is_surplus || heir == nullptr) return std::nullopt;
  return MembershipStep{{}, *heir};
}

}  // namespace torc
