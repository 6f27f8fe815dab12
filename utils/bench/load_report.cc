#include "load_report.h"

#include "base/text.h"

namespace torc::bench {
namespace {

std::string QuantilesUs(const Histogram& ns) {
  const auto us = [](uint64_t value_ns) { return static_cast<double>(value_ns) / 1000; };
  return Format(R"({"count": %llu, "p50": %.1f, "p99": %.1f, "p999": %.1f, "max": %.1f})",
                static_cast<unsigned long long>(ns.count()), us(ns.Quantile(0.5)),
                us(ns.Quantile(0.99)), us(ns.Quantile(0.999)), us(ns.max()));
}

std::string SlicesUs(const Probe::Slices& ns) {
  std::string text = "[";
  for (const uint64_t slice_ns : ns) {
    text += Format("%s%.1f", text.back() == '[' ? "" : ", ", static_cast<double>(slice_ns) / 1000);
  }
  return text + "]";
}

}  // namespace

std::string LoadReport(const LoadResult& result, const Probe* probe) {
  const auto requests = static_cast<double>(result.requests);
  const double seconds = static_cast<double>(result.wall_ns) / 1e9;
  std::string text = Format(
      R"({"requests": %llu, "errors": %llu, "seconds": %.6f, "rate_per_s": %.1f, "load_cpu_ns_per_request": %.1f)",
      static_cast<unsigned long long>(result.requests),
      static_cast<unsigned long long>(result.errors), seconds, seconds > 0 ? requests / seconds : 0,
      requests > 0 ? static_cast<double>(result.own_cpu_ns) / requests : 0);
  text += Format(", \"begin_monotonic_s\": %.6f", static_cast<double>(result.begin_ns) / 1e9);
  text += Format(", \"io\": \"%s\"", result.used_ring ? "ring" : "calls");
  text += ", \"latency_us\": " + QuantilesUs(result.latency_ns);
  if (probe != nullptr) {
    text += ", \"probe_cpu_us\": " + QuantilesUs(probe->cpu_ns());
    text += ", \"probe_inside_cpu_us\": " + QuantilesUs(probe->inside_cpu_ns());
    text += ", \"probe_wall_us\": " + QuantilesUs(probe->wall_ns());
    text += ", \"probe_worst_cpu_us_by_slice\": " + SlicesUs(probe->worst_cpu_ns());
    text += ", \"probe_worst_inside_us_by_slice\": " + SlicesUs(probe->worst_inside_ns());
    text += ", \"probe_worst_us_by_thread\": [";
    for (const Probe::Share& share : probe->worst_shares()) {
      text += Format("%s[\"%s\", %.1f]", text.back() == '[' ? "" : ", ", share.thread.c_str(),
                     static_cast<double>(share.cpu_ns) / 1000);
    }
    text += "]";
  }
  return text + "}";
}

}  // namespace torc::bench
