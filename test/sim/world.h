#pragma once

// What all parts of one simulation share: the event queue, the network, the one source of chance,
// and everything that is on its way from one part to another.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "cluster/group_table.h"
#include "sim/event_queue.h"
#include "sim/history.h"
#include "sim/sim_network.h"
#include "sim/sim_time.h"

namespace torc::sim {

// A request of the cluster itself: nobody waits for its answer.
inline constexpr uint32_t kNobody = UINT32_MAX;

// How a client wants a read answered.
enum class Consistency : uint8_t { kLease, kRound, kSession };

struct Request {
  uint32_t client = 0;
  uint32_t operation = 0;  // its id in the history
  uint32_t attempt = 0;
  uint32_t group = 0;
  Acks acks = Acks::kMajority;
  Consistency consistency = Consistency::kLease;
  LogIndex known;  // what the client knows to be committed
  UnitId unit;
  std::vector<Access> accesses;
};

struct Response {
  uint32_t node = 0;
  uint32_t operation = 0;
  uint32_t attempt = 0;
  Result result{};
  LogIndex known;
  uint32_t hint = UINT32_MAX;  // the node that may be primary
  std::vector<Access> accesses;
};

// A partition's state on its way to another node.
struct StateTransfer {
  SnapshotSend send;
  std::string store;
};

struct SimOptions {
  uint32_t nodes = 5;
  uint32_t groups = 8;
  uint32_t copies = 3;
  uint32_t clients = 8;
  Acks acks = Acks::kMajority;
  int64_t think_us_mean = 20'000;
  int64_t clock_ppm_max = 10'000;
  int64_t sync_us = 1'000;
  uint64_t checkpoint_every = 64;      // entries
  int64_t faults_us = 12'000'000;      // how long faults and load go on
  int64_t settle_us = 15'000'000;      // how long the healed cluster has to agree
  int64_t operate_us = 200'000;        // between two looks of the outside at what is wanted
  int64_t suspect_us_min = 1'000'000;  // until gossip tells of a silent node: at least …
  int64_t suspect_us_max = 3'000'000;  // … and at most
  uint64_t events_max = UINT64_MAX;    // more is a storm of messages, which is a violation
  bool cuts_lose_sent = false;         // a cut takes along what is on its way
  bool encodes = false;                // messages between nodes go through their bytes
  // A whole cluster: the last group is the topology's, only the first `founders` nodes run at
  // first, and nodes find out by gossip and from the topology what is wanted. Else SimCluster tells
  // them.
  bool whole = false;
  uint32_t founders = 0;
  Weather weather;
  ReplicaOptions replica;

  uint32_t data_groups() const { return whole ? groups - 1 : groups; }
};

class SimNode;

struct World {
  World(const SimOptions& sim_options, uint64_t seed)
      : options(sim_options), rng(seed), network(sim_options.nodes) {}

  SimOptions options;
  Rng rng;
  SimTime now;
  EventQueue queue;
  SimNetwork network;
  SlotPool<Parcel> parcels;
  SlotPool<Request> requests;
  SlotPool<Response> responses;
  SlotPool<StateTransfer> transfers;
  std::vector<const SimNode*> nodes;
  // In a whole cluster: to whom a node sends a client that asks it for another's group.
  std::function<uint32_t(uint32_t node, uint32_t group)> whom_to_ask;
  std::vector<std::pair<uint32_t, uint32_t>> elected;  // (group, node) in the present event
  uint64_t trace = 0;                                  // hash of everything that happened
  uint64_t messages = 0;                               // parcels sent
  std::string violation;                               // the first broken rule

  void Trace(uint64_t value) {
    trace = (trace ^ value) * 0x9e3779b97f4a7c15ULL;
    trace ^= trace >> 29;
  }
  void Violate(std::string what) {
    if (violation.empty()) {
      violation = std::move(what) + " at " + std::to_string(now.value()) + " us";
    }
  }
  void After(int64_t delay_us, EventKind kind, uint32_t node, uint32_t arg, uint32_t life) {
    queue.Push(now + delay_us, kind, node, arg, life);
  }
};

}  // namespace torc::sim
