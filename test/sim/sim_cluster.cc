#include "sim/sim_cluster.h"

#include <algorithm>

#include "sim/check_linearizable.h"
#include "sim/check_list_append.h"

namespace torc::sim {

SimCluster::SimCluster(const SimOptions& options, std::vector<Fault> faults, uint64_t seed,
                       std::vector<Errand> errands)
    : world_(options, seed),
      watch_(&world_),
      faults_(std::move(faults)),
      errands_(std::move(errands)),
      absent_(options.nodes),
      leaves_(options.nodes) {
  world_.network.set_weather(options.weather);
  deferred_.resize(options.nodes);
  wanted_.resize(options.groups);
  epochs_.resize(options.groups);
  fault_active_.resize(faults_.size());
  chased_.resize(options.groups);
  is_seesaw_.resize(options.groups);
  tugs_.resize(options.groups);
  seesaw_fault_.resize(options.groups, SIZE_MAX);
  for (uint32_t i = 0; i < options.nodes; ++i) {
    nodes_.push_back(std::make_unique<SimNode>(i, &world_, &watch_));
    world_.nodes.push_back(nodes_.back().get());
  }
  Begin();
}

void SimCluster::Begin() {
  const SimOptions& options = world_.options;
  if (options.whole) steering_ = std::make_unique<TopologySteering>(&world_, &nodes_);
  for (uint32_t i = 0; i < options.nodes; ++i) {
    absent_[i] = options.whole && i >= options.founders;
    if (absent_[i]) continue;
    nodes_[i]->Start();
    if (steering_ != nullptr) steering_->Started(i);
  }
  for (uint32_t group = 0; group < options.groups; ++group) {
    Membership membership;
    wanted_[group] = FoundersOf(group);
    for (const uint32_t node : wanted_[group]) {
      membership.voters.push_back({nodes_[node]->id(), nodes_[node]->incarnation(), 0});
    }
    for (const uint32_t node : wanted_[group]) nodes_[node]->Found(group, membership);
  }
  for (uint32_t i = 0; i < options.clients; ++i) {
    clients_.push_back(std::make_unique<SimClient>(i, &world_, &history_));
  }
  for (uint32_t i = 0; i < faults_.size(); ++i) {
    world_.queue.Push(faults_[i].at, EventKind::kFault, 0, i, 0);
  }
  for (uint32_t i = 0; i < errands_.size(); ++i) {
    world_.queue.Push(errands_[i].at, EventKind::kErrand, errands_[i].node, i, 0);
  }
  world_.After(world_.options.operate_us, EventKind::kOperator, 0, 0, 0);
}

std::vector<uint32_t> SimCluster::FoundersOf(uint32_t group) const {
  if (steering_ != nullptr) return steering_->Founders(group);
  std::vector<uint32_t> founders;
  for (uint32_t i = 0; i < world_.options.copies; ++i) {
    founders.push_back((group + i) % world_.options.nodes);
  }
  return founders;
}

void SimCluster::Advance(int64_t duration_us) {
  const SimTime until = world_.now + duration_us;
  while (world_.queue.NextTime() <= until && world_.violation.empty()) {
    const Event event = world_.queue.Pop();
    world_.now = event.at;
    if (++events_ > world_.options.events_max) world_.Violate("a storm of messages");
    world_.Trace(static_cast<uint64_t>(event.at.value()));
    world_.Trace(static_cast<uint64_t>(event.kind) * 64 + event.node);
    Handle(event);
    if (!world_.elected.empty()) Chase();
  }
  world_.now = until;
}

void SimCluster::Handle(const Event& event) {
  switch (event.kind) {
    case EventKind::kFault:
      if (calm_) return;
      fault_active_[event.arg] = true;
      BeginFault(Fault(faults_[event.arg]));
      world_.After(faults_[event.arg].duration_us, EventKind::kFaultEnd, 0, event.arg, 0);
      return;
    case EventKind::kFaultEnd:
      if (!fault_active_[event.arg]) return;
      fault_active_[event.arg] = false;
      return EndFault(faults_[event.arg]);
    case EventKind::kOperator:
      Operate();
      return world_.After(world_.options.operate_us, EventKind::kOperator, 0, 0, 0);
    case EventKind::kErrand:
      return Do(errands_[event.arg]);
    case EventKind::kClientWake:
      return clients_[event.node]->Wake(event.arg);
    case EventKind::kReply:
      return clients_[event.node]->Receive(world_.responses.Take(event.arg));
    default:
      if (IsLostOnTheWay(event)) return (void)world_.parcels.Take(event.arg);
      return HandleNode(event, nodes_[event.node].get());
  }
}

// Some cuts take along what is on its way, as the end of a connection does; others let it arrive.
bool SimCluster::IsLostOnTheWay(const Event& event) const {
  if (!world_.options.cuts_lose_sent || event.kind != EventKind::kDeliver) return false;
  const NodeId from = world_.parcels.At(event.arg).from;
  return world_.network.IsCut(static_cast<uint32_t>(from.value() - 1), event.node);
}

void SimCluster::HandleNode(const Event& event, SimNode* node) {
  // A paused process finds everything in its sockets when it runs again.
  if (node->alive() && node->paused()) {
    deferred_[event.node].push_back({event.kind, event});
    return;
  }
  const bool is_own = event.kind == EventKind::kGossipTick || event.kind == EventKind::kTick ||
                      event.kind == EventKind::kDiskWritten || event.kind == EventKind::kDiskSynced;
  const bool is_lost = !node->alive() || (is_own && event.life != node->life());
  switch (event.kind) {
    case EventKind::kDeliver: {
      Parcel parcel = world_.parcels.Take(event.arg);
      if (!is_lost) node->Deliver(std::move(parcel));
      return;
    }
    case EventKind::kRequest: {
      Request request = world_.requests.Take(event.arg);
      if (!is_lost) node->OnRequest(std::move(request));
      return;
    }
    case EventKind::kSnapshot: {
      StateTransfer transfer = world_.transfers.Take(event.arg);
      if (!is_lost) node->DeliverState(std::move(transfer));
      return;
    }
    case EventKind::kGossip:
    case EventKind::kTopology:
      return steering_->Deliver(event, is_lost);
    case EventKind::kRestart:
      if (!node->alive() && event.life == node->life()) Restart(event.node);
      return;
    default:
      break;
  }
  if (is_lost) return;
  if (event.kind == EventKind::kTick) node->OnTick(event.arg);
  if (event.kind == EventKind::kDiskWritten) node->OnWritten();
  if (event.kind == EventKind::kDiskSynced) node->OnSynced();
  if (event.kind == EventKind::kGossipTick) steering_->Tick(event.node, event.arg);
  if (event.kind == EventKind::kPeerReset) {
    node->OnPeerLost(event.arg);
    if (steering_ != nullptr) steering_->PeerReset(event.node, event.arg);
  }
  // A whole cluster finds out by itself who is silent.
  if (event.kind == EventKind::kPeerDown && steering_ == nullptr) {
    const SimNode& peer = *nodes_[event.arg];
    const bool is_silent =
        !peer.alive() || peer.paused() || world_.network.IsCut(event.arg, event.node);
    if (is_silent) node->OnPeerLost(event.arg);
  }
}

int SimCluster::PrimaryOf(uint32_t group) const {
  int best = -1;
  Term term;
  for (const auto& node : nodes_) {
    const Replica* replica = node->Find(group);
    if (replica == nullptr || !replica->Established() || replica->term() < term) continue;
    term = replica->term();
    best = static_cast<int>(node->index());
  }
  return best;
}

std::string SimCluster::DescribeGroup(uint32_t group) const {
  std::string text = "\n  group " + std::to_string(group) + " wanted on";
  for (const uint32_t node : wanted_[group]) text += " " + std::to_string(node);
  for (const auto& node : nodes_) {
    const Replica* replica = node->Find(group);
    if (replica == nullptr) continue;
    text += "\n  node " + std::to_string(node->index()) + "." +
            std::to_string(replica->self().incarnation.value()) + "." +
            std::to_string(replica->self().birth) + ": role " +
            std::to_string(static_cast<int>(replica->role())) + " term " +
            std::to_string(replica->term().value()) + " log " +
            std::to_string(replica->log().base_index().value()) + ".." +
            std::to_string(replica->log().last_index().value()) + " committed " +
            std::to_string(replica->committed().value()) + " applied " +
            std::to_string(replica->applied().value()) + " store " +
            std::to_string(node->Store(group)->applied.value()) +
            (replica->quiescent() ? " quiescent" : "") + "; voters";
    for (const Member& voter : replica->membership().voters) {
      text += " " + std::to_string(voter.node.value() - 1) + "." +
              std::to_string(voter.incarnation.value()) + "." + std::to_string(voter.birth);
    }
    for (const Member& learner : replica->membership().learners) {
      text += " (" + std::to_string(learner.node.value() - 1) + "." +
              std::to_string(learner.incarnation.value()) + "." + std::to_string(learner.birth) +
              ")";
    }
  }
  return text;
}

std::vector<WantedOwner> SimCluster::WantedOf(uint32_t group) const {
  std::vector<WantedOwner> wanted;
  for (const uint32_t node : wanted_[group]) {
    wanted.push_back({nodes_[node]->id(), nodes_[node]->incarnation()});
  }
  return wanted;
}

void SimCluster::Move(uint32_t group, uint64_t seed) {
  Rng rng(seed);
  std::vector<uint32_t>& owners = wanted_[group];
  const auto place = rng.Below(owners.size());
  const auto node = static_cast<uint32_t>(rng.Below(world_.options.nodes));
  if (std::find(owners.begin(), owners.end(), node) != owners.end()) return;
  owners[place] = node;
  ++epochs_[group];
}

// What the topology and gossip would do: tell primaries what is wanted, and let go of what has
// moved away.
void SimCluster::Operate() {
  if (steering_ != nullptr) {
    steering_->Operate();
    for (uint32_t group = 0; group < world_.options.groups; ++group) {
      wanted_[group].clear();
      for (const WantedOwner& owner : steering_->Wanted(group)) {
        wanted_[group].push_back(static_cast<uint32_t>(owner.node.value() - 1));
      }
      RetireLeftovers(group);
    }
    return;
  }
  for (uint32_t group = 0; group < world_.options.groups; ++group) {
    if (!calm_) AdvanceTugOfWar(group);
    const std::vector<WantedOwner> wanted = WantedOf(group);
    for (auto& node : nodes_) {
      if (node->alive() && !node->paused()) node->Reconcile(group, wanted, {}, epochs_[group]);
    }
    RetireLeftovers(group);
  }
}

void SimCluster::RetireLeftovers(uint32_t group) {
  const int primary = PrimaryOf(group);
  if (primary < 0) return;
  const Replica& truth = *nodes_[static_cast<size_t>(primary)]->Find(group);
  const Membership& agreed = truth.log().MembershipAt(truth.committed());
  for (auto& node : nodes_) {
    const Replica* replica = node->Find(group);
    if (replica == nullptr || node->paused() || truth.membership().Contains(replica->self())) {
      continue;
    }
    const bool is_former = replica->self().birth < agreed.version;
    if (is_former && !agreed.Contains(replica->self())) node->Retire(group);
  }
}

RunResult SimCluster::Run() {
  Advance(world_.options.faults_us);
  Calm();
  Advance(world_.options.settle_us / 2);
  // One more client reads everything; the others are done.
  SimClient& reader = *clients_.front();
  reader.BeginFinalReads();
  for (int i = 0; i < 200 && !reader.FinalReadsDone() && world_.violation.empty(); ++i) {
    Advance(world_.options.settle_us / 100);
  }
  if (world_.violation.empty()) {
    if (!reader.FinalReadsDone()) {
      world_.Violate("the healed cluster does not answer final reads" +
                     DescribeGroup(reader.final_key() / kKeysPerGroup));
    }
    Advance(world_.options.settle_us / 2);
    if (steering_ != nullptr) CheckWhole();
    CheckConvergence();
    CheckHistory();
  }
  RunResult result;
  result.violation = world_.violation;
  result.trace = world_.trace;
  result.events = events_;
  result.operations = history_.size();
  result.committed = watch_.CommittedCount();
  result.ended = world_.now;
  for (const Operation& op : history_) result.operations_ok += op.ending == Ending::kOk ? 1 : 0;
  return result;
}

// All faults end, everybody runs, the weather is fair.
void SimCluster::Calm() {
  calm_ = true;
  for (uint32_t i = 0; i < faults_.size(); ++i) {
    if (!fault_active_[i]) continue;
    fault_active_[i] = false;
    EndFault(faults_[i]);
  }
  world_.network.set_weather(Weather());
  for (auto& node : nodes_) {
    if (!node->alive()) Restart(node->index());
    node->SlowDisk(world_.options.sync_us);
  }
  for (auto& client : clients_) client->Finish();
}

// What operators wanted has come about, and nodes agree on what there is.
void SimCluster::CheckWhole() {
  std::vector<uint32_t> members;
  for (uint32_t i = 0; i < world_.options.nodes; ++i) {
    if (!absent_[i] && !leaves_[i]) members.push_back(i);
  }
  const std::string unsettled = steering_->Unsettled(members);
  if (!unsettled.empty()) {
    world_.Violate("the healed cluster has not settled: " + unsettled +
                   DescribeGroup(world_.options.groups - 1) + steering_->DescribeGossip());
  }
}

// Every replica of a group has the same state, and it is all that was agreed on.
void SimCluster::CheckConvergence() {
  for (uint32_t group = 0; group < world_.options.groups; ++group) {
    const int primary = PrimaryOf(group);
    if (primary < 0)
      return world_.Violate("no primary in the healed cluster" + DescribeGroup(group));
    const SimNode& truth = *nodes_[static_cast<size_t>(primary)];
    const Membership& membership = truth.Find(group)->membership();
    const size_t copies = steering_ != nullptr ? wanted_[group].size() : world_.options.copies;
    if (membership.voters.size() != copies || !membership.learners.empty()) {
      return world_.Violate("membership did not reach what is wanted" + DescribeGroup(group));
    }
    for (const auto& node : nodes_) {
      const Replica* replica = node->Find(group);
      if (replica == nullptr || !membership.Contains(replica->self())) continue;
      replica->CheckInvariants();
      if (!(*node->Store(group) == *truth.Store(group))) {
        return world_.Violate("replicas differ" + DescribeGroup(group));
      }
    }
  }
}

void SimCluster::CheckHistory() {
  if (!world_.violation.empty()) return;
  if (world_.options.acks == Acks::kOne) {
    const std::string missing = watch_.MissingEarly();
    if (!missing.empty()) world_.Violate(missing);
    return;
  }
  History registers;
  History lists;
  for (const Operation& op : history_) {
    const bool is_register =
        !op.accesses.empty() && op.accesses[0].key % kKeysPerGroup < kRegistersPerGroup;
    (is_register ? registers : lists).push_back(op);
  }
  Verdict verdict = CheckLinearizable(registers);
  if (verdict.ok()) verdict = CheckListAppend(lists);
  if (!verdict.ok()) world_.Violate(verdict.violation);
}

}  // namespace torc::sim
