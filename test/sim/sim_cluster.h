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
#include "sim/topology_steering.h"
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

// What operators do to a whole cluster.
struct Errand {
  enum class Kind : uint8_t {
    kJoin,   // a node that never ran starts
    kDrain,  // a node is to give away what it has
    kLose,   // a machine is gone for good, with its disk
  };
  SimTime at;
  Kind kind{};
  uint32_t node = 0;
};

class SimCluster {
 public:
  SimCluster(const SimOptions& options, std::vector<Fault> faults, uint64_t seed,
             std::vector<Errand> errands = {});

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
  // How far a tug of war over a group has come.
  struct Tug {
    enum class Stage : uint8_t {
      kNone,
      kGrowing,   // to an even number of voters
      kCutOff,    // the primary, with its removal
      kTurned,    // the rest is told to remove that primary
      kTeaching,  // a learner
      kOrphaned,  // the learner: the primary that made it a voter is cut off
    };
    Stage stage = Stage::kNone;
    uint32_t primary = 0;  // when it began
    uint32_t loser = 0;    // whom that primary is told to remove
    size_t isolation = 0;  // index of the fault that cuts the primary off
  };

  void Begin();
  std::vector<uint32_t> FoundersOf(uint32_t group) const;
  void Do(Errand errand);
  void Postpone(Errand errand);
  void CheckWhole();
  void Handle(const Event& event);
  bool IsLostOnTheWay(const Event& event) const;
  void HandleNode(const Event& event, SimNode* node);
  void BeginFault(const Fault& fault);
  void BeginNodeFault(const Fault& fault);
  void EndFault(const Fault& fault);
  void Chase();
  void BeginChase(const Fault& fault);
  void Seesaw(uint32_t group, uint32_t node);
  void BeginTugOfWar(const Fault& fault);
  void EndTugOfWar(uint32_t group);
  bool HasGrown(uint32_t group, const Replica& primary) const;
  void AdvanceTugOfWar(uint32_t group);
  bool HasTaught(const Replica& primary) const;
  void Orphan(uint32_t group, uint32_t node);
  void DivideTugOfWar(uint32_t group, uint32_t node);
  void Estrange(const Fault& fault);
  void MoveAcross(const Fault& fault);
  void Inject(const Fault& fault);
  size_t Strike(const Fault& fault);  // its index in faults_
  void CutFault(const Fault& fault, bool begins);
  bool RemembersWithout(uint32_t node, uint32_t group, const std::vector<Member>& voters) const;
  bool IsAtRest(uint32_t group, const Membership& membership) const;
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
  std::vector<Errand> errands_;
  SimNodes nodes_;
  std::unique_ptr<TopologySteering> steering_;  // of a whole cluster only
  std::vector<bool> absent_;                    // [node]: never ran, or is lost for good
  std::vector<bool> leaves_;                    // [node]: drained
  SimTime forgot_at_{-2'000'000};               // when a node last lost what it had promised
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
  std::vector<Tug> tugs_;             // [group]
  std::vector<size_t> seesaw_fault_;  // [group]: the last cut of a seesaw, an index of faults_
};

}  // namespace torc::sim
