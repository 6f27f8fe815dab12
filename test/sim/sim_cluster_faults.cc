// SimCluster: what faults do to it.

#include <algorithm>

#include "sim/sim_cluster.h"

namespace torc::sim {

using Kind = Fault::Kind;

void SimCluster::BeginFault(const Fault& fault) {
  switch (fault.kind) {
    case Kind::kIsolate:
      // Some cables are pulled with a reset: the others are fast to elect, the one left alone is
      // slow to see.
      if (fault.b % 2 == 0) ResetAll(fault.a);
      return CutFault(fault, true);
    case Kind::kCut:
    case Kind::kCutBoth:
    case Kind::kSplit:
    case Kind::kRing:
      return CutFault(fault, true);
    case Kind::kStorm: {
      Weather weather = world_.options.weather;
      weather.loss = 0.05 + 0.01 * fault.a;
      weather.duplicate = 0.1;
      weather.straggle = 0.05;
      weather.straggle_us_max = world_.options.weather.straggle_us_max;
      return world_.network.set_weather(weather);
    }
    case Kind::kMove:
      return Move(fault.a, fault.b);
    case Kind::kHandOver: {
      const int primary = PrimaryOf(fault.a);
      if (primary < 0) return;
      SimNode& node = *nodes_[static_cast<size_t>(primary)];
      if (!node.paused()) node.HandOver(fault.a);
      return;
    }
    case Kind::kChase:
      return BeginChase(fault);
    case Kind::kEstrange:
      return Estrange(fault);
    case Kind::kMoveAcross:
      return MoveAcross(fault);
    case Kind::kTugOfWar:
      return BeginTugOfWar(fault);
    case Kind::kReset:
      world_.After(100, EventKind::kPeerReset, fault.a, fault.b, 0);
      return world_.After(100, EventKind::kPeerReset, fault.b, fault.a, 0);
    case Kind::kKillAll:
    case Kind::kPowerLossAll: {
      const Demise demise = fault.kind == Kind::kKillAll ? Demise::kProcess : Demise::kMachine;
      if (!IsSafeToForgetAll(demise)) return;
      for (auto& node : nodes_) Crash(node->index(), demise, false);
      return;
    }
    default:
      return BeginNodeFault(fault);
  }
}

void SimCluster::BeginNodeFault(const Fault& fault) {
  SimNode& node = *nodes_[fault.a];
  switch (fault.kind) {
    case Kind::kKill:
      if (IsSafeToForget(fault.a, Demise::kProcess)) Crash(fault.a, Demise::kProcess, false);
      return;
    case Kind::kPowerLoss:
      if (IsSafeToForget(fault.a, Demise::kMachine)) Crash(fault.a, Demise::kMachine, false);
      return;
    case Kind::kWipe:
      Crash(fault.a, Demise::kMachine, true);
      return;
    case Kind::kStall:
      if (node.alive() && !node.paused()) node.Stall();
      [[fallthrough]];
    case Kind::kPause:
      if (node.alive()) node.Pause();
      return Suspect(fault.a);
    case Kind::kSlowDisk:
      return node.SlowDisk(fault.b);
    case Kind::kClockJump:
      return node.clock().JumpWall(fault.b % 2 == 0 ? 60'000 : -60'000);
    default:
      return;
  }
}

void SimCluster::EndFault(const Fault& fault) {
  switch (fault.kind) {
    case Kind::kCut:
    case Kind::kCutBoth:
    case Kind::kIsolate:
    case Kind::kSplit:
    case Kind::kRing:
      return CutFault(fault, false);
    case Kind::kStorm:
      return world_.network.set_weather(world_.options.weather);
    case Kind::kChase:
      --chased_[fault.a];
      return;
    case Kind::kTugOfWar:
      return EndTugOfWar(fault.a);
    case Kind::kSlowDisk:
      return nodes_[fault.a]->SlowDisk(world_.options.sync_us);
    case Kind::kStall:
    case Kind::kPause: {
      SimNode& node = *nodes_[fault.a];
      if (!node.alive() || !node.paused()) return;
      node.Resume();
      std::vector<std::pair<EventKind, Event>> waiting;
      waiting.swap(deferred_[fault.a]);
      // A stalled turn had read its sockets; the rest comes after it.
      const bool is_stall = fault.kind == Kind::kStall;
      for (const auto& [kind, event] : waiting) {
        if (is_stall && kind == EventKind::kRequest) HandleNode(event, &node);
      }
      node.EndTurn();
      for (const auto& [kind, event] : waiting) {
        if (!is_stall || kind != EventKind::kRequest) HandleNode(event, &node);
      }
      return;
    }
    case Kind::kKill:
    case Kind::kPowerLoss:
    case Kind::kWipe:
      if (!nodes_[fault.a]->alive()) Restart(fault.a);
      return;
    case Kind::kKillAll:
    case Kind::kPowerLossAll:
      for (auto& node : nodes_) {
        if (!node->alive()) Restart(node->index());
      }
      return;
    default:
      return;
  }
}

void SimCluster::Inject(const Fault& fault) {
  faults_.push_back(fault);
  fault_active_.push_back(false);
  world_.queue.Push(fault.at, EventKind::kFault, 0, static_cast<uint32_t>(faults_.size() - 1), 0);
}

// At once, not when the queue comes to it: nothing happens in between.
size_t SimCluster::Strike(const Fault& fault) {
  faults_.push_back(fault);
  fault_active_.push_back(true);
  const size_t index = faults_.size() - 1;
  world_.After(fault.duration_us, EventKind::kFaultEnd, 0, static_cast<uint32_t>(index), 0);
  BeginFault(fault);
  return index;
}

void SimCluster::CutFault(const Fault& fault, bool begins) {
  const uint32_t count = world_.options.nodes;
  const auto is_cut = [&](uint32_t from, uint32_t to) {
    switch (fault.kind) {
      case Kind::kCut:
        return from == fault.a && to == fault.b;
      case Kind::kCutBoth:
        return (from == fault.a && to == fault.b) || (from == fault.b && to == fault.a);
      case Kind::kIsolate:
        return (from == fault.a) != (to == fault.a);
      case Kind::kSplit:
        return ((fault.a >> from) & 1) != ((fault.a >> to) & 1);
      default: {
        const uint32_t distance = (from + count - to) % count;
        return distance != 0 && distance != 1 && distance != count - 1;
      }
    }
  };
  for (uint32_t from = 0; from < count; ++from) {
    for (uint32_t to = 0; to < count; ++to) {
      if (from == to || !is_cut(from, to)) continue;
      if (begins) {
        world_.network.Cut(from, to);
        world_.After(SuspectDelay(), EventKind::kPeerDown, to, from, 0);
      } else {
        world_.network.Mend(from, to);
      }
    }
  }
}

// Whether a majority of these voters would still remember.
bool SimCluster::RemembersWithout(uint32_t node, uint32_t group,
                                  const std::vector<Member>& voters) const {
  const auto remembers = [&](const Member& voter) {
    const auto owner = static_cast<uint32_t>(voter.node.value() - 1);
    const Replica* copy = nodes_[owner]->Find(group);
    const bool is_down_but_whole =
        !nodes_[owner]->alive() && nodes_[owner]->incarnation() == voter.incarnation;
    return owner != node && ((copy != nullptr && copy->self() == voter) || is_down_but_whole);
  };
  const auto count = std::count_if(voters.begin(), voters.end(), remembers);
  return static_cast<size_t>(count) >= MajorityOf(voters.size());
}

// Whether the group is where it is wanted. While it moves, or shrinks, it has an even number of
// voters for moments, and bears no more loss than before: of a disk, too, until its primary knows.
bool SimCluster::IsAtRest(uint32_t group, const Membership& membership) const {
  if (steering_ == nullptr) return true;  // tests of single groups want to see what happens then
  const std::vector<WantedOwner> wanted = steering_->Wanted(group);
  const auto is_wanted = [&](const Member& voter) {
    return std::ranges::any_of(wanted,
                               [&](const WantedOwner& owner) { return owner.node == voter.node; });
  };
  return membership.learners.empty() && membership.voters.size() == wanted.size() &&
         std::ranges::all_of(membership.voters, is_wanted);
}

// Whether every group would still have a majority of voters that remember, in each membership that
// some replica may act on. Nothing survives the loss of more; a simulation that went on would prove
// nothing.
bool SimCluster::IsSafeToForget(uint32_t node, Demise demise) const {
  if (!nodes_[node]->alive()) return false;
  if (!nodes_[node]->ForgetsAfter(demise)) return true;
  // A whole cluster's groups change by themselves: each loss is known before the next one comes.
  if (steering_ != nullptr && world_.now < forgot_at_ + 2'000'000) return false;
  for (uint32_t group = 0; group < world_.options.groups; ++group) {
    for (const auto& witness : nodes_) {
      const Replica* replica = witness->Find(group);
      if (replica == nullptr) continue;
      const Membership& committed = replica->log().MembershipAt(replica->committed());
      const bool is_safe = RemembersWithout(node, group, replica->membership().voters) &&
                           RemembersWithout(node, group, committed.voters) &&
                           (IsAtRest(group, replica->membership()) || replica->Removed());
      if (!is_safe) return false;
    }
  }
  return true;
}

bool SimCluster::IsSafeToForgetAll(Demise demise) const {
  return !nodes_[0]->ForgetsAfter(demise);
}

void SimCluster::Crash(uint32_t index, Demise demise, bool wipe) {
  SimNode& node = *nodes_[index];
  if (!node.alive()) return;
  // A wipe forgets whatever the level is.
  if (wipe) {
    SimOptions& options = world_.options;
    const Durability level = options.replica.durability;
    options.replica.durability = Durability::kMem;
    const bool is_safe = IsSafeToForget(index, Demise::kMachine);
    options.replica.durability = level;
    if (!is_safe) return;
  }
  // What waits in a paused node's sockets dies with it.
  std::vector<std::pair<EventKind, Event>> waiting;
  waiting.swap(deferred_[index]);
  if (wipe || node.ForgetsAfter(demise)) forgot_at_ = world_.now;
  if (wipe) {
    node.Wipe();
  } else if (demise == Demise::kProcess) {
    node.Kill();
  } else {
    node.PowerLoss();
  }
  for (const auto& [kind, event] : waiting) HandleNode(event, &node);
  if (steering_ != nullptr) steering_->Ended(index);
  // A process's connections are reset by its kernel; a machine just falls silent.
  if (demise == Demise::kProcess) ResetAll(index);
  Suspect(index);
}

void SimCluster::ResetAll(uint32_t node) {
  for (uint32_t peer = 0; peer < world_.options.nodes; ++peer) {
    if (peer == node || world_.network.IsCut(node, peer)) continue;
    world_.After(world_.rng.Between(100, 2'000), EventKind::kPeerReset, peer, node, 0);
  }
}

// The failure detector needs a while; what it finds is checked when it does.
void SimCluster::Suspect(uint32_t node) {
  for (uint32_t peer = 0; peer < world_.options.nodes; ++peer) {
    if (peer == node) continue;
    world_.After(SuspectDelay(), EventKind::kPeerDown, peer, node, 0);
  }
}

void SimCluster::Do(Errand errand) {
  switch (errand.kind) {
    case Errand::Kind::kJoin:
      absent_[errand.node] = false;
      return Restart(errand.node);
    case Errand::Kind::kDrain:
      leaves_[errand.node] = true;
      return steering_->Drain(errand.node);
    case Errand::Kind::kLose:
      if (!nodes_[errand.node]->alive()) return Postpone(errand);
      Crash(errand.node, Demise::kMachine, true);
      absent_[errand.node] = !nodes_[errand.node]->alive();
      // Others are down, and their groups would not survive it: later.
      if (!absent_[errand.node]) Postpone(errand);
      return;
  }
}

void SimCluster::Postpone(Errand errand) {
  if (calm_) return;
  errand.at = world_.now + 300'000;
  errands_.push_back(errand);
  world_.queue.Push(errand.at, EventKind::kErrand, errand.node,
                    static_cast<uint32_t>(errands_.size() - 1), 0);
}

// Others learn that it is another life: gossip tells so, if no connection does.
void SimCluster::Restart(uint32_t node) {
  if (absent_[node]) return;
  nodes_[node]->Start();
  if (steering_ != nullptr) steering_->Started(node);
  for (uint32_t peer = 0; peer < world_.options.nodes; ++peer) {
    if (peer == node) continue;
    world_.After(world_.rng.Between(200, 300'000), EventKind::kPeerReset, peer, node, 0);
  }
}

}  // namespace torc::sim
