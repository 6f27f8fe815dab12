// Replica: changes of membership, one at a time, and hand-over of the primary's role.

#include <algorithm>

#include "base/check.h"
#include "cluster/replica.h"

namespace torc {

Result Replica::ChangeAllowed(const MembershipChange& change) const {
  if (role_ != Role::kPrimary) return Result::kNotPrimary;
  if (transfer_to_.has_value()) return Result::kTransferring;
  // Two majorities intersect only if the memberships differ by one; and a change left over by an
  // earlier primary counts as well, so this one must have committed something of its own.
  if (!Established() && !Has(PlantedBug::kChangeBeforeOwnTerm)) return Result::kNotReady;
  const bool is_under_way = log_.membership_index() > committed_;
  if (is_under_way && !Has(PlantedBug::kTwoChangesInFlight)) return Result::kNotReady;
  // A plan made before the group last changed may have been overtaken (a move, then a failover).
  if (change.epoch < membership().epoch) return Result::kStaleEpoch;
  const std::optional<Member> present = membership().OnNode(change.node);
  switch (change.kind) {
    case MembershipChange::Kind::kAddLearner:
      if (membership().voters.size() + membership().learners.size() >= Membership::kMembersMax) {
        return Result::kTooMany;
      }
      return present == std::nullopt || present->incarnation != change.incarnation
                 ? Result::kOk
                 : Result::kNotReady;
    case MembershipChange::Kind::kPromote: {
      if (!present.has_value() || !membership().IsLearner(*present)) return Result::kNoSuchMember;
      const LogIndex match = MatchOf(*present).value_or(LogIndex(0));
      return match + options_.promotion_lag_max >= log_.last_index() && match >= reign_start_
                 ? Result::kOk
                 : Result::kNotCaughtUp;
    }
    case MembershipChange::Kind::kRemove:
      if (!present.has_value()) return Result::kNoSuchMember;
      return *present == self_ ? Result::kNotReady : Result::kOk;
  }
  return Result::kNoSuchMember;
}

// A change that too few of the next voters could agree to would leave the group without a majority,
// while the present voters may still have one.
bool Replica::WouldHaveQuorum(const Membership& next, MonoUs now) const {
  const int64_t fresh_us = kFreshHeartbeats * options_.heartbeat_us;
  const auto answers = [&](const Member& voter) {
    const Progress* peer = FindProgress(voter);
    return voter == self_ || (peer != nullptr && now < peer->heard_at + fresh_us);
  };
  const auto count = std::count_if(next.voters.begin(), next.voters.end(), answers);
  return static_cast<size_t>(count) >= MajorityOf(next.voters.size());
}

// A group that was silent does not know who answers: it asks first.
void Replica::AskWhoAnswers(MonoUs now) {
  Wake(now);
  for (Progress& peer : peers_) {
    peer.heard_at = now - kFreshHeartbeats * options_.heartbeat_us;
  }
}

Result Replica::Change(const MembershipChange& change, MonoUs now) {
  const Result allowed = ChangeAllowed(change);
  if (allowed != Result::kOk) return allowed;
  if (quiescent_ && change.kind != MembershipChange::Kind::kAddLearner) {
    AskWhoAnswers(now);
    return Result::kNotReady;
  }
  Wake(now);
  Membership next = membership();
  ++next.version;
  next.epoch = std::max(next.epoch, change.epoch);
  const auto is_target = [&](const Member& member) {
    return member.node == change.node && (change.kind != MembershipChange::Kind::kRemove ||
                                          member.incarnation == change.incarnation);
  };
  if (change.kind == MembershipChange::Kind::kAddLearner) {
    next.learners.push_back({change.node, change.incarnation, next.version});
  } else {
    if (change.kind == MembershipChange::Kind::kPromote) {
      next.voters.push_back(*std::find_if(next.learners.begin(), next.learners.end(), is_target));
    } else {
      std::erase_if(next.voters, is_target);
    }
    std::erase_if(next.learners, is_target);
  }
  if (next.voters != membership().voters && !WouldHaveQuorum(next, now)) return Result::kNotReady;
  log_.Append(Entry{term_, Entry::Kind::kMembership, change.epoch, {}, EncodeMembership(next)});
  SyncProgress(now);
  return Result::kOk;
}

// What is known of each member follows the membership in force.
void Replica::SyncProgress(MonoUs now) {
  std::erase_if(peers_, [&](const Progress& peer) { return !membership().Contains(peer.member); });
  const auto add = [&](const Member& member) {
    if (member == self_ || FindProgress(member) != nullptr) return;
    Progress peer;
    peer.member = member;
    peer.next = log_.last_index() + 1;
    peer.heard_at = peer.moved_at = now;
    peers_.push_back(peer);
  };
  for (const Member& member : membership().voters) add(member);
  for (const Member& member : membership().learners) add(member);
}

Result Replica::Transfer(const Member& to, MonoUs now) {
  if (role_ != Role::kPrimary) return Result::kNotPrimary;
  if (transfer_to_.has_value()) return Result::kTransferring;
  if (to == self_ || !membership().IsVoter(to)) return Result::kNoSuchMember;
  if (!Established() || log_.membership_index() > committed_) return Result::kNotReady;
  if (!Reachable(to, now)) return Result::kNotCaughtUp;
  Wake(now);
  transfer_to_ = to;
  transfer_invited_ = false;
  transfer_until_ = now + options_.transfer_us;
  return Result::kOk;
}

void Replica::AdvanceTransfer(MonoUs now, Output* out) {
  if (!transfer_to_.has_value()) return;
  if (now >= transfer_until_) {
    // The invitation may still arrive, so the lease stays forfeited; reads go by rounds.
    transfer_to_.reset();
    return;
  }
  const Progress* peer = FindProgress(*transfer_to_);
  if (peer == nullptr || transfer_invited_ || peer->match != log_.last_index()) return;
  transfer_invited_ = true;
  if (!Has(PlantedBug::kStaleReadAfterTransfer)) lease_.Forfeit();
  Message message;
  message.kind = Message::Kind::kTimeoutNow;
  message.group = group_;
  message.from = self_;
  message.to = *transfer_to_;
  message.term = term_;
  out->messages.push_back(std::move(message));
}

}  // namespace torc
