#pragma once

// One simulated node: its process (a GroupTable and a store per group), its disk, its clocks, and
// the driver between them. It does what the server's driver will do: writes first, then messages;
// stores step in order; replies wait for their outcomes.

#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "cluster/group_table.h"
#include "cluster/membership_plan.h"
#include "sim/sim_disk.h"
#include "sim/sim_store.h"
#include "sim/watch.h"
#include "sim/world.h"

namespace torc::sim {

class SimNode {
 public:
  SimNode(uint32_t index, World* world, Watch* watch);

  uint32_t index() const { return index_; }
  NodeId id() const { return NodeId(index_ + 1); }
  Incarnation incarnation() const { return incarnation_; }
  bool alive() const { return table_ != nullptr; }
  bool paused() const { return paused_; }
  uint32_t life() const { return life_; }
  NodeClock& clock() { return clock_; }
  MonoUs Now() const { return clock_.Mono(world_->now); }
  Replica* Find(uint32_t group) const;
  const SimStore* Store(uint32_t group) const;

  bool HoldsLease(GroupId group) const;
  int64_t LeaseEnd(GroupId group) const;  // in true time, microseconds

  // Events of the simulation.
  void Start();
  void Found(uint32_t group, const Membership& membership);
  void Deliver(Parcel parcel);
  void DeliverState(StateTransfer transfer);
  void OnTick(uint32_t generation);
  void OnWritten();
  void OnSynced();
  void OnRequest(Request request);
  void OnPeerLost(uint32_t peer);
  // One step of each primary here toward what is wanted; nodes learn it from outside.
  void Reconcile(uint32_t group, std::span<const WantedOwner> wanted, std::span<const NodeId> gone,
                 Epoch epoch);
  void HandOver(uint32_t group);
  void HandOverTo(uint32_t group, NodeId heir);
  // The group has moved away for good.
  void Retire(uint32_t group);

  // Faults.
  void Kill();
  void PowerLoss();
  void Wipe();
  void Pause();
  void Resume();
  // What the process believes is the time, while it is about to answer requests, is this instant's.
  void Stall() { stalled_now_ = Now(); }
  void EndTurn() { stalled_now_.reset(); }
  void SlowDisk(int64_t sync_us) { sync_us_ = sync_us; }
  // A crash of that kind takes this node's promises with it.
  bool ForgetsAfter(Demise demise) const {
    return !SurvivesWhole(world_->options.replica.durability, demise);
  }

 private:
  struct HeldReply {
    Request request;
    std::vector<Access> results;
    std::string effects;
  };
  // A copy of a primary's store that becomes a checkpoint once it is committed.
  struct PendingCheckpoint {
    LogIndex index;
    Term term;
    std::string store;
  };

  void EndLife(bool forgets);
  void NewIncarnation();
  void Drain();
  void DrainWrites(std::vector<Write>* writes);
  void DrainStoreSteps(const std::vector<StoreStep>& steps);
  void ThroughBytes(Parcel* parcel);
  void DrainMessages(std::vector<Message>* messages);
  void DrainOutcomes(const std::vector<Outcome>& outcomes);
  void SendStates(const std::vector<SnapshotSend>& sends);
  void MaybeCheckpoint(uint32_t group);
  void CheckLease(const Replica& replica);
  void CheckKept(GroupId group);
  void RestartTimer();
  void ExecuteRead(Replica* replica, Request request, ReadBy by, MonoUs now);
  void ExecuteWrite(Replica* replica, Request request);
  void Answer(const Request& request, Result result, std::vector<Access> results);
  Token Hold(Request request, std::vector<Access> results, std::string effects);

  uint32_t index_;
  World* world_;  // outlives it, as does watch_
  Watch* watch_;
  NodeClock clock_;
  SimDisk disk_;
  Incarnation incarnation_;
  uint32_t life_ = 0;
  bool paused_ = false;
  bool timer_runs_ = false;
  uint32_t timer_generation_ = 0;
  bool write_runs_ = false;
  bool sync_runs_ = false;
  uint64_t write_covers_ = 0;
  uint64_t sync_covers_ = 0;
  int64_t sync_us_;
  std::optional<MonoUs> stalled_now_;
  std::unique_ptr<GroupTable> table_;
  std::vector<SimStore> stores_;
  std::vector<std::string> checkpoints_;  // bytes of each replica's checkpoint
  std::map<uint32_t, PendingCheckpoint> pending_checkpoints_;
  std::unordered_map<uint64_t, HeldReply> held_;
  uint64_t last_token_ = 0;
  Output taken_;
};

}  // namespace torc::sim
