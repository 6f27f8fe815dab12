#include "sim/sim_node.h"

#include <algorithm>

#include "base/hash.h"
#include "cluster/replication_codec.h"

namespace torc::sim {

SimNode::SimNode(uint32_t index, World* world, Watch* watch)
    : index_(index),
      world_(world),
      watch_(watch),
      clock_(world->rng.Between(0, 1'000'000'000),
             world->rng.Between(-world->options.clock_ppm_max, world->options.clock_ppm_max),
             world->rng.Between(-500, 500)),
      sync_us_(world->options.sync_us) {
  NewIncarnation();
}

Replica* SimNode::Find(uint32_t group) const {
  return alive() ? table_->Find(GroupId(group)) : nullptr;
}

const SimStore* SimNode::Store(uint32_t group) const {
  return Find(group) == nullptr ? nullptr : &stores_[group];
}

void SimNode::NewIncarnation() {
  incarnation_ = Incarnation(incarnation_.value() + 1);
}

void SimNode::Start() {
  const uint32_t groups = world_->options.groups;
  table_ =
      std::make_unique<GroupTable>(id(), incarnation_, world_->options.replica, world_->rng.Next());
  stores_.assign(groups, SimStore());
  checkpoints_.assign(groups, "");
  for (const auto& [group, image] : disk_.Images()) {
    table_->Restore(group, image.state, Now());
    stores_[group.value()] = SimStore::Decode(image.store);
    checkpoints_[group.value()] = image.store;
  }
  RestartTimer();
}

void SimNode::Found(uint32_t group, const Membership& membership) {
  table_->Found(GroupId(group), membership, Now());
  Drain();
}

void SimNode::RestartTimer() {
  if (timer_runs_ || !alive() || !table_->AnyAwake()) return;
  timer_runs_ = true;
  world_->After(GroupTable::kTickUs, EventKind::kTick, index_, ++timer_generation_, life_);
}

void SimNode::Deliver(Parcel parcel) {
  for (const Message& message : parcel.messages) table_->Receive(message, Now());
  Drain();
}

void SimNode::OnTick(uint32_t generation) {
  if (generation != timer_generation_) return;
  timer_runs_ = false;
  table_->Tick(Now());
  for (const auto& [group, replica] : table_->replicas()) {
    if (replica->role() == Role::kPrimary) CheckLease(*replica);
  }
  Drain();
}

void SimNode::OnPeerLost(uint32_t peer) {
  table_->PeerLost(NodeId(peer + 1), Now());
  Drain();
}

void SimNode::OnWritten() {
  write_runs_ = false;
  for (const auto& [group, seq] : disk_.Written(write_covers_)) {
    table_->Persisted(group, seq, Durability::kOs, Now());
    CheckKept(group);
  }
  Drain();
  DrainWrites(&taken_.writes);
}

void SimNode::OnSynced() {
  sync_runs_ = false;
  for (const auto& [group, seq] : disk_.Synced(sync_covers_)) {
    table_->Persisted(group, seq, Durability::kDisk, Now());
    CheckKept(group);
  }
  Drain();
  DrainWrites(&taken_.writes);
}

void SimNode::DeliverState(StateTransfer transfer) {
  const SnapshotSend& send = transfer.send;
  Replica* replica = table_->Find(send.group);
  if (replica == nullptr || replica->self() != send.to) return;
  const LogIndex before = replica->checkpoint().index;
  replica->SnapshotArrived(send.from, send.term, send.checkpoint, Now(), table_->output());
  if (replica->checkpoint().index != before) {
    checkpoints_[send.group.value()] = std::move(transfer.store);
  }
  Drain();
}

void SimNode::Drain() {
  // What the driver does may make replicas answer again; it goes on until they are silent.
  do {
    std::swap(taken_, *table_->output());
    table_->output()->Clear();
    for (const GroupId group : taken_.elected) watch_->Elected(index_, *table_->Find(group));
    for (const LostEntry& lost : taken_.lost) watch_->Lost(lost);
    DrainStoreSteps(taken_.store_steps);
    for (const CommitAdvance& advance : taken_.commits) {
      const Replica* replica = table_->Find(advance.group);
      if (replica != nullptr) watch_->Committed(index_, *replica);
    }
    DrainWrites(&taken_.writes);
    DrainMessages(&taken_.messages);
    SendStates(taken_.snapshot_sends);
    DrainOutcomes(taken_.outcomes);
    for (const CommitAdvance& advance : taken_.commits) MaybeCheckpoint(advance.group.value());
    taken_.Clear();
  } while (!table_->output()->empty());
  RestartTimer();
}

void SimNode::DrainWrites(std::vector<Write>* writes) {
  for (Write& write : *writes) {
    const bool has_store =
        write.kind == Write::Kind::kCheckpoint || write.kind == Write::Kind::kInstall;
    std::string store = has_store ? checkpoints_[write.group.value()] : "";
    disk_.Append(std::move(write), std::move(store));
  }
  writes->clear();
  if (!write_runs_ && disk_.written() < disk_.appended()) {
    write_runs_ = true;
    write_covers_ = disk_.appended();
    world_->After(world_->rng.Between(5, 60), EventKind::kDiskWritten, index_, 0, life_);
  }
  if (!sync_runs_ && disk_.synced() < disk_.written()) {
    sync_runs_ = true;
    sync_covers_ = disk_.written();
    world_->After(sync_us_ / 2 + world_->rng.Between(0, sync_us_), EventKind::kDiskSynced, index_,
                  0, life_);
  }
}

void SimNode::DrainStoreSteps(const std::vector<StoreStep>& steps) {
  for (const StoreStep& step : steps) {
    const uint32_t group = step.group.value();
    SimStore& store = stores_[group];
    if (step.kind == StoreStep::Kind::kClear) checkpoints_[group].clear();
    if (step.kind != StoreStep::Kind::kApply) {
      store = SimStore::Decode(checkpoints_[group]);
      store.applied = step.checkpoint.index;
      pending_checkpoints_.erase(group);
      continue;
    }
    const ReplicatedLog& log = table_->Find(step.group)->log();
    for (LogIndex i = step.first; i <= step.last; ++i) {
      if (!log.Has(i)) continue;
      const Entry& entry = log.At(i);
      if (entry.kind == Entry::Kind::kEffects) store.Apply(entry.payload);
      store.applied = i;
    }
  }
}

// What arrives is what its bytes say.
void SimNode::ThroughBytes(Parcel* parcel) {
  std::string bytes;
  EncodeParcel(*parcel, &bytes);
  std::optional<Parcel> decoded = DecodeParcel(parcel->from, parcel->to, bytes);
  if (!decoded.has_value() || decoded->messages != parcel->messages) {
    return world_->Violate("a parcel does not survive its bytes");
  }
  *parcel = std::move(*decoded);
}

void SimNode::DrainMessages(std::vector<Message>* messages) {
  if (messages->empty()) return;
  for (Parcel& parcel : Bundle(std::move(*messages))) {
    const auto to = static_cast<uint32_t>(parcel.to.value() - 1);
    ++world_->messages;
    if (world_->options.encodes) ThroughBytes(&parcel);
    const Deliveries deliveries = world_->network.Send(index_, to, &world_->rng);
    for (int i = 0; i < deliveries.count; ++i) {
      const bool is_last = i + 1 == deliveries.count;
      const uint32_t slot = world_->parcels.Put(is_last ? std::move(parcel) : parcel);
      world_->After(deliveries.delay_us[static_cast<size_t>(i)], EventKind::kDeliver, to, slot, 0);
    }
  }
  messages->clear();
}

bool SimNode::HoldsLease(GroupId group) const {
  const Replica* replica = alive() ? table_->Find(group) : nullptr;
  return replica != nullptr && replica->role() == Role::kPrimary &&
         clock_.Mono(world_->now) < replica->lease_until();
}

int64_t SimNode::LeaseEnd(GroupId group) const {
  return clock_.TrueTime(table_->Find(group)->lease_until()).value();
}

// Two nodes that both believe in their lease at one instant could both answer.
void SimNode::CheckLease(const Replica& replica) {
  if (!HoldsLease(replica.group())) return;
  for (const SimNode* other : world_->nodes) {
    if (other == this || !other->HoldsLease(replica.group())) continue;
    world_->Violate("leases overlap: group " + std::to_string(replica.group().value()) + " nodes " +
                    std::to_string(index_) + " until " + std::to_string(LeaseEnd(replica.group())) +
                    " us and " + std::to_string(other->index_) + " until " +
                    std::to_string(other->LeaseEnd(replica.group())) + " us");
  }
}

// A replica counts no entry as kept that a crash could take.
void SimNode::CheckKept(GroupId group) {
  const Replica* replica = table_->Find(group);
  const Durability level = world_->options.replica.durability;
  if (replica == nullptr || level == Durability::kMem) return;
  const auto unkept = disk_.FirstUnkept(group, replica->self(), level);
  if (unkept.has_value() && replica->durable() >= *unkept) {
    world_->Violate("counted as kept too early: group " + std::to_string(group.value()) +
                    " index " + std::to_string(unkept->value()) + " at node " +
                    std::to_string(index_));
  }
}

void SimNode::SendStates(const std::vector<SnapshotSend>& sends) {
  for (const SnapshotSend& send : sends) {
    const auto to = static_cast<uint32_t>(send.to.node.value() - 1);
    const Deliveries deliveries = world_->network.Send(index_, to, &world_->rng);
    if (deliveries.count == 0) {
      table_->Find(send.group)->SnapshotFailed(send.to, Now(), table_->output());
      continue;
    }
    const uint32_t slot = world_->transfers.Put({send, checkpoints_[send.group.value()]});
    const int64_t duration_us = deliveries.delay_us[0] + world_->rng.Between(1'000, 50'000);
    world_->After(duration_us, EventKind::kSnapshot, to, slot, 0);
  }
}

// A primary's store runs ahead of what is agreed on, so its copy has to wait until it is committed.
void SimNode::MaybeCheckpoint(uint32_t group) {
  Replica* replica = Find(group);
  if (replica == nullptr) return;
  const auto pending = pending_checkpoints_.find(group);
  if (pending != pending_checkpoints_.end()) {
    const PendingCheckpoint& copy = pending->second;
    const bool is_stale =
        copy.index <= replica->checkpoint().index || !replica->log().Matches(copy.index, copy.term);
    const bool is_ready = copy.index <= replica->committed() ||
                          world_->options.replica.planted.Has(PlantedBug::kCheckpointOfUncommitted);
    if (!is_stale && is_ready) {
      checkpoints_[group] = copy.store;
      replica->CheckpointTaken(copy.index, Now(), table_->output());
    }
    if (is_stale || is_ready) pending_checkpoints_.erase(pending);
    return;
  }
  if (stores_[group].applied < replica->checkpoint().index + world_->options.checkpoint_every) {
    return;
  }
  const LogIndex index = stores_[group].applied;
  pending_checkpoints_[group] = {index, replica->log().TermAt(index), stores_[group].Encode()};
  MaybeCheckpoint(group);
}

void SimNode::Reconcile(uint32_t group, std::span<const WantedOwner> wanted,
                        std::span<const NodeId> gone, Epoch epoch) {
  Replica* replica = Find(group);
  if (replica == nullptr || replica->role() != Role::kPrimary) return;
  const auto step = NextStep(replica->membership(), replica->self(), wanted, gone, epoch);
  if (!step.has_value()) return;
  if (step->transfer_to.has_value()) {
    (void)replica->Transfer(*step->transfer_to, Now());
  } else {
    (void)replica->Change(step->change, Now());
  }
  table_->Flush(replica, Now());
  Drain();
}

void SimNode::HandOver(uint32_t group) {
  Replica* replica = Find(group);
  if (replica == nullptr || replica->role() != Role::kPrimary) return;
  const auto& voters = replica->membership().voters;
  const Member& to = voters[world_->rng.Below(voters.size())];
  if (replica->Transfer(to, Now()) == Result::kOk) table_->Flush(replica, Now());
  Drain();
}

void SimNode::HandOverTo(uint32_t group, NodeId heir) {
  Replica* replica = Find(group);
  const std::optional<Member> to = replica->membership().OnNode(heir);
  if (!to.has_value() || !replica->membership().IsVoter(*to)) return;
  if (replica->Transfer(*to, Now()) == Result::kOk) table_->Flush(replica, Now());
  Drain();
}

void SimNode::Retire(uint32_t group) {
  if (Find(group) == nullptr) return;
  table_->Retire(GroupId(group));
  stores_[group] = SimStore();
  checkpoints_[group].clear();
  pending_checkpoints_.erase(group);
  Drain();
}

void SimNode::EndLife(bool forgets) {
  ++life_;
  paused_ = false;
  timer_runs_ = write_runs_ = sync_runs_ = false;
  stalled_now_.reset();
  table_.reset();
  held_.clear();
  pending_checkpoints_.clear();
  taken_.Clear();
  watch_->Ended(index_, id());
  if (!forgets) return;
  disk_.Wipe();
  if (!world_->options.replica.planted.Has(PlantedBug::kRejoinAsVoter)) NewIncarnation();
}

void SimNode::Kill() {
  disk_.LoseUnwritten();
  EndLife(ForgetsAfter(Demise::kProcess));
}

void SimNode::PowerLoss() {
  disk_.LoseUnsynced(&world_->rng);
  EndLife(ForgetsAfter(Demise::kMachine));
}

void SimNode::Wipe() {
  EndLife(true);
}

void SimNode::Pause() {
  paused_ = true;
}
void SimNode::Resume() {
  paused_ = false;
}

}  // namespace torc::sim
