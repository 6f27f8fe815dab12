#pragma once

// The command line of the load generator.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "request_pool.h"
#include "socket_batch.h"
#include "sockets.h"

namespace torc::bench {

struct LoadOptions {
  Address address;
  size_t connections = 50;
  size_t pipeline =
      1;  // requests per batch: sent with one write, answered before the connection's next
  uint64_t requests = 0;  // 0: as many as fit into `seconds`
  double seconds = 5;     // used when requests is 0
  double rate_per_s =
      0;                // requests offered per second; 0: closed loop, as fast as the answers come
  double warmup_s = 0;  // latencies of requests meant for this first stretch are not recorded
  int probe_pid = 0;    // process whose CPU time the PING probe reads; 0: no probe
  uint64_t probe_interval_us = 1000;
  bool errors_allowed = false;
  SocketIo io = SocketIo::kAuto;
  RequestPoolOptions pool;
};

// Nothing when the line is wrong; what was wrong has been printed.
std::optional<LoadOptions> ParseLoadOptions(int argc, char** argv);

}  // namespace torc::bench
