// SimCluster: schemes, faults that watch the cluster and strike where it hurts.

#include <algorithm>

#include "sim/sim_cluster.h"

namespace torc::sim {

using Kind = Fault::Kind;

// Elections are when most can go wrong: right after one, the winner is killed or cut off, or
// another voter is killed and comes back within moments.
void SimCluster::Chase() {
  for (const auto& [group, node] : world_.elected) {
    if (!calm_) DivideTugOfWar(group, node);
    if (chased_[group] == 0 || calm_) continue;
    Rng& rng = world_.rng;
    Fault fault;
    if (is_seesaw_[group]) {
      Seesaw(group, node);
      continue;
    }
    fault.at = world_.now + rng.Between(0, rng.Chance(0.5) ? 3'000 : 200'000);
    fault.a = node;
    fault.duration_us = rng.Between(1'000, rng.Chance(0.5) ? 50'000 : 1'500'000);
    const uint64_t kind = rng.Below(4);
    fault.kind = kind < 2 ? Kind::kIsolate : Kind::kKill;
    fault.b = static_cast<uint32_t>(rng.Below(2));
    if (kind == 3) fault.a = wanted_[group][rng.Below(wanted_[group].size())];
    Inject(fault);
  }
  world_.elected.clear();
}

void SimCluster::BeginChase(const Fault& fault) {
  ++chased_[fault.a];
  is_seesaw_[fault.a] = fault.b % 2 == 0;
  const int primary = PrimaryOf(fault.a);
  if (is_seesaw_[fault.a] && primary >= 0) Seesaw(fault.a, static_cast<uint32_t>(primary));
}

// Primaries take turns: each is cut off soon after its election, with what it has appended by then,
// and comes back when the next is cut off. So logs grow apart, and who leads next has not seen all.
void SimCluster::Seesaw(uint32_t group, uint32_t node) {
  Rng& rng = world_.rng;
  const SimOptions& options = world_.options;
  // About what it takes to have one entry acknowledged.
  const int64_t turn_us =
      2 * (options.weather.delay_us_min + options.weather.delay_us_mean) + options.sync_us;
  Fault fault;
  fault.kind = Kind::kIsolate;
  fault.at = world_.now;
  const uint64_t pace = rng.Below(4);
  if (pace > 0) fault.at = fault.at + rng.Between(0, pace == 3 ? 400'000 : 2 * turn_us);
  const size_t previous = seesaw_fault_[group];
  if (previous < faults_.size() && fault_active_[previous]) {
    world_.queue.Push(fault.at + rng.Between(0, 2'000), EventKind::kFaultEnd, 0,
                      static_cast<uint32_t>(previous), 0);
  }
  fault.duration_us = 5'000'000;
  fault.a = node;
  seesaw_fault_[group] = faults_.size();
  Inject(fault);
}

// A primary and one of its voters do not hear one another, while the others, which hear both, come
// and go.
void SimCluster::Estrange(const Fault& fault) {
  const int primary = PrimaryOf(fault.a);
  if (primary < 0) return;
  Rng& rng = world_.rng;
  const std::vector<uint32_t>& owners = wanted_[fault.a];
  Fault cut = fault;
  cut.kind = Kind::kCutBoth;
  cut.at = world_.now;
  cut.a = static_cast<uint32_t>(primary);
  cut.b = owners[rng.Below(owners.size())];
  if (cut.a == cut.b) return;
  Inject(cut);
  for (const uint32_t owner : owners) {
    if (owner == cut.a || owner == cut.b) continue;
    for (int i = 0; i < 3; ++i) {
      Fault kill;
      kill.kind = Kind::kKill;
      kill.at = world_.now + rng.Between(900'000, fault.duration_us);
      kill.duration_us = rng.Between(1'000, 100'000);
      kill.a = owner;
      Inject(kill);
    }
  }
}

// The group is to move to nodes on its primary's side of a split: a majority of the new owners,
// none of the old.
void SimCluster::MoveAcross(const Fault& fault) {
  const int primary = PrimaryOf(fault.a);
  if (primary < 0) return;
  std::vector<uint32_t>& owners = wanted_[fault.a];
  std::vector<uint32_t> next{static_cast<uint32_t>(primary)};
  for (uint32_t node = 0; node < world_.options.nodes && next.size() < owners.size(); ++node) {
    const bool is_new = std::find(owners.begin(), owners.end(), node) == owners.end();
    if (is_new && node != next.front()) next.push_back(node);
  }
  if (next.size() < owners.size()) return;
  owners = next;
  ++epochs_[fault.a];
  Fault split = fault;
  split.kind = Kind::kSplit;
  split.at = world_.now + world_.rng.Between(0, 400'000);
  split.a = 0;
  for (const uint32_t node : next) split.a |= 1U << node;
  Inject(split);
}

// Two primaries want to remove one another's side from a group of an even number of voters: the old
// one has appended its removal when it is cut off, the new one may append another, and each then
// has as many voters as its own membership needs, unless the rules of membership changes hold.
void SimCluster::BeginTugOfWar(const Fault& fault) {
  const int primary = PrimaryOf(fault.a);
  if (primary < 0 || tugs_[fault.a].stage != Tug::Stage::kNone) return;
  std::vector<uint32_t>& owners = wanted_[fault.a];
  const auto is_owner = [&](uint32_t node) {
    return std::find(owners.begin(), owners.end(), node) != owners.end();
  };
  const auto loser = std::find_if(owners.begin(), owners.end(), [&](uint32_t owner) {
    return owner != static_cast<uint32_t>(primary);
  });
  for (uint32_t node = 0; node < world_.options.nodes; ++node) {
    if (is_owner(node) || node == static_cast<uint32_t>(primary)) continue;
    const bool orphans = fault.b % 2 == 0 && world_.options.copies == 3;
    tugs_[fault.a] = {orphans ? Tug::Stage::kTeaching : Tug::Stage::kGrowing,
                      static_cast<uint32_t>(primary), *loser, 0};
    owners.push_back(node);
    ++epochs_[fault.a];
    return;
  }
}

void SimCluster::EndTugOfWar(uint32_t group) {
  tugs_[group].stage = Tug::Stage::kNone;
  std::vector<uint32_t>& owners = wanted_[group];
  if (owners.size() <= world_.options.copies) return;
  const auto loser = std::find(owners.begin(), owners.end(), tugs_[group].loser);
  owners.erase(loser == owners.end() ? owners.end() - 1 : loser);
  ++epochs_[group];
}

// All voters know that the group has grown.
bool SimCluster::HasGrown(uint32_t group, const Replica& primary) const {
  const Membership& membership = primary.membership();
  if (membership.voters.size() <= world_.options.copies) return false;
  return std::all_of(membership.voters.begin(), membership.voters.end(), [&](const Member& voter) {
    const Replica* replica = nodes_[voter.node.value() - 1]->Find(group);
    return replica != nullptr && replica->committed() >= primary.log().membership_index();
  });
}

// A learner is about to be made a voter.
bool SimCluster::HasTaught(const Replica& primary) const {
  const std::vector<Member>& learners = primary.membership().learners;
  if (learners.empty()) return false;
  const LogIndex match = primary.MatchOf(learners.front()).value_or(LogIndex(0));
  return match + world_.options.replica.promotion_lag_max >= primary.log().last_index();
}

// Before each look at what is wanted.
void SimCluster::AdvanceTugOfWar(uint32_t group) {
  Tug& tug = tugs_[group];
  const bool teaches = tug.stage == Tug::Stage::kTeaching;
  if (teaches || tug.stage == Tug::Stage::kGrowing) {
    const Replica* replica = nodes_[tug.primary]->Find(group);
    if (replica == nullptr || !replica->Established()) return EndTugOfWar(group);
    if (!(teaches ? HasTaught(*replica) : HasGrown(group, *replica))) return;
    if (!teaches) EndTugOfWar(group);
    Fault isolate;
    isolate.kind = Kind::kIsolate;
    isolate.at = world_.now;
    isolate.duration_us = 4'000'000;
    isolate.a = tug.primary;
    tug.isolation = Strike(isolate);
    tug.stage = teaches ? Tug::Stage::kOrphaned : Tug::Stage::kCutOff;
  } else if (tug.stage == Tug::Stage::kCutOff) {
    std::vector<uint32_t>& owners = wanted_[group];
    const auto place = std::find(owners.begin(), owners.end(), tug.primary);
    const bool is_back = std::find(owners.begin(), owners.end(), tug.loser) != owners.end();
    if (place == owners.end() || is_back) {
      tug.stage = Tug::Stage::kNone;
      return;
    }
    *place = tug.loser;
    ++epochs_[group];
    tug.stage = Tug::Stage::kTurned;
  }
}

// The rest has elected `node`: half of the group goes with the old primary, half with the new one.
void SimCluster::DivideTugOfWar(uint32_t group, uint32_t node) {
  Tug& tug = tugs_[group];
  if (node == tug.primary) return;
  if (tug.stage == Tug::Stage::kOrphaned) return Orphan(group, node);
  if (tug.stage != Tug::Stage::kTurned) return;
  tug.stage = Tug::Stage::kNone;
  Fault split;
  split.kind = Kind::kSplit;
  split.at = world_.now;
  split.duration_us = 5'000'000;
  split.a = 1U << tug.primary;
  uint32_t companions = world_.options.copies / 2;
  for (const uint32_t owner : wanted_[group]) {
    if (owner == node || owner == tug.loser || companions == 0) continue;
    split.a |= 1U << owner;
    --companions;
  }
  Strike(split);
  world_.After(1'000, EventKind::kFaultEnd, 0, static_cast<uint32_t>(tug.isolation), 0);
}

// The old primary alone knows that the learner is a voter. What the new primary appends reaches the
// learner only; then it loses its disk.
void SimCluster::Orphan(uint32_t group, uint32_t node) {
  Tug& tug = tugs_[group];
  const std::vector<uint32_t>& owners = wanted_[group];
  Fault cut;
  cut.kind = Kind::kCut;
  cut.at = world_.now;
  cut.duration_us = 1'000'000;
  cut.a = node;
  for (size_t i = 0; i < world_.options.copies; ++i) {
    if (owners[i] != node && owners[i] != tug.primary) cut.b = owners[i];
  }
  Strike(cut);
  Fault wipe;
  wipe.kind = Kind::kWipe;
  wipe.at = world_.now + world_.rng.Between(20'000, 200'000);
  wipe.duration_us = 100'000;
  wipe.a = node;
  Inject(wipe);
  world_.After(300'000, EventKind::kFaultEnd, 0, static_cast<uint32_t>(tug.isolation), 0);
  EndTugOfWar(group);
}

}  // namespace torc::sim
