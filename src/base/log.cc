#include "base/log.h"

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <utility>

namespace torc {
namespace {

// The one mutable global of the project: a log must be reachable from a failed check in any room.
LogSink& Sink() {
  static LogSink sink;
  return sink;
}

std::atomic<LogLevel> g_lowest{LogLevel::kNotice};

}  // namespace

void SetLogSink(LogSink sink) {
  Sink() = std::move(sink);
}
void SetLogLevel(LogLevel lowest) {
  g_lowest.store(lowest, std::memory_order_relaxed);
}
LogLevel CurrentLogLevel() {
  return g_lowest.load(std::memory_order_relaxed);
}

void Log(LogLevel level, const char* format, ...) {
  if (level < CurrentLogLevel()) return;
  char text[1024];
  va_list args;
  va_start(args, format);
  const int length = std::vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  if (length < 0) return;
  const auto size =
      static_cast<size_t>(length) < sizeof(text) ? static_cast<size_t>(length) : sizeof(text) - 1;
  if (Sink()) {
    Sink()(level, std::string_view(text, size));
  } else {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(size), text);
  }
}

}  // namespace torc
