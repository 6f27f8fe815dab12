#include "server/info_compat.h"

#include <string>

#include "base/text.h"

namespace torc {
namespace {

constexpr uint64_t kLruClockMask = (1U << 24) - 1;

std::string TcpListener(std::string_view name, const std::vector<std::string>& addresses,
                        int64_t port) {
  std::string text = "name=" + std::string(name);
  for (const std::string& address : addresses) text += ",bind=" + address;
  return text + ",port=" + std::to_string(port);
}

}  // namespace

void WriteListeners(InfoWriter& out, const ServerOptions& options, int64_t tls_port) {
  int count = 0;
  const auto add = [&](const std::string& text) {
    out.Field("listener" + std::to_string(count++), text);
  };
  if (options.port != 0) add(TcpListener("tcp", options.bind, options.port));
  if (!options.unix_socket.empty()) add("name=unix,bind=" + options.unix_socket);
  if (tls_port != 0) add(TcpListener("tls", options.bind, tls_port));
}

void WriteClocks(InfoWriter& out, int64_t unix_ms) {
  out.Field("atomicvar_api", "c11-builtin");
  out.Field("monotonic_clock", "POSIX clock_gettime");
  out.Field("lru_clock", static_cast<uint64_t>(unix_ms / 1000) & kLruClockMask);
  out.Field("io_threads_active", 0);
}

void WriteAbsentStats(InfoWriter& out) {
  for (const char* name : {"instantaneous_eventloop_duration_usec", "expire_cycle_cpu_milliseconds",
                           "io_threaded_reads_processed", "io_threaded_writes_processed",
                           "reply_buffer_shrinks", "reply_buffer_expands"}) {
    out.Field(name, 0);
  }
  out.Decimal("instantaneous_input_repl_kbps", 0);
  out.Decimal("instantaneous_output_repl_kbps", 0);
}

}  // namespace torc
