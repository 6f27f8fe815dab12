#include "features/admin/command_figures.h"

#include <cinttypes>
#include <string>
#include <vector>

#include "base/text.h"
#include "command/process_totals.h"

namespace torc {

void WriteCommandStats(InfoWriter& out, const Services& services) {
  for (const Command& command : services.commands->all()) {
    const CommandFigures figures = TotalFigures(services, command);
    if (figures.calls == 0 && figures.rejected_calls == 0 && figures.failed_calls == 0) continue;
    const uint64_t usec = figures.duration_ns / 1000;
    const double per_call = figures.calls == 0 ? 0
                                               : static_cast<double>(figures.duration_ns) / 1000.0 /
                                                     static_cast<double>(figures.calls);
    out.Field("cmdstat_" + command.full_name,
              Format("calls=%" PRIu64 ",usec=%" PRIu64 ",usec_per_call=%.2f,rejected_calls=%" PRIu64
                     ",failed_calls=%" PRIu64,
                     figures.calls, usec, per_call, figures.rejected_calls, figures.failed_calls));
  }
}

void WriteErrorStats(InfoWriter& out, const Services& services) {
  const CommandStats stats = TotalStats(services);
  for (const auto& [word, count] : stats.errors) {
    out.Field("errorstat_" + word, Format("count=%" PRIu64, count));
  }
}

void WriteLatencyStats(InfoWriter& out, const Services& services) {
  std::vector<double> percentiles;
  for (const std::string_view word : Split(services.options->latency_percentiles, ' ')) {
    if (const auto value = ParseDouble(word)) percentiles.push_back(*value);
  }
  for (const Command& command : services.commands->all()) {
    const CommandFigures figures = TotalFigures(services, command);
    const LatencyHistogram& latency = figures.latency;
    if (latency.count() == 0) continue;
    std::string text;
    for (const double percentile : percentiles) {
      if (!text.empty()) text += ',';
      const double usec = static_cast<double>(latency.PercentileNs(percentile)) / 1000.0;
      text += Format("p%.6g=%.3f", percentile, usec);
    }
    out.Field("latency_percentiles_usec_" + command.full_name, text);
  }
}

}  // namespace torc
