#pragma once

// The simulator's only source of order: a heap of small events by (time, insertion number). Two
// runs that push the same events pop them in the same order. No allocation per event beyond the
// heap's own.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/sim_time.h"

namespace torc::sim {

enum class EventKind : uint8_t {
  kDeliver,      // arg: slot of the parcel
  kTick,         // the node's timer; arg: generation of the timer
  kDiskWritten,  // the node's write(2) returned
  kDiskSynced,   // the node's fdatasync returned
  kRequest,      // a client's request reaches the node; arg: slot
  kReply,        // a reply reaches the client `node`; arg: slot
  kClientWake,   // the client `node` may go on; arg: its generation
  kFault,        // arg: index in the fault schedule
  kFaultEnd,     // the same fault ends
  kPeerReset,    // the node learns that its connection to node `arg` was reset
  kPeerDown,     // the node's failure detector declares node `arg` dead
  kPeerUp,       // and alive again
  kSnapshot,     // a state transfer is complete; arg: slot
  kRestart,      // the node's process starts again
  kResume,       // the node's process is scheduled again after a pause
  kOperator,     // the outside world's housekeeping
  kGossip,       // a datagram of gossip; arg: slot
  kGossipTick,   // the node's gossip is due; arg: generation
  kTopology,     // a question, an answer or a wish about the topology; arg: slot
  kErrand,       // arg: index in the list of errands
};

struct Event {
  SimTime at;
  uint64_t seq = 0;
  EventKind kind{};
  uint32_t node = 0;
  uint32_t arg = 0;
  uint32_t life = 0;  // events of an earlier life of the node's process are dropped
};

class EventQueue {
 public:
  void Push(SimTime at, EventKind kind, uint32_t node, uint32_t arg, uint32_t life) {
    heap_.push_back(Event{at, next_seq_++, kind, node, arg, life});
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  bool empty() const { return heap_.empty(); }
  SimTime NextTime() const { return heap_.empty() ? kNever : heap_.front().at; }
  Event Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool Later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.seq > b.seq;
  }
  std::vector<Event> heap_;
  uint64_t next_seq_ = 0;
};

// Objects that wait for an event, addressed by slot; slots are reused.
template <typename T>
class SlotPool {
 public:
  uint32_t Put(T object) {
    if (free_.empty()) {
      objects_.push_back(std::move(object));
      return static_cast<uint32_t>(objects_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    objects_[slot] = std::move(object);
    return slot;
  }
  const T& At(uint32_t slot) const { return objects_[slot]; }
  T Take(uint32_t slot) {
    free_.push_back(slot);
    return std::move(objects_[slot]);
  }

 private:
  std::vector<T> objects_;
  std::vector<uint32_t> free_;
};

}  // namespace torc::sim
