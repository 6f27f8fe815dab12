#pragma once

// What a run prints: one line of JSON.

#include <string>

#include "load_run.h"

namespace torc::bench {

// `probe` may be null.
std::string LoadReport(const LoadResult& result, const Probe* probe);

}  // namespace torc::bench
