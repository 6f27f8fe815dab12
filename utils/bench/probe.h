#pragma once

// A PING on its own connection every millisecond, and how much CPU time the server spent from one
// answer to the next.
//
// Wall time between answers would measure the machine too: another process on the server's core
// looks like a stall of the server. CPU time does not. It is read from the kernel's task-clock
// counter (perf_event_open), which is exact to nanoseconds even while the server runs;
// /proc/PID/schedstat and the process clock lag by up to a scheduler tick (4 ms), too coarse for
// stalls of interest. The answer's arrival is taken as "the server is past everything it did
// before".

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "frame_counter.h"
#include "histogram.h"
#include "sockets.h"

namespace torc::bench {

// CPU time of all threads that a process has when this is made. Dies when the counters cannot be
// opened.
class CpuMeter {
 public:
  explicit CpuMeter(int pid);
  ~CpuMeter();
  CpuMeter(const CpuMeter&) = delete;
  CpuMeter& operator=(const CpuMeter&) = delete;

  // One figure per thread, in the order of names().
  const std::vector<uint64_t>& ReadNs();
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<int> counters_;  // one file descriptor per thread
  std::vector<std::string> names_;
  std::vector<uint64_t> read_ns_;
};

class Probe {
 public:
  Probe(const Address& address, int pid, uint64_t interval_ns);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  int fd() const { return fd_; }
  // When SendIfDue wants to be called next; UINT64_MAX while an answer is awaited.
  uint64_t DueNs() const;
  void SendIfDue(uint64_t now_ns);
  // `progress`: how much of the run is over, in [0, 1].
  void ReadAnswer(uint64_t now_ns, double progress);

  const Histogram& cpu_ns() const { return cpu_ns_; }  // between two answers
  // From a PING to its answer: what a client waits for. A generator that comes late has no part in
  // it.
  const Histogram& inside_cpu_ns() const { return inside_cpu_ns_; }
  const Histogram& wall_ns() const { return wall_ns_; }  // between two answers
  // The largest of each thousandth of the run. A stall that belongs to the server comes again at
  // the same place of the next run; one that the machine caused does not.
  using Slices = std::array<uint64_t, 1000>;
  const Slices& worst_cpu_ns() const { return worst_cpu_ns_; }
  const Slices& worst_inside_ns() const { return worst_inside_by_slice_ns_; }
  // What each thread had of the largest of all inside_cpu_ns.
  struct Share {
    std::string thread;
    uint64_t cpu_ns;
  };
  const std::vector<Share>& worst_shares() const { return worst_shares_; }

 private:
  void NoteAnswer(uint64_t now_ns, double progress);
  void NoteInside(const std::vector<uint64_t>& cpu_ns, size_t slice);

  const int fd_;
  CpuMeter meter_;
  const uint64_t interval_ns_;
  FrameCounter answers_;
  uint64_t due_ns_ = 0;
  std::vector<uint64_t> last_cpu_ns_;  // by thread
  uint64_t last_answer_ns_ = 0;        // 0: none yet
  bool in_flight_ = false;
  Histogram cpu_ns_;
  Histogram wall_ns_;
  Slices worst_cpu_ns_{};
  Slices worst_inside_by_slice_ns_{};
  std::vector<uint64_t> sent_cpu_ns_;  // by thread
  Histogram inside_cpu_ns_;
  uint64_t worst_inside_ns_ = 0;
  std::vector<Share> worst_shares_;
};

}  // namespace torc::bench
