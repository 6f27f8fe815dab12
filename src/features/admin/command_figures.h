#pragma once

// INFO's sections about commands: calls, errors, latencies.

#include "command/info.h"
#include "command/services.h"

namespace torc {

// "cmdstat_get:calls=2,usec=3,usec_per_call=1.50,rejected_calls=0,failed_calls=0", for what was
// ever called.
void WriteCommandStats(InfoWriter& out, const Services& services);
// "errorstat_ERR:count=1".
void WriteErrorStats(InfoWriter& out, const Services& services);
// "latency_percentiles_usec_get:p50=1.003,p99=2.007,p99.9=2.007", by
// latency-tracking-info-percentiles.
void WriteLatencyStats(InfoWriter& out, const Services& services);

}  // namespace torc
