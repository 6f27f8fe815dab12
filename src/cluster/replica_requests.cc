// Replica: those who wait at the primary. Writes are held until enough copies exist, reads until
// what they show is committed and the primary has made sure that it still is one.

#include <algorithm>

#include "base/check.h"
#include "cluster/replica.h"

namespace torc {

Result Replica::CanPropose() const {
  if (role_ != Role::kPrimary) return Result::kNotPrimary;
  if (transfer_to_.has_value()) return Result::kTransferring;
  const bool is_full = held_majority_.size() + held_all_.size() >= options_.held_max;
  return is_full ? Result::kTooMany : Result::kOk;
}

void Replica::Propose(Proposal proposal, MonoUs now, Output* out) {
  TORC_CHECK(CanPropose() == Result::kOk, "a proposal that was allowed");
  Wake(now);
  // What stands before it was applied or is about to be; the driver's execution came after that.
  EmitApplies(out);
  const LogIndex index = log_.last_index() + 1;
  for (const uint64_t hash : proposal.key_hashes) in_flight_.Wrote(hash, index);
  if (proposal.all_keys) in_flight_.WroteAll(index);
  log_.Append(Entry{term_, Entry::Kind::kEffects, proposal.epoch, proposal.unit,
                    std::move(proposal.effects)});
  applied_ = index;
  if (proposal.acks == Acks::kOne) {
    out->outcomes.push_back({group_, proposal.token, Result::kOk, index, term_});
    return;
  }
  auto& held = proposal.acks == Acks::kAll ? held_all_ : held_majority_;
  held.push_back({index, proposal.token, false});
}

Result Replica::Retry(const UnitId& unit, LogIndex asked_at, Acks acks, Token token, Output* out) {
  if (role_ != Role::kPrimary) return Result::kNotPrimary;
  // Until an entry of this reign is committed the log may still hold what will be given up.
  if (!Established()) return Result::kNotReady;
  if (Has(PlantedBug::kRetryExecutedAgain)) return Result::kNone;
  const std::optional<LogIndex> index = log_.FindUnit(unit);
  if (!index.has_value()) {
    // The log no longer reaches back to when it was asked: it may have been there.
    return asked_at < log_.base_index() ? Result::kUnknown : Result::kNone;
  }
  if (*index <= committed_ && acks != Acks::kAll) {
    out->outcomes.push_back({group_, token, Result::kDuplicate, *index, term_});
    return Result::kDuplicate;
  }
  auto& held = acks == Acks::kAll ? held_all_ : held_majority_;
  const auto place = std::upper_bound(held.begin(), held.end(), *index,
                                      [](LogIndex a, const HeldWrite& b) { return a < b.index; });
  held.insert(place, {*index, token, true});
  return Result::kDuplicate;
}

void Replica::Read(Token token, std::span<const uint64_t> key_hashes, ReadBy by, MonoUs now,
                   Output* out) {
  Result refusal = role_ == Role::kPrimary ? Result::kOk : Result::kNotPrimary;
  if (held_reads_.size() >= options_.held_max) refusal = Result::kTooMany;
  if (refusal != Result::kOk) {
    out->outcomes.push_back({group_, token, refusal, {}, term_});
    return;
  }
  Wake(now);
  HeldRead read{token, reign_start_, Round(0)};
  if (Has(PlantedBug::kReadBeforeOwnTerm)) read.index = LogIndex(0);
  if (!Has(PlantedBug::kReadIgnoresInFlight)) {
    read.index = std::max(read.index, in_flight_.LastWrite(key_hashes));
  }
  if (by == ReadBy::kRound || !lease_.Holds(now)) {
    // A round that is already under way may have been answered before this read came.
    read.round = lease_.round() + (Has(PlantedBug::kRoundNotFresh) ? 0 : 1);
    round_wanted_ = true;
  }
  held_reads_.push_back(read);
}

bool Replica::LeaseStillHolds(Term term, MonoUs now) const {
  if (Has(PlantedBug::kLeaseNotRechecked)) return true;
  return role_ == Role::kPrimary && term == term_ && lease_.Holds(now);
}

// One round serves all reads that came before it; the next starts when it is confirmed.
void Replica::StartRoundForReads(MonoUs now, Output* out) {
  if (!round_wanted_ || lease_.confirmed() < lease_.round()) return;
  round_wanted_ = false;
  Beat(now, out);
}

void Replica::ConfirmRounds() {
  std::vector<Round> rounds;
  for (const Progress& peer : peers_) {
    if (membership().IsVoter(peer.member)) rounds.push_back(peer.round);
  }
  if (IsVoter()) rounds.push_back(lease_.round());
  const size_t needed = MajorityOf(membership().voters.size());
  if (rounds.size() < needed) return;
  std::sort(rounds.begin(), rounds.end(), std::greater<Round>());
  lease_.Confirm(rounds[needed - 1]);
}

void Replica::ReleaseWrites(Output* out) {
  const auto release = [&](std::deque<HeldWrite>* held, LogIndex up_to) {
    while (!held->empty() && held->front().index <= up_to) {
      const HeldWrite& write = held->front();
      const Result result = write.is_duplicate ? Result::kDuplicate : Result::kOk;
      out->outcomes.push_back({group_, write.token, result, write.index, term_});
      held->pop_front();
    }
  };
  release(&held_majority_, committed_);
  if (!held_all_.empty()) release(&held_all_, MatchOfAllVoters());
}

void Replica::ReleaseReads(MonoUs now, Output* out) {
  if (held_reads_.empty()) return;
  std::deque<HeldRead> still_held;
  for (HeldRead& read : held_reads_) {
    bool by_lease = read.round == Round(0);
    if (by_lease && !lease_.Holds(now) && !Has(PlantedBug::kLeaseNotRechecked)) {
      read.round = lease_.round() + 1;
      round_wanted_ = true;
      by_lease = false;
    }
    if (read.index <= committed_ && (by_lease || read.round <= lease_.confirmed())) {
      out->outcomes.push_back({group_, read.token, Result::kOk, read.index, term_, by_lease});
    } else {
      still_held.push_back(read);
    }
  }
  held_reads_.swap(still_held);
  StartRoundForReads(now, out);
}

// The reign ends. A read showed nothing yet, so it may be asked elsewhere; a write may be committed
// by another primary or may not, and nobody here will ever know.
void Replica::DropHeld(Output* out) {
  const Result fate = Has(PlantedBug::kUnknownAsNoEffect) ? Result::kNotPrimary : Result::kUnknown;
  for (const auto* held : {&held_majority_, &held_all_}) {
    for (const HeldWrite& write : *held) {
      out->outcomes.push_back({group_, write.token, fate, write.index, term_});
    }
  }
  for (const HeldRead& read : held_reads_) {
    out->outcomes.push_back({group_, read.token, Result::kNotPrimary, {}, term_});
  }
  held_majority_.clear();
  held_all_.clear();
  held_reads_.clear();
}

}  // namespace torc
