#pragma once

// Exchange: one shard's parcels to and from the others, by a bounded ring for each direction.
//
// What a turn has for another shard gathers in an open parcel and leaves with Flush; so a busy
// shard sends few large parcels, an idle one sends at once. Only so many may be under way to one
// shard: when that one stands still, the open parcel fills up, HasRoom says no, and whoever has
// more for it must wait with what is in front of it: the clients that fill the queue are not read
// from.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/spsc_ring.h"
#include "engine/parcel.h"
#include "engine/world.h"

namespace torc {

class Exchange {
 public:
  static constexpr size_t kRequestsMax = 512;             // of one parcel
  static constexpr size_t kBytesMax = size_t{256} << 10;  // beyond, nothing is added to it
  static constexpr size_t kUnderWayMax = 16;              // parcels of requests to one shard
  static constexpr size_t kRingSize = 128;

  // What comes in. Called from Receive.
  class Handler {
   public:
    // Runs the requests from `served` on; false if it stopped before the end: the parcel is offered
    // again by the next Receive, before others of its sender.
    virtual bool Serve(Parcel& parcel) = 0;
    // The replies to requests of ours.
    virtual void Deliver(Parcel& parcel) = 0;

   protected:
    ~Handler() = default;
  };

  struct Figures {
    uint64_t requests_sent = 0;
    uint64_t requests_served = 0;
    uint64_t parcels_sent = 0;
    uint64_t notices_sent = 0;
    size_t waiting_max = 0;  // parcels that were found waiting at once
  };

  // All exchanges of the process are in `all`, by index; they and the world must outlive each
  // other's threads.
  Exchange(size_t self, World* world, const std::vector<Exchange*>* all);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // --- All by the shard's own thread
  bool HasRoom(size_t shard) const;
  // Adds a request; the caller fills in what AddArgs has not. Only with room.
  Parcel::Request& Add(size_t shard, Argv argv);
  // Runs there, between commands.
  void Notify(size_t shard, std::function<void()> notice);
  // Sends the notices. Before a reply that tells that they were given: who hears of it may cause
  // others, which must not arrive first.
  void SendNotices();
  // Sends what is open, and what was served if the log is durable up to there.
  void Flush(uint64_t durable_position);
  // Takes what has come; true if there was anything. Notices run in the order of their stamps,
  // whoever sent them, each behind what its sender had sent before.
  bool Receive(Handler& handler);
  // Takes a request out of a parcel that is being served: the copy is answered by SendLate, the
  // parcel goes on without it.
  std::unique_ptr<Parcel> TakeOut(Parcel& parcel, size_t index);
  void SendLate(std::unique_ptr<Parcel> parcel);
  // Nothing waits to be taken. For the sleep of the shard: see World.
  bool idle() const;
  // Served parcels wait for the log.
  bool holds_replies() const { return !served_.empty(); }
  // Where the log stood when the requests just served had run.
  void set_log_position(uint64_t position) { log_position_ = position; }
  const Figures& figures() const { return figures_; }
  // Parcels that wait for this shard now, roughly.
  size_t waiting() const;

 private:
  using Ring = SpscRing<Parcel*, kRingSize>;
  struct Lane {
    std::unique_ptr<Parcel> open;  // requests
    std::unique_ptr<Parcel> notices;
    std::deque<Parcel*> unsent;  // found no place in the ring
    size_t under_way = 0;
    std::vector<std::unique_ptr<Parcel>> spare;
    Ring in;                       // from that shard
    std::deque<Parcel*> to_serve;  // behind one that must be offered again
    std::deque<Parcel*> arrived;   // taken from `in`; empty between calls
  };

  std::unique_ptr<Parcel> Take(Lane& lane);
  void Send(size_t shard, Parcel* parcel);
  void SendServed(uint64_t durable_position);
  // Empties all rings; true if there was anything.
  bool TakeArrived(bool* any_notices);
  void Accept(Lane& lane, Parcel* parcel, Handler& handler);
  void ServeWaiting(Lane& lane, Handler& handler);

  const size_t self_;
  World* world_;
  const std::vector<Exchange*>* all_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // by shard
  std::deque<Parcel*> served_;                // on their way back, once the log allows
  uint64_t log_position_ = 0;
  Figures figures_;
};

}  // namespace torc
