#pragma once

// What LATENCY GRAPH and DOCTOR say about samples of slow events. Pure.

#include <map>
#include <string>
#include <string_view>

#include "command/latency_monitor.h"

namespace torc {

// A small picture: a column per sample, the highest the slowest, with its age below.
std::string LatencyGraph(std::string_view event, const LatencySeries& series, int64_t now_unix_s);

// In words: which events were slow, how often, how slow, and what can be done.
std::string LatencyAdvice(const std::map<std::string, LatencySeries>& events, int64_t threshold_ms);

}  // namespace torc
