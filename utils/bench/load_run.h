#pragma once

// The generator's loop: one thread, one epoll, a batch of requests per connection in flight.
//
// Closed loop: each connection sends its next batch when the last one is answered: it finds the
// highest throughput. Open loop (rate_per_s > 0): batches fall due at fixed times, whatever the
// server does. A due batch goes to the connection that has been free longest; when none is free it
// waits here, and its latency is still counted from the moment it was due. So a server that stalls
// for 100 ms is charged for every request that should have been sent meanwhile (no coordinated
// omission).
//
// One turn: wait for readable sockets, receive from all of them, send all batches that are due.

#include <sys/epoll.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame_counter.h"
#include "histogram.h"
#include "load_options.h"
#include "probe.h"
#include "socket_batch.h"

namespace torc::bench {

struct LoadResult {
  uint64_t requests = 0;        // answered
  uint64_t errors = 0;          // of them, with an error reply
  uint64_t begin_ns = 0;        // CLOCK_MONOTONIC when it began
  uint64_t wall_ns = 0;         // first request sent to last answer received
  uint64_t polling_cpu_ns = 0;  // spent by the generator on polling in vain for answers
  uint64_t own_cpu_ns = 0;      // spent on all else meanwhile
  bool used_ring = false;
  Histogram latency_ns;  // per request, intended send time to answer read
};

class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // Dies when the server closes a connection or answers nothing for half a minute.
  LoadResult Run();
  const Probe* probe() const { return probe_ ? &*probe_ : nullptr; }

 private:
  struct Link {
    int fd = -1;
    FrameCounter replies;
    size_t in_flight = 0;      // requests of the current batch not yet answered
    uint64_t intended_ns = 0;  // when the current batch was due
    std::string_view sending;  // its bytes, while they are queued in batch_
    std::string unsent;        // what the socket did not take yet
    std::vector<char> input;
  };

  bool Open() const { return options_.rate_per_s > 0; }
  bool MayStart(uint64_t now_ns) const;
  double Progress(uint64_t now_ns) const;  // share of the run that is over
  void StartDueBatches(uint64_t now_ns);
  void StartBatch(size_t index, uint64_t intended_ns);
  void RunSends();
  void Flush(Link& link);
  void TakeReplies(Link& link, int64_t received, uint64_t now_ns);
  void WatchRoom(Link& link, uint32_t events);
  void Turn();
  uint64_t WakeNs(uint64_t now_ns) const;
  int Wait(epoll_event* events, uint64_t now_ns);

  const LoadOptions options_;
  RequestPool pool_;
  SocketBatch batch_;
  const int epoll_;
  std::vector<Link> links_;
  std::deque<size_t> free_links_;  // longest free first
  std::optional<Probe> probe_;
  uint64_t begin_ns_ = 0;
  uint64_t end_ns_ = UINT64_MAX;    // no batch starts at or after this
  uint64_t batch_interval_ns_ = 0;  // open loop
  uint64_t batches_started_ = 0;
  uint64_t requests_started_ = 0;
  uint64_t last_answer_ns_ = 0;
  LoadResult result_;
};

}  // namespace torc::bench
