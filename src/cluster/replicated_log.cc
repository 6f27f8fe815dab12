#include "cluster/replicated_log.h"

#include "base/check.h"

namespace torc {

ReplicatedLog::ReplicatedLog(LogIndex base, Term base_term, Membership membership)
    : base_(base), base_term_(base_term) {
  memberships_.push_back({base, std::move(membership)});
}

Term ReplicatedLog::TermAt(LogIndex index) const {
  if (index == base_) return base_term_;
  TORC_CHECK(Has(index), "an index within the log");
  return At(index).term;
}

bool ReplicatedLog::Matches(LogIndex index, Term term) const {
  if (index == base_) return term == base_term_;
  return Has(index) && At(index).term == term;
}

void ReplicatedLog::Append(Entry entry) {
  const LogIndex index = last_index() + 1;
  if (entry.kind == Entry::Kind::kMembership) {
    std::optional<Membership> membership = DecodeMembership(entry.payload);
    TORC_CHECK(membership.has_value(), "a membership entry that was checked before it was sent");
    memberships_.push_back({index, std::move(*membership)});
  }
  if (entry.unit.origin != 0) units_[entry.unit] = index;
  size_bytes_ += entry.payload.size();
  entries_.push_back(std::move(entry));
}

void ReplicatedLog::Forget(const Entry& entry) {
  size_bytes_ -= entry.payload.size();
  if (entry.unit.origin != 0) units_.erase(entry.unit);
}

void ReplicatedLog::TruncateFrom(LogIndex first) {
  TORC_CHECK(first > base_, "truncation after the base");
  while (last_index() >= first) {
    Forget(entries_.back());
    entries_.pop_back();
  }
  while (memberships_.size() > 1 && memberships_.back().index >= first) memberships_.pop_back();
}

void ReplicatedLog::TrimTo(LogIndex index) {
  if (index <= base_) return;
  TORC_CHECK(index <= last_index(), "trimming within the log");
  base_term_ = TermAt(index);
  while (base_ < index) {
    Forget(entries_.front());
    entries_.pop_front();
    ++base_;
  }
  while (memberships_.size() > 1 && memberships_[1].index <= base_) {
    memberships_.erase(memberships_.begin());
  }
}

void ReplicatedLog::Reset(LogIndex base, Term base_term, Membership membership) {
  *this = ReplicatedLog(base, base_term, std::move(membership));
}

const Membership& ReplicatedLog::MembershipAt(LogIndex index) const {
  size_t i = memberships_.size() - 1;
  while (i > 0 && memberships_[i].index > index) --i;
  return memberships_[i].membership;
}

std::optional<LogIndex> ReplicatedLog::FindUnit(const UnitId& unit) const {
  const auto found = units_.find(unit);
  if (found == units_.end()) return std::nullopt;
  return found->second;
}

}  // namespace torc
