#pragma once

// A whole cluster in one thread: nodes, clients, faults, and the housekeeping that the rest of a
// server would do (who is wanted where, who is suspected dead). Run plays it to the end and says
// what rule was broken, if any.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/fault.h"
#include "sim/sim_client.h"
#include "sim/sim_node.h"
#include "sim/watch.h"
#include "sim/world.h"

namespace torc::sim {

struct RunResult {
  std::string violation;  // empty: none
  uint64_t trace = 0;
  uint64_t events = 0;
  uint64_t operations = 0;
  uint64_t operations_ok = 0;
  uint64_t committed = 0;
  SimTime ended;
};

class SimCluster {
 public:
  SimCluster(const SimOptions& options, std::vector<Fault> faults, uint64_t seed);

  // Load and faults, then quiet, then final reads, then all checks.
  RunResult Run();
  // Pieces of it, for tests that look closer.
  void Advance(int64_t duration_us);
  void Apply(const Fault& fault) { BeginFault(fault); }
  void End(const Fault& fault) { EndFault(fault); }
  SimNode& node(uint32_t index) { return *nodes_[index]; }
  World& world() { return world_; }
  const History& history() const { return history_; }
  // The node whose replica is established primary of the group, by the highest term; or -1.
  int PrimaryOf(uint32_t group) const;
  // Every replica of a group, one per line, for people.
  std::string DescribeGroup(uint32_t group) const;

 private:
  void Begin();
  void Handle(const Event& event);
  void HandleNode(const Event& event, SimNode* node);
  void BeginFault(const Fault& fault);
  void BeginNodeFault(const Fault& fault);
  void EndFault(const Fault& fault);
  void Chase();
  void Seesaw(uint32_t group, uint32_t node);
  void Estrange(const Fault& fault);
  void MoveAcross(const Fault& fault);
  void Inject(const Fault& fault);
  void CutFault(const Fault& fault, bool begins);
  bool IsSafeToForget(uint32_t node, Demise demise) const;
  bool IsSafeToForgetAll(Demise demise) const;
  void Crash(uint32_t node, Demise demise, bool wipe);
  void Suspect(uint32_t node);
  int64_t SuspectDelay() {
    return world_.rng.Between(world_.options.suspect_us_min, world_.options.suspect_us_max);
  }
  void ResetAll(uint32_t node);
  void Restart(uint32_t node);
  void Move(uint32_t group, uint64_t seed);
  void Operate();
  void RetireLeftovers(uint32_t group);
  std::vector<WantedOwner> WantedOf(uint32_t group) const;
  void Calm();
  void CheckConvergence();
  void CheckHistory();

  World world_;
  Watch watch_;
  std::vector<Fault> faults_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  History history_;
  std::vector<std::vector<uint32_t>> wanted_;                       // [group]: nodes
  std::vector<Epoch> epochs_;                                       // [group]
  std::vector<std::vector<std::pair<EventKind, Event>>> deferred_;  // [node]: while paused
  uint64_t events_ = 0;
  bool calm_ = false;
  std::vector<bool> fault_active_;
  std::vector<int> chased_;           // [group]: chases under way
  std::vector<bool> is_seesaw_;       // [group]: the chase is of that kind
  std::vector<size_t> seesaw_fault_;  // [group]: the last cut of a seesaw, an index of faults_
};

}  // namespace torc::sim
